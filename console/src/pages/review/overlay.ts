// What is drawn over a clip at one moment of it: zones, boxes, tracks. Pure but for `paint`, which puts it on a canvas.
import type { Mark, Sighting, Zone } from "./api";

export interface Layers {
  boxes: boolean;
  tracks: boolean;
  zones: boolean;
}

export type Box = [number, number, number, number];

export interface Shown {
  box: Box;
  what: string;
}

export interface Frame {
  left: number;
  top: number;
  width: number;
  height: number;
}

/** Half of the longest time between two moments at which a detector looks (s). */
const NEAR_S = 1.1;
/** How long the box of the finding itself stands around its moment (s). */
const BEST_S = 1.5;
const TRAIL_S = 6;

export const zoneColours: Record<string, string> = {
  road: "#00a0ff",
  sky: "#78ffff",
  water: "#2878ff",
  bank: "#ffc850",
  ignore: "#9a9a9a",
  private: "#9a9a9a",
};
export const markColours: Record<string, string> = { person: "#ffd000", boat: "#ff8a00", standing: "#ff5a36", moving: "#52e05a", sparks: "#ff6bd6" };
export const findingColour = "#ff2828";

/** Where the picture lies in an element that shows it whole (object-fit: contain). */
export function pictureIn(width: number, height: number, videoWidth: number, videoHeight: number): Frame {
  if (!videoWidth || !videoHeight || !width || !height) return { left: 0, top: 0, width, height };
  const scale = Math.min(width / videoWidth, height / videoHeight);
  const [w, h] = [videoWidth * scale, videoHeight * scale];
  return { left: (width - w) / 2, top: (height - h) / 2, width: w, height: h };
}

/** Boxes at a moment of the look: followed things between their moments too, others at the nearest moment. */
export function boxesAt(marks: readonly Mark[], at: number): Shown[] {
  const shown: Shown[] = [];
  const tracks = new Map<number, Mark[]>();
  const loose: Mark[] = [];
  for (const mark of marks) {
    if (mark.track === null) loose.push(mark);
    else tracks.set(mark.track, [...(tracks.get(mark.track) ?? []), mark]);
  }
  for (const track of tracks.values()) {
    const before = track.filter((m) => m.at <= at).at(-1);
    const after = track.find((m) => m.at > at);
    if (before && after && after.at - before.at <= 4 * NEAR_S) {
      const share = (at - before.at) / (after.at - before.at);
      shown.push({ what: before.what, box: before.box.map((v, i) => v + share * ((after.box[i] ?? v) - v)) as Box });
    } else {
      const near = [before, after].filter((m): m is Mark => m !== undefined && Math.abs(m.at - at) <= NEAR_S)[0];
      if (near) shown.push({ what: near.what, box: near.box as Box });
    }
  }
  const moment = loose.reduce<number | null>((best, m) => (best === null || Math.abs(m.at - at) < Math.abs(best - at) ? m.at : best), null);
  if (moment !== null && Math.abs(moment - at) <= NEAR_S) shown.push(...loose.filter((m) => m.at === moment).map((m) => ({ what: m.what, box: m.box as Box })));
  return shown;
}

/** Where followed things came from: feet of their boxes up to a moment. */
export function trailsAt(marks: readonly Mark[], at: number): { what: string; points: [number, number][] }[] {
  const tracks = new Map<number, Mark[]>();
  for (const mark of marks) if (mark.track !== null && mark.at <= at && mark.at >= at - TRAIL_S) tracks.set(mark.track, [...(tracks.get(mark.track) ?? []), mark]);
  return [...tracks.values()]
    .filter((track) => track.length > 1)
    .map((track) => ({ what: track[0]?.what ?? "", points: track.map((m) => footOf(m.box as Box)) }));
}

function footOf([left, , right, bottom]: Box): [number, number] {
  return [(left + right) / 2, bottom];
}

/** Whether the finding's own box stands at a moment; where its time is not known it always does. */
export function findingStands(sighting: Pick<Sighting, "box" | "best_at">, at: number | null): boolean {
  if (!sighting.box) return false;
  return at === null || sighting.best_at === null || Math.abs(sighting.best_at - at) <= BEST_S;
}

/** Draw; `at` in seconds of the look, null: the clip's place in the look is not known. */
export function paint(ink: CanvasRenderingContext2D, frame: Frame, sighting: Sighting, zones: readonly Zone[], layers: Layers, at: number | null): void {
  const x = (v: number) => frame.left + v * frame.width;
  const y = (v: number) => frame.top + v * frame.height;
  const line = Math.max(1.5, frame.width / 500);
  ink.clearRect(0, 0, ink.canvas.width, ink.canvas.height);
  ink.lineJoin = "round";
  ink.font = `${Math.max(11, frame.width / 60)}px sans-serif`;
  if (layers.zones) {
    for (const zone of zones) {
      ink.strokeStyle = ink.fillStyle = zoneColours[zone.kind] ?? "#c8c8c8";
      ink.lineWidth = line;
      ink.setLineDash([line * 4, line * 3]);
      ink.beginPath();
      zone.polygon.forEach((point, i) => (i === 0 ? ink.moveTo(x(point[0] ?? 0), y(point[1] ?? 0)) : ink.lineTo(x(point[0] ?? 0), y(point[1] ?? 0))));
      ink.closePath();
      ink.stroke();
      ink.globalAlpha = 0.07;
      ink.fill();
      ink.globalAlpha = 1;
      const [first] = zone.polygon;
      if (first) ink.fillText(zone.name, x(first[0] ?? 0) + 4, y(first[1] ?? 0) + Math.max(12, frame.width / 55));
    }
    ink.setLineDash([]);
  }
  if (layers.tracks && at !== null) {
    for (const trail of trailsAt(sighting.marks, at)) {
      ink.strokeStyle = markColours[trail.what] ?? "#ffffff";
      ink.lineWidth = line;
      ink.beginPath();
      trail.points.forEach(([px, py], i) => (i === 0 ? ink.moveTo(x(px), y(py)) : ink.lineTo(x(px), y(py))));
      ink.stroke();
    }
  }
  if (layers.boxes) {
    for (const { box, what } of at === null ? [] : boxesAt(sighting.marks, at)) {
      ink.strokeStyle = markColours[what] ?? "#ffffff";
      ink.lineWidth = line;
      ink.strokeRect(x(box[0]), y(box[1]), (box[2] - box[0]) * frame.width, (box[3] - box[1]) * frame.height);
    }
    if (sighting.box && findingStands(sighting, at)) {
      const [left, top, right, bottom] = sighting.box as Box;
      ink.strokeStyle = findingColour;
      ink.lineWidth = line * 1.5;
      ink.setLineDash(at === null ? [line * 2, line * 2] : []);
      ink.strokeRect(x(left), y(top), (right - left) * frame.width, (bottom - top) * frame.height);
      ink.setLineDash([]);
    }
  }
}
