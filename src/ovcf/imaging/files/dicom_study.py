"""DICOM files into series: grouped by series, stacked by position, split where one series holds several images."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from ovcf.errors import ImageValueError, SeriesGeometryError, UnreadableFileError
from ovcf.imaging.classify import contrast_unsaid, is_localizer, plain, posture_of, role_of
from ovcf.imaging.field_of_view import field_of_view_in
from ovcf.imaging.files.chemical_shift import fat_shift_mm
from ovcf.imaging.files.described import contrast_tags, words_of
from ovcf.imaging.files.dicom_files import check_size, opened, pixel_shape, read_tags, slices_of, why_no_image
from ovcf.imaging.files.multiframe import FrameTags, frames_of
from ovcf.imaging.files.pixels import decode, voxels_of
from ovcf.imaging.one_patient import acquired_on, age_of, check_one_patient, text
from ovcf.imaging.radiograph import image_plane
from ovcf.imaging.stack import by_orientation, stack
from ovcf.imaging.stored import StoredFrame, StoredImages
from ovcf.imaging.study import Patient, Series
from ovcf.imaging.volume import Volume
from ovcf.language.worded import say
from ovcf.vocabulary import Modality

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from pydicom import Dataset

    from ovcf.errors import OvcfError
    from ovcf.imaging.files.archive import FoundFile
    from ovcf.imaging.stack import Slice, Stack

_MODALITIES = {
    "MR": Modality.MR,
    "CT": Modality.CT,
    "CR": Modality.RADIOGRAPH,
    "DX": Modality.RADIOGRAPH,
    "RF": Modality.RADIOGRAPH,
    "RG": Modality.RADIOGRAPH,
}
_MOST_DAMAGED = 8
"""Files of a series that are left out one by one, decoding the rest anew; with more the series is not worth it."""
_SAGITTAL_X = 0.8
"""Left-right part of the normal of a slice that could be called sagittal."""

Files = list[tuple["FoundFile", "Dataset"]]


@dataclass(frozen=True, slots=True, eq=False)
class DicomStudy:
    """The series of DICOM files, what was left out and why, the patient, and every doubt whose images they are.

    ``damaged`` are the errors of files and series that should have been read and could not be.
    """

    series: tuple[Series, ...]
    skipped: tuple[tuple[str, str], ...]
    patient: Patient | None
    doubts: tuple[str, ...] = ()
    damaged: tuple[OvcfError, ...] = ()

    @classmethod
    def read(cls, files: Sequence[FoundFile], *, wanted: Collection[str] = ()) -> DicomStudy:
        """Read the files of one patient; ``wanted`` names series that are kept although they look like localizers.

        A damaged file, or a series that makes no volume, is left out where it was not given by name.

        Raises:
            UnreadableFileError, SeriesGeometryError, SeriesChoiceError: see :func:`ovcf.imaging.read.read_study`.
        """
        groups: dict[str, Files] = {}
        skipped: list[tuple[str, str]] = []
        damaged: list[OvcfError] = []
        images: dict[str, FoundFile] = {}
        read: list[tuple[str, Dataset]] = []
        for file in files:
            try:
                tags = read_tags(file)
                why = why_no_image(tags)
                if why is None and str(tags.get("Modality")) in _MODALITIES:
                    check_size(file, tags)
            except UnreadableFileError as error:
                if file.asked_for:
                    raise
                skipped.append((file.name, error.problem))
                damaged.append(error)
                continue
            instance = str(tags.get("SOPInstanceUID") or file.name)
            if why is None and str(tags.get("Modality")) not in _MODALITIES:
                why = say("modality {tags} is neither MR, CT nor radiograph", tags=tags.get("Modality") or "missing")
            if why is None and instance in images:
                why = say("the same image as {name}", name=images[instance].name)
            if why is not None:
                skipped.append((file.name, why))
                continue
            images[instance] = file
            read.append((file.name, tags))
            groups.setdefault(str(tags.get("SeriesInstanceUID") or file.path.parent), []).append((file, tags))
        doubts = check_one_patient(read)
        series: list[Series] = []
        for uid, group in sorted(groups.items()):
            found, left_out, errors = _readable(uid, group, wanted)
            series += found
            skipped += left_out
            damaged += errors
        patient = next((_patient(tags) for _, tags in read), None)
        return cls(tuple(series), tuple(skipped), patient, doubts, tuple(damaged))


def _readable(
    uid: str, group: Files, wanted: Collection[str]
) -> tuple[list[Series], list[tuple[str, str]], list[OvcfError]]:
    """The series of the files of a group that can be read, the files left out with the reason, and what was damaged.

    Raises:
        UnreadableFileError, SeriesGeometryError, ImageValueError: of files given by name, or of a series that is
        wanted.
    """
    group, skipped = _without_copies(group)
    damaged: list[OvcfError] = []
    whole = len(group)
    while group:
        try:
            found, reason = _series_of(uid, group, wanted)
        except (UnreadableFileError, SeriesGeometryError, ImageValueError) as error:
            if any(file.asked_for for file, _ in group) or _is_named(uid, group, wanted):
                raise
            one = [file for file, _ in group if file.name == error.where and isinstance(error, UnreadableFileError)]
            if one and len(damaged) < _MOST_DAMAGED:
                skipped.append((one[0].name, error.problem))
                damaged.append(error)
                group = [(file, tags) for file, tags in group if file is not one[0]]
                continue
            skipped += [
                (file.name, say("its series is left out: {problem}", problem=error.problem)) for file, _ in group
            ]
            return [], skipped, [*damaged, error]
        if damaged:
            lost = say("{lost} of {whole} files are damaged and left out", lost=whole - len(group), whole=whole)
            found = [replace(one, reasons=(*one.reasons, lost)) for one in found]
        return found, [*skipped, *((file.name, reason) for file, _ in group if reason)], damaged
    return [], skipped, damaged


def _without_copies(group: Files) -> tuple[Files, list[tuple[str, str]]]:
    """The files of a group without those that show what another shows at the same place with the same contrast: a
    series sent twice under new names of its images. Pixels are read only where there are two of both."""
    places: dict[str, Files] = {}
    for file, tags in group:
        where = tags.get("ImagePositionPatient"), tags.get("ImageOrientationPatient")
        key = str((where, frames_of(tags)[0].contrast())) if all(where) else file.name
        places.setdefault(key, []).append((file, tags))
    copies: dict[FoundFile, FoundFile] = {}
    for there in places.values():
        first: dict[bytes, FoundFile] = {}
        for file, _ in there if len(there) > 1 else ():
            with suppress(UnreadableFileError):
                pixels = opened(file, specific_tags=["PixelData"]).get("PixelData") or b""
                same = first.setdefault(sha256(pixels).digest(), file) if pixels else file
                copies |= {file: same} if same is not file else {}
    told = [(file.name, say("the same image as {name}", name=same.name)) for file, same in copies.items()]
    return [(file, tags) for file, tags in group if file not in copies], told


def _is_named(uid: str, group: Files, wanted: Collection[str]) -> bool:
    named = uid in wanted or str(group[0][1].get("SeriesDescription")) in wanted
    return named or any({f.name, f.basename} & set(wanted) for f, _ in group)


def _series_of(uid: str, group: Files, wanted: Collection[str]) -> tuple[list[Series], str]:
    """The series that one group of files makes, or why it makes none."""
    tags = group[0][1]
    modality = _MODALITIES[str(tags.Modality)]
    if modality is Modality.RADIOGRAPH:
        return [_radiograph(f, t, uid if len(group) == 1 else str(t.get("SOPInstanceUID"))) for f, t in group], ""
    frames = frames_of(tags)
    named = _is_named(uid, group, wanted)
    if not named and is_localizer(words_of(tags), frames[0].words("ImageType", "FrameType")):
        return [], "a localizer"
    name = say(
        "{tags} ({group} files, {name} …)",
        tags=tags.get("SeriesDescription") or uid,
        group=len(group),
        name=group[0][0].name,
    )
    slices: list[Slice] = []
    try:
        for file, one in group:
            slices += slices_of(file, one)
        if not named and _is_three_plane(slices):
            return [], "a localizer: slices in three perpendicular planes"
        stacks = stack(slices, name)
    except SeriesGeometryError as error:
        # Only what could be measured on may stop the study: an angled axial series through the discs may not.
        if not named and modality is Modality.MR and slices and not any(_nearly_sagittal(s) for s in slices):
            return [], say("not one stack, and not sagittal: {problem}", problem=error.problem)
        raise
    by_name = {file.name: (file, one) for file, one in group}
    return [_volume_series(uid, modality, made, by_name, split=len(stacks) > 1) for made in stacks], ""


def _nearly_sagittal(one: Slice) -> bool:
    return abs(float(one.normal[0])) > _SAGITTAL_X


def _is_three_plane(slices: Sequence[Slice]) -> bool:
    """Whether slices lie in three perpendicular orientations, as a localizer's do."""
    normals = [plane[0].normal for plane in by_orientation(slices)]
    return len(normals) >= 3 and max(abs(float(a @ b)) for i, a in enumerate(normals[:3]) for b in normals[:i]) < 0.5


def _volume_series(
    uid: str, modality: Modality, made: Stack, by_name: dict[str, tuple[FoundFile, Dataset]], *, split: bool
) -> Series:
    image = Volume(voxels_of(made, by_name), made.affine)
    first = made.slices[0]
    tags = by_name[first.file][1]
    frame = frames_of(tags)[first.frame]
    words = plain(words_of(tags), made.named)
    seen = contrast_tags(frame, modality, words)
    role, reasons = role_of(seen, image)
    posture, held = posture_of(words, text(tags, "PatientPosition"))
    splitting = (say("split from a series of several: {named}", named=made.named),) if split else ()
    description = str(tags.get("SeriesDescription") or tags.get("ProtocolName") or "")
    return Series(
        uid=f"{uid} [{made.named}]" if split else uid,
        description=f"{description} [{made.named}]" if split else description,
        image=image,
        modality=modality,
        role=role,
        reasons=(*reasons, *splitting, *made.notes, *filter(None, (held,))),
        posture=posture,
        acquired_on=acquired_on(tags),
        field_strength_t=frame.number("MagneticFieldStrength"),
        repetition_time_ms=seen.repetition_time_ms,
        echo_time_ms=seen.echo_time_ms,
        inversion_time_ms=seen.inversion_time_ms,
        contrast_agent=seen.contrast_agent,
        fat_shift_mm=None if modality is not Modality.MR else fat_shift_mm(frame, first),
        files=(names := tuple(sorted({s.file for s in made.slices}))),
        study_uid=_uid(tags, "StudyInstanceUID"),
        instances=tuple(_uid(by_name[name][1], "SOPInstanceUID") for name in names),
        stored=_stored_stack(made, by_name),
        contrast_unsaid=contrast_unsaid(seen),
        field_of_view=field_of_view_in(tags),
    )


def _stored_stack(made: Stack, by_name: dict[str, tuple[FoundFile, Dataset]]) -> StoredImages:
    tags = by_name[made.slices[0].file][1]
    return StoredImages(
        series_uid=_uid(tags, "SeriesInstanceUID"),
        sop_class=_uid(tags, "SOPClassUID"),
        frame_of_reference=_uid(tags, "FrameOfReferenceUID"),
        size=made.slices[0].shape,
        frames=tuple(StoredFrame(_uid(by_name[s.file][1], "SOPInstanceUID"), s.frame + 1) for s in made.slices),
        affine=tuple(tuple(float(x) for x in row) for row in made.affine[:3]),
    )


def _radiograph(file: FoundFile, tags: Dataset, uid: str) -> Series:
    words, frame = words_of(tags), FrameTags(tags)
    image, role, reasons = image_plane(frame, next(decode([(file, tags)]))[0], words)
    posture, held = posture_of(words, text(tags, "PatientPosition"))
    return Series(
        uid=uid,
        description=str(tags.get("SeriesDescription") or tags.get("StudyDescription") or ""),
        image=image,
        modality=Modality.RADIOGRAPH,
        role=role,
        reasons=(*reasons, *filter(None, (held,))),
        posture=posture,
        acquired_on=acquired_on(tags),
        files=(file.name,),
        study_uid=_uid(tags, "StudyInstanceUID"),
        instances=(_uid(tags, "SOPInstanceUID"),),
        stored=StoredImages(
            series_uid=_uid(tags, "SeriesInstanceUID"),
            sop_class=_uid(tags, "SOPClassUID"),
            size=pixel_shape(frame)[1:],
            frames=(StoredFrame(_uid(tags, "SOPInstanceUID")),),
        ),
        field_of_view=field_of_view_in(tags),
    )


def _uid(tags: Dataset, keyword: str) -> str:
    return str(tags.get(keyword) or "")


def _patient(tags: Dataset) -> Patient:
    sex = text(tags, "PatientSex")
    return Patient(
        id=text(tags, "PatientID") or None,
        sex=sex if sex in ("F", "M", "O") else None,
        age=age_of(tags, acquired_on(tags)),
    )
