import { expect, test } from "vitest";
import type { Mark } from "./api";
import { boxesAt, findingStands, pictureIn, trailsAt } from "./overlay";

const mark = (at: number, left: number, track: number | null = null, what = "person"): Mark => ({ at, what, track, box: [left, 0.2, left + 0.1, 0.6] });

test("a picture that is shown whole lies in the middle, with bars at its sides", () => {
  expect(pictureIn(1000, 500, 640, 640)).toEqual({ left: 250, top: 0, width: 500, height: 500 });
  expect(pictureIn(400, 500, 640, 320)).toEqual({ left: 0, top: 150, width: 400, height: 200 });
});

test("what is followed moves between its moments; what is not stands at the nearest one", () => {
  const walked = boxesAt([mark(0, 0.1, 7), mark(2, 0.5, 7)], 1);
  expect(walked).toHaveLength(1);
  expect(walked[0]?.box[0]).toBeCloseTo(0.3);
  const jam = [mark(0, 0.1, null, "standing"), mark(0, 0.4, null, "moving"), mark(2, 0.8, null, "standing")];
  expect(boxesAt(jam, 0.9).map((b) => b.box[0])).toEqual([0.1, 0.4]);
  expect(boxesAt(jam, 1.5).map((b) => b.box[0])).toEqual([0.8]);
});

test("nothing is drawn where nothing was seen", () => {
  expect(boxesAt([mark(0, 0.1, 1), mark(0, 0.3)], 5)).toEqual([]);
  expect(boxesAt([], 0)).toEqual([]);
});

test("a track leads to where the thing is now, and not beyond", () => {
  const [trail] = trailsAt([mark(0, 0.1, 1), mark(1, 0.2, 1), mark(2, 0.3, 1)], 1.4);
  expect(trail?.points.map(([x]) => Number(x.toFixed(2)))).toEqual([0.15, 0.25]);
});

test("the finding's box stands around its moment, and always where the clip's time is not known", () => {
  const sighting = { box: [0, 0, 1, 1], best_at: 4 };
  expect(findingStands(sighting, 4.5)).toBe(true);
  expect(findingStands(sighting, 9)).toBe(false);
  expect(findingStands(sighting, null)).toBe(true);
  expect(findingStands({ box: null, best_at: 4 }, 4)).toBe(false);
});
