// The doors of clinical studies.

import { ask, ROOT, refused, send } from "../common/api";
import type { Report } from "../report/types";
import type {
  BareVisit,
  Candidate,
  ConsensusLine,
  Entry,
  Exercise,
  Judgement,
  Lock,
  Merged,
  Patient,
  Protocol,
  Query,
  Round,
  RoundLine,
  StudyDetail,
  StudyLine,
} from "./types";

const at = (study: string) => `/clinical-studies/${encodeURIComponent(study)}`;
const ofOutcome = (study: string, patient: string, outcome: string) =>
  `${at(study)}/outcomes/${encodeURIComponent(patient)}/${encodeURIComponent(outcome)}`;
const ofRound = (study: string, round: string) => `${at(study)}/rounds/${encodeURIComponent(round)}`;

export const studies = (): Promise<StudyLine[]> => ask("/clinical-studies");
export const study = (code: string): Promise<StudyDetail> => ask(at(code));
export const begin = (text: string): Promise<StudyDetail> => send("POST", "/clinical-studies", { text });
export const check = (text: string): Promise<Protocol> => send("POST", "/protocol-check", { text });
export const amend = (code: string, text: string, because: string): Promise<StudyDetail> =>
  send("POST", `${at(code)}/protocol`, { text, because });
export const protocolFile = (code: string): string => `${ROOT}${at(code)}/protocol.toml`;
export const exampleProtocol = `${ROOT}/protocol-example`;

export const readers = (code: string): Promise<{ code: string; name: string }[]> =>
  ask(`${at(code)}/readers`);
export const rounds = (code: string): Promise<RoundLine[]> => ask(`${at(code)}/rounds`);
export const newRound = (code: string, name: string, by: string[], seed: number): Promise<Round> =>
  send("POST", `${at(code)}/rounds`, { name, readers: by, seed });
export const round = (code: string, name: string): Promise<Round> => ask(ofRound(code, name));
export const close = (code: string, name: string, because: string): Promise<Round> =>
  send("POST", `${ofRound(code, name)}/close`, { because });
export const results = (code: string, name: string): Promise<Report> => ask(`${ofRound(code, name)}/results`);
export const resultsFile = (code: string, name: string, format: string): string =>
  `${ROOT}${ofRound(code, name)}/results.${format}`;
export const consensus = (code: string, name: string): Promise<ConsensusLine[]> =>
  ask(`${ofRound(code, name)}/consensus`);
export const makeConsensus = (code: string, name: string): Promise<ConsensusLine[]> =>
  send("POST", `${ofRound(code, name)}/consensus`);

type Facts = Record<string, boolean | number | string>;

export const candidates = (code: string): Promise<Candidate[]> => ask(`${at(code)}/candidates`);
export const screen = (
  code: string,
  candidate: string,
  facts: Facts,
  on: string,
  reason: string,
): Promise<Candidate> => send("POST", `${at(code)}/candidates`, { code: candidate, facts, on, reason });
export const enrol = (
  code: string,
  candidate: string,
  given: { on: string; consent_on: string | null; arm: string | null },
): Promise<Candidate> =>
  send("POST", `${at(code)}/candidates/${encodeURIComponent(candidate)}/enrolment`, given);

export const patients = (code: string): Promise<Patient[]> => ask(`${at(code)}/patients`);
const ofPatient = (code: string, number: string) => `${at(code)}/patients/${encodeURIComponent(number)}`;
export const hold = (
  code: string,
  number: string,
  window: string,
  on: string,
  answers: Record<string, number>,
): Promise<Patient> => send("POST", `${ofPatient(code, number)}/visits`, { window, on, answers });
export const leave = (
  code: string,
  number: string,
  given: { kind: string; on: string; keep_data: boolean; because: string },
): Promise<Patient> => send("POST", `${ofPatient(code, number)}/withdrawal`, given);
export const stay = (code: string, number: string, reason: string): Promise<Patient> =>
  send("POST", `${ofPatient(code, number)}/withdrawal/retraction`, { reason });
const ofForm = (code: string, number: string, window: string, form: string) =>
  `${ofPatient(code, number)}/forms/${encodeURIComponent(window)}/${encodeURIComponent(form)}`;
export const entry = (code: string, number: string, window: string, form: string): Promise<Entry> =>
  ask(ofForm(code, number, window, form));
export const fill = (
  code: string,
  number: string,
  window: string,
  form: string,
  values: Record<string, string | null>,
  reason: string,
): Promise<Entry> => send("PUT", ofForm(code, number, window, form), { values, reason });

export const queries = (code: string): Promise<Query[]> => ask(`${at(code)}/queries`);
export const raise = (code: string): Promise<{ asked: number }> => send("POST", `${at(code)}/queries/raise`);
export const step = (code: string, query: string, what: string, text: string): Promise<Query> =>
  send("POST", `${at(code)}/queries/${query}/steps`, { step: what, text });

export const outcomes = (code: string): Promise<Judgement[]> => ask(`${at(code)}/outcomes`);
export const judge = (
  code: string,
  patient: string,
  outcome: string,
  answer: string,
  because: string,
  blinded: boolean,
): Promise<Judgement> => send("POST", ofOutcome(code, patient, outcome), { answer, because, blinded });
/** The bare images that an outcome is judged by. */
export const bareImages = (code: string, patient: string, outcome: string): Promise<BareVisit[]> =>
  ask(`${ofOutcome(code, patient, outcome)}/images`);
export const bareImage = (code: string, patient: string, outcome: string, image: string): string =>
  `${ROOT}${ofOutcome(code, patient, outcome)}/${image}`;

export const flow = (code: string): Promise<{ part: string; what: string; patients: number }[]> =>
  ask(`${at(code)}/flow`);
export const flowChart = (code: string): string => `${ROOT}${at(code)}/flow.svg`;
export const table = (code: string): string => `${ROOT}${at(code)}/table.csv`;
export const excel = (code: string): string => `${ROOT}${at(code)}/table.xlsx`;
export const checklist = (code: string, which: "stard" | "tripod-ai" | "consort"): string =>
  `${ROOT}${at(code)}/checklists/${which}.csv`;
export const lock = (code: string): Promise<Lock> => ask(`${at(code)}/lock`);
export const turnLock = (code: string, how: "lock" | "unlock", because: string): Promise<Lock> =>
  send("POST", `${at(code)}/${how}`, { because });
export const verify = (code: string): Promise<{ digest: string; differences: string[] }> =>
  ask(`${at(code)}/lock/check`);

export const newKey = (code: string): Promise<{ site: string; private: string; public: string }> =>
  send("POST", `${at(code)}/key`);
export const trust = (code: string, text: string): Promise<void> =>
  send("POST", `${at(code)}/trust`, { public: text });
export const merge = (code: string, file: File): Promise<Merged> =>
  ask(`${at(code)}/merge`, {
    method: "POST",
    headers: { "Content-Type": "application/octet-stream" },
    body: file,
  });
export async function bundle(code: string, key: string): Promise<Blob> {
  const answer = await fetch(`${ROOT}${at(code)}/bundle`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ private: key }),
  });
  if (!answer.ok) throw await refused(answer);
  return answer.blob();
}

export const exercises = (): Promise<Exercise[]> => ask("/training");
export const newExercise = (): Promise<Exercise> => send("POST", "/training", {});
