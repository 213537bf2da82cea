// What a person sees of a matter: answers on their way count, limits run, the way there is right.
import { expect, test } from "vitest";
import type { Matter } from "./api";
import type { Queued } from "./queue";
import { awaited, between, standing } from "./standing";

const OPENED = "2026-11-26T08:00:00Z";
const steps: Matter["steps"] = (["received", "accepted", "on_scene", "disposed"] as const).map((step, number) => ({ step, due: `2026-11-26T08:${10 * (number + 1)}:00Z`, done_at: null }));
const matter = { incident: "i1", alert: "a1", state: "received", answers: ["accepted", "refused", "phoned", "on_scene", "disposed"], steps, closed_at: null } as unknown as Matter;

function on(status: Queued["status"], more: Partial<Queued> = {}): Queued {
  return { key: status, who: "wang", alert: "a1", incident: "i1", status, note: null, reason: null, eta: null, photos: [], reported_at: OPENED, refused: null, ...more };
}

test("what is not yet sent counts as said", () => {
  const now = standing(matter, [on("accepted")]);
  expect(now.state).toBe("accepted");
  expect(now.answers).toEqual(["accepted", "phoned", "on_scene", "disposed"]);
  expect(awaited(matter, now.state)?.step).toBe("on_scene");
});

test("another matter's answers, and what was not taken, do not", () => {
  const now = standing(matter, [on("disposed", { incident: "i2" }), on("accepted", { refused: "too late" })]);
  expect([now.state, now.answers, now.refused.length, now.unsent.length]).toEqual(["received", matter.answers, 1, 0]);
});

test("after a refusal that is on its way nothing is offered", () => {
  expect(standing(matter, [on("refused", { reason: "x" })]).answers).toEqual([]);
});

test("nothing is awaited of what is closed", () => {
  expect(awaited({ ...matter, closed_at: OPENED }, "received")).toBeNull();
});

test("distance and bearing are those of the haversine formula", () => {
  // One degree of latitude on a sphere of 6,371.008 km is 111.195 km; a degree of longitude at 60° is half of one.
  expect(between({ lon: 112.9, lat: 28 }, { lon: 112.9, lat: 29 }).metres).toBeCloseTo(111_195, -1);
  const east = between({ lon: 10, lat: 60 }, { lon: 10.01, lat: 60 });
  expect(east.metres).toBeCloseTo(556, 0);
  expect(east.bearing).toBeCloseTo(90, 1);
});
