// Zones as points on a picture: shares of its width and height from the top left, moved within the picture and kept to a thousandth.
import type { Point } from "./api";

export type ZoneKind = "road" | "sky" | "water" | "bank" | "ignore" | "private";
export const ZONE_KINDS: ZoneKind[] = ["road", "sky", "water", "bank", "ignore", "private"];

export interface Zone {
  name: string;
  kind: ZoneKind;
  polygon: Point[];
  signals?: boolean;
}

const within = (share: number) => Math.min(1, Math.max(0, Math.round(share * 1000) / 1000));

export function place(x: number, y: number): Point {
  return [within(x), within(y)];
}

/** A polygon with one point moved by shares of the picture. */
export function movePoint(polygon: Point[], index: number, dx: number, dy: number): Point[] {
  return polygon.map((point, i) => (i === index ? place(point[0] + dx, point[1] + dy) : point));
}

/** The whole polygon moved; it stops at the picture's edge and keeps its shape. */
export function moveAll(polygon: Point[], dx: number, dy: number): Point[] {
  const [xs, ys] = [polygon.map(([x]) => x), polygon.map(([, y]) => y)];
  const stop = (by: number, values: number[]) => Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), by));
  const [x, y] = [stop(dx, xs), stop(dy, ys)];
  return polygon.map((point) => place(point[0] + x, point[1] + y));
}

/** A point more, in the middle of the side that begins at `index`. */
export function split(polygon: Point[], index: number): Point[] {
  const [one, other] = [polygon[index], polygon[(index + 1) % polygon.length]];
  if (!one || !other) return polygon;
  return [...polygon.slice(0, index + 1), place((one[0] + other[0]) / 2, (one[1] + other[1]) / 2), ...polygon.slice(index + 1)];
}

/** A point less; a zone keeps three. */
export function withoutPoint(polygon: Point[], index: number): Point[] {
  return polygon.length > 3 ? polygon.filter((_, i) => i !== index) : polygon;
}

const ARROWS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How far an arrow key moves something, in shares of the picture; null: it is no arrow. Held with Shift: ten times as far. */
export function nudge(key: string, far: boolean): Point | null {
  const way = ARROWS[key];
  const step = far ? 0.05 : 0.005;
  return way ? [way[0] * step, way[1] * step] : null;
}

/** A name that none of the zones has: road, road_2, … */
export function freeName(kind: string, zones: Zone[]): string {
  for (let number = 1; ; number++) {
    const name = number === 1 ? kind : `${kind}_${number}`;
    if (zones.every((zone) => zone.name !== name)) return name;
  }
}

/** Where a label stands: the middle of the points. */
export function middle(polygon: Point[]): Point {
  const sum = polygon.reduce(([x, y], point) => [x + point[0], y + point[1]], [0, 0]);
  return [sum[0] / polygon.length, sum[1] / polygon.length];
}
