import { expect, test } from "vitest";
import type { Point } from "./api";
import { freeName, moveAll, movePoint, nudge, place, split, withoutPoint } from "./geometry";

const square: Point[] = [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4], [0.2, 0.4]];

test("an arrow key moves a point by half a percent of the picture, with Shift ten times as far", () => {
  const [dx, dy] = nudge("ArrowRight", false) ?? [0, 0];
  expect(movePoint(square, 1, dx, dy)).toEqual([[0.2, 0.2], [0.405, 0.2], [0.4, 0.4], [0.2, 0.4]]);
  const far = nudge("ArrowUp", true) ?? [0, 0];
  expect(movePoint(square, 0, ...far)[0]).toEqual([0.2, 0.15]);
  expect(nudge("Tab", false)).toBeNull();
});

test("nothing leaves the picture, and a whole zone keeps its shape at the edge", () => {
  expect(place(-0.3, 1.7)).toEqual([0, 1]);
  expect(moveAll(square, -0.5, 0.1)).toEqual([[0, 0.3], [0.2, 0.3], [0.2, 0.5], [0, 0.5]]);
});

test("a side is halved, also the last one; a zone keeps three points", () => {
  expect(split(square, 3)[4]).toEqual([0.2, 0.3]);
  expect(split(square, 0)[1]).toEqual([0.3, 0.2]);
  const three = withoutPoint(square, 0);
  expect(three).toHaveLength(3);
  expect(withoutPoint(three, 0)).toEqual(three);
});

test("a new zone is called after its kind, and never as another one", () => {
  const zone = { name: "road", kind: "road", polygon: square } as const;
  expect(freeName("sky", [zone])).toBe("sky");
  expect(freeName("road", [zone, { ...zone, name: "road_2" }])).toBe("road_3");
});
