import { beforeEach, expect, test, vi } from "vitest";
import { merge } from "../src/model/merge";
import * as store from "../src/model/store";
import type { Edit, View } from "../src/model/types";

const point = (y: number): Edit => ({
  kind: "move point",
  vertebra: "a1",
  point: "superior_anterior",
  to: [0, y],
});
const held = (y: number): store.Held => ({ vertebra: "a1", points: [[0, y]], moved: ["superior_anterior"] });

function view(revision: string): View {
  const vertebra = { level: "L1", set: "a", points: [[0, 0]], moved: [] };
  const reading = { revision, status: "draft" };
  return {
    vertebrae: { a1: vertebra },
    sets: [],
    index: "L1",
    history: [],
    reading,
    outlines: {},
    lines: {},
  } as unknown as View;
}

interface Asked {
  path: string;
  body: { to?: number[] };
  revision: string;
  answer: (status: number, body: unknown) => void;
  fail: () => void;
}

let asked: Asked[] = [];
const settle = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  asked = [];
  vi.stubGlobal("fetch", (path: string, init?: RequestInit) => {
    return new Promise((done, fail) => {
      asked.push({
        path,
        body: init?.body ? JSON.parse(String(init.body)) : {},
        revision: new Headers(init?.headers).get("If-Match") ?? "",
        answer: (status, body) => done(Response.json(body, { status })),
        fail: () => fail(new TypeError("the line is down")),
      });
    });
  });
  store.saved.value = view("r1");
  store.held.value = null;
  store.previewed.value = null;
  store.doubtful.value = null;
  store.problem.value = null;
  store.waiting.value = [];
  store.aside.value = [];
});

test("a preview changes the parts it names and leaves the others", () => {
  const now = view("r1");
  const then = merge(now, { index: "L2", vertebrae: { a1: null } });
  expect(then.index).toBe("L2");
  expect(then.vertebrae).toEqual({});
  expect(then.reading).toBe(now.reading);
});

test("never more than one preview is under way, and the newest wins", async () => {
  store.hold(held(1), point(1));
  store.hold(held(2), point(2));
  store.hold(held(3), point(3));
  expect(asked.map((a) => a.body.to)).toEqual([[0, 1]]);
  asked[0]?.answer(200, { index: "first" });
  await settle();
  expect(asked.map((a) => a.body.to)).toEqual([
    [0, 1],
    [0, 3],
  ]);
  asked[1]?.answer(200, { index: "third" });
  await settle();
  expect(store.shown.value?.index).toBe("third");
  store.letGo(null);
});

test("a point is drawn where it is held before any answer comes", async () => {
  store.hold(held(7), point(7));
  expect(store.vertebra("a1")?.points).toEqual([[0, 7]]);
  expect(store.vertebra("a1")?.moved).toEqual(["superior_anterior"]);
  store.letGo(null);
  expect(store.vertebra("a1")?.points).toEqual([[0, 0]]);
  asked[0]?.answer(200, {});
  await settle();
});

test("letting go saves one edit, and the point stays where it was dropped meanwhile", async () => {
  store.hold(held(5), point(5));
  asked[0]?.answer(200, { index: "seen" });
  await settle();
  store.letGo(point(5));
  expect(asked.map((a) => a.path)).toEqual(["api/preview", "api/edits"]);
  expect(store.vertebra("a1")?.points).toEqual([[0, 5]]);
  asked[1]?.answer(200, view("r2"));
  await settle();
  expect(store.saved.value?.reading.revision).toBe("r2");
  expect(store.waiting.value).toEqual([]);
});

test("a point that is taken and not moved makes the server ready, and shows nothing", async () => {
  store.warm(point(0));
  expect(asked.map((a) => a.path)).toEqual(["api/preview"]);
  asked[0]?.answer(200, { index: "as it was" });
  await settle();
  expect(store.previewed.value).toBe(null);
});

test("a preview that comes back after the gesture is over changes nothing", async () => {
  store.hold(held(5), point(5));
  store.letGo(null);
  asked[0]?.answer(200, { index: "late" });
  await settle();
  expect(store.shown.value?.index).toBe("L1");
});

test("edits go out one after the other, each for the state the last one made", async () => {
  store.edit(point(1));
  store.edit(point(2));
  expect(asked.map((a) => a.revision)).toEqual(["r1"]);
  asked[0]?.answer(200, view("r2"));
  await settle();
  expect(asked.map((a) => a.revision)).toEqual(["r1", "r2"]);
  asked[1]?.answer(200, view("r3"));
  await settle();
});

test("an edit that is refused is said, and the reading is shown as it is", async () => {
  store.edit(point(1));
  asked[0]?.answer(422, { where: "landmarks of L1", problem: "cross over", remedy: "Check them" });
  await settle();
  asked[1]?.answer(200, view("r1"));
  await settle();
  expect(store.aside.value.map((a) => a.problem.problem)).toEqual(["cross over"]);
  expect(store.waiting.value).toEqual([]);
});

test("an edit is kept while the line is down and sent again", async () => {
  vi.useFakeTimers();
  store.edit(point(1));
  asked[0]?.fail();
  await vi.advanceTimersByTimeAsync(0);
  expect(store.offline.value).toBe(true);
  expect(store.waiting.value.length).toBe(1);
  await vi.advanceTimersByTimeAsync(2000);
  vi.useRealTimers();
  asked[1]?.answer(200, view("r2"));
  await settle();
  expect(store.offline.value).toBe(false);
  expect(store.waiting.value).toEqual([]);
});
