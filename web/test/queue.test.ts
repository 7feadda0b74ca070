import { beforeEach, expect, test, vi } from "vitest";
import * as queue from "../src/model/queue";
import * as store from "../src/model/store";
import type { Edit, View } from "../src/model/types";

const point = (y: number): Edit => ({
  kind: "move point",
  vertebra: "a1",
  point: "superior_anterior",
  to: [0, y],
});

function view(revision: string): View {
  const vertebra = { level: "L1", set: "a", points: [[0, 0]], moved: [] };
  return {
    vertebrae: { a1: vertebra },
    sets: [],
    index: "L1",
    history: [],
    reading: { id: "r", revision, status: "draft" },
    outlines: {},
    lines: {},
  } as unknown as View;
}

interface Asked {
  path: string;
  body: { to?: number[]; id?: string };
  revision: string;
  answer: (status: number, body: unknown) => void;
  fail: () => void;
}

let asked: Asked[] = [];
const kept = new Map<string, string>();
const settle = () => new Promise((done) => setTimeout(done));

beforeEach(() => {
  asked = [];
  kept.clear();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
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
  queue.waiting.value = [];
  queue.aside.value = [];
});

test("a refused edit is set aside with its reason, and those behind it go on", async () => {
  store.edit(point(1));
  store.edit(point(2));
  asked[0]?.answer(422, { where: "landmarks of L1", problem: "cross over", remedy: "Check them" });
  await settle();
  asked[1]?.answer(200, view("r1"));
  await settle();
  expect(queue.aside.value.map((a) => [a.problem.problem, a.stale])).toEqual([["cross over", false]]);
  expect(asked[2]?.body.to).toEqual([0, 2]);
  asked[2]?.answer(200, view("r2"));
  await settle();
});

test("once somebody else has changed the reading, all that waits is kept for the reader to decide on", async () => {
  store.edit(point(1));
  store.edit(point(2));
  asked[0]?.answer(412, { where: "this reading", problem: "has changed", remedy: "Look at it" });
  await settle();
  asked[1]?.answer(200, view("other"));
  await settle();
  expect(asked.length).toBe(2);
  expect(queue.waiting.value).toEqual([]);
  expect(queue.aside.value.map((a) => a.stale)).toEqual([true, true]);
  const [first, second] = queue.aside.value;
  if (first) queue.again(first);
  if (second) queue.leave(second);
  await settle();
  expect(asked[2]?.revision).toBe("other");
  expect(queue.aside.value).toEqual([]);
  asked[2]?.answer(200, view("r3"));
  await settle();
});

test("an edit sent again bears the same id, so that it is not made twice", async () => {
  vi.useFakeTimers();
  store.edit(point(1));
  asked[0]?.fail();
  await vi.advanceTimersByTimeAsync(0);
  queue.nextTry.value?.();
  await vi.advanceTimersByTimeAsync(0);
  vi.useRealTimers();
  expect(asked[1]?.body.id).toBe(asked[0]?.body.id);
  expect(asked[0]?.body.id).toMatch(/^[0-9a-f]{32}$/);
  asked[1]?.answer(200, view("r2"));
  await settle();
});

test("an answer that is no answer, as from a server that falls over, is tried again", async () => {
  vi.useFakeTimers();
  store.edit(point(1));
  asked[0]?.answer(502, "bad gateway");
  await vi.advanceTimersByTimeAsync(0);
  expect(queue.offline.value).toBe(true);
  await vi.advanceTimersByTimeAsync(1500);
  vi.useRealTimers();
  asked[1]?.answer(200, view("r2"));
  await settle();
  expect(queue.offline.value).toBe(false);
});

test("what waits is kept over a reload, and nothing once it is saved", async () => {
  store.edit(point(7));
  expect([...kept.values()].join()).toContain('"to":[0,7]');
  queue.waiting.value = []; // as after a reload
  asked = [];
  queue.takeUp();
  expect(asked[0]?.body.to).toEqual([0, 7]);
  asked[0]?.answer(200, view("r2"));
  await settle();
  expect(kept.size).toBe(0);
});
