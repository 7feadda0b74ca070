// What OHIF does with a structured report, by its own libraries: read the report into annotations, move the ends of
// some, and save them as a new report. `node edit.mjs REPORT IMAGES.json OUT MOVES.json` prints what was read.
import fs from 'node:fs';
import { adaptersSR } from '@cornerstonejs/adapters';
import { Enums, metaData, utilities } from '@cornerstonejs/core';
import dcmjs from 'dcmjs';

const { MeasurementReport } = adaptersSR.Cornerstone3D;
const { DicomMessage, DicomMetaDictionary, datasetToDict } = dcmjs.data;
const [reportPath, imagesPath, outPath, movesPath] = process.argv.slice(2);

function read(path) {
  const bytes = fs.readFileSync(path);
  const file = DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  return DicomMetaDictionary.naturalizeDataset(file.dict);
}

// Images as a viewer's metadata provider tells of them; one without a place in the patient is laid at the origin.
const planes = new Map();
const imageIds = {};
for (const path of JSON.parse(fs.readFileSync(imagesPath, 'utf8'))) {
  const instance = read(path);
  const frames = instance.PerFrameFunctionalGroupsSequence ?? [instance];
  [frames].flat().forEach((frame, n) => {
    const shared = [instance.SharedFunctionalGroupsSequence ?? {}].flat()[0];
    const group = (name) => [frame[name] ?? shared[name] ?? instance].flat()[0];
    const cosines = [...(group('PlaneOrientationSequence').ImageOrientationPatient ?? [1, 0, 0, 0, 1, 0])].map(Number);
    const origin = [...(group('PlanePositionSequence').ImagePositionPatient ?? [0, 0, 0])].map(Number);
    const spacing = [...(group('PixelMeasuresSequence').PixelSpacing ?? instance.ImagerPixelSpacing ?? [1, 1])].map(Number);
    const imageId = `test:${instance.SOPInstanceUID}:${n + 1}`;
    imageIds[`${instance.SOPInstanceUID}:${n + 1}`] = imageId;
    planes.set(imageId, {
      instance,
      frameNumber: n + 1,
      sopCommonModule: { sopInstanceUID: instance.SOPInstanceUID, sopClassUID: instance.SOPClassUID },
      imagePlaneModule: {
        frameOfReferenceUID: instance.FrameOfReferenceUID,
        rowCosines: cosines.slice(0, 3),
        columnCosines: cosines.slice(3),
        imagePositionPatient: origin,
        rowPixelSpacing: spacing[0],
        columnPixelSpacing: spacing[1],
      },
    });
  });
}

const report = read(reportPath);
report.imageId = 'test:report';
const predecessor = {
  PredecessorDocumentsSequence: {
    StudyInstanceUID: report.StudyInstanceUID,
    ReferencedSeriesSequence: {
      SeriesInstanceUID: report.SeriesInstanceUID,
      ReferencedSOPSequence: {
        ReferencedSOPClassUID: report.SOPClassUID,
        ReferencedSOPInstanceUID: report.SOPInstanceUID,
      },
    },
  },
};
const provider = {
  get(kind, imageId) {
    return kind === Enums.MetadataModules.PREDECESSOR_SEQUENCE ? predecessor : planes.get(imageId)?.[kind];
  },
};
metaData.addProvider((kind, imageId) => provider.get(kind, imageId), 10_000);

// They print what they read, and a warning for each group that no tool can edit: landmarks, findings, scores.
const { log, warn } = console;
console.log = console.warn = () => {};
const read3d = MeasurementReport.generateToolState(report, imageIds, provider);
Object.assign(console, { log, warn });

// OHIF hands on the code of the finding and of each site, and nothing else of the group.
const coded = (one) => {
  const { CodeValue, CodingSchemeDesignator, CodeMeaning } = [one].flat()[0];
  return { CodeValue, CodingSchemeDesignator, CodeMeaning };
};
const moves = JSON.parse(fs.readFileSync(movesPath, 'utf8'));
const summary = [];
const state = {};
for (const [tool, measurements] of Object.entries(read3d)) {
  for (const one of measurements) {
    const { annotation } = one;
    const imageId = annotation.metadata.referencedImageId;
    const [finding, sites] = [coded(one.finding), one.findingSites.map(coded)];
    const points = annotation.data.handles.points;
    const move = moves.find(
      (m) => m.tool === tool && m.finding === finding.CodeValue && m.site === sites[0].CodeValue && m.image === one.sopInstanceUid,
    );
    const told = { tool, finding, sites, uid: one.TrackingUniqueIdentifier, image: one.sopInstanceUid };
    const stats = Object.values(annotation.data.cachedStats)[0];
    summary.push({ ...told, value: stats.length ?? stats.angle, points: points.map((p) => [...p]) });
    if (move?.delete) continue;
    if (move) {
      const at = utilities.worldToImageCoords(imageId, points[move.end]);
      points[move.end] = utilities.imageToWorldCoords(imageId, [at[0] + move.by[0], at[1] + move.by[1]]);
    }
    state[imageId] ??= {};
    state[imageId][tool] ??= { data: [] };
    state[imageId][tool].data.push({ ...annotation, finding, findingSites: sites });
  }
}
// A length that a reader drew beside ours.
const drawn = moves.find((m) => m.draw);
if (drawn) {
  const imageId = imageIds[`${drawn.image}:1`];
  const points = drawn.draw.map((p) => utilities.imageToWorldCoords(imageId, p));
  const data = { handles: { points, textBox: {} }, cachedStats: { [`imageId:${imageId}`]: { length: 12, unit: 'mm' } }, label: 'mine' };
  state[imageId] ??= {};
  state[imageId].Length ??= { data: [] };
  state[imageId].Length.data.push({ data, metadata: { toolName: 'Length', referencedImageId: imageId }, findingSites: [] });
}
const saved = MeasurementReport.generateReport(state, provider, {
  predecessorImageId: report.imageId,
  PersonName: moves.find((m) => m.reader)?.reader,
});
fs.writeFileSync(outPath, Buffer.from(datasetToDict(saved.dataset).write()));
log(JSON.stringify(summary));
