import { beforeEach, expect, it, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("localStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
});
const { end, goTo, STEPS, shownOn, step } = await import("../src/tour/steps");

beforeEach(() => goTo(0));

it("begins on the worklist, and on a reading that is opened first at its own first step", () => {
  expect(shownOn("worklist", true)).toBe(0);
  expect(STEPS[shownOn("reading", true) ?? -1]?.page).toBe("reading");
});

it("goes through every step of the reading and is over then", () => {
  const places = [];
  for (let place = shownOn("reading", true); place !== null; place = shownOn("reading", true)) {
    places.push(place);
    goTo(place + 1);
  }
  expect(places).toEqual(STEPS.flatMap((one, k) => (one.page === "reading" ? [k] : [])));
  expect(shownOn("worklist", true)).toBeNull();
});

it("goes on where nothing is asked, also when the question is answered while it is shown", () => {
  goTo(STEPS.findIndex((one) => one.title === "Which one is L5?"));
  expect(STEPS[shownOn("reading", true) ?? -1]?.title).toBe("Which one is L5?");
  expect(STEPS[shownOn("reading", false) ?? -1]?.title).toBe("Name the fractured vertebra");
});

it("does not come back to the worklist once somebody reads", () => {
  goTo(2);
  expect(shownOn("worklist", true)).toBeNull();
});

it("is remembered, and can be ended and seen again", () => {
  end();
  expect(shownOn("worklist", true)).toBeNull();
  expect(kept.get("ovcf-tour")).toBe(String(STEPS.length));
  goTo(0);
  expect(step.value).toBe(0);
});

it("has a step for naming the fractured vertebra, before its points", () => {
  const titles = STEPS.map((one) => one.title);
  expect(titles.indexOf("Name the fractured vertebra")).toBe(titles.indexOf("Put points right") - 1);
});
