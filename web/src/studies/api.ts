// The doors of clinical studies.

import { ask, ROOT, send } from "../common/api";
import type { Report } from "../report/types";
import type { ConsensusLine, Protocol, Round, RoundLine, StudyDetail, StudyLine } from "./types";

const at = (study: string) => `/clinical-studies/${encodeURIComponent(study)}`;
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
