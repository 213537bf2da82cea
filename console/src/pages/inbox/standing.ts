// Where a matter stands for the person who looks at it: answers that are not yet sent count, time runs. Pure.
import type { Answer, Matter } from "./api";
import type { Queued } from "./queue";

export type Status = Answer["status"];

const RANK: Record<string, number> = { told: 0, received: 1, accepted: 2, refused: 2, phoned: 3, on_scene: 4, disposed: 5 };
const AWAITS: Record<string, Matter["steps"][number]["step"]> = { told: "received", received: "accepted", accepted: "on_scene", phoned: "on_scene", on_scene: "disposed" };

/** `state`: with what is not yet sent. `answers`: what may be answered now. `unsent`: what is not yet sent, `refused`: what was not taken. */
export interface Standing {
  state: string;
  answers: Status[];
  unsent: Queued[];
  refused: Queued[];
}

/** A matter as the person has it in mind: as if what waits on this telephone were there already. */
export function standing(matter: Matter, queue: Queued[]): Standing {
  const own = queue.filter((one) => one.incident === matter.incident);
  const unsent = own.filter((one) => one.refused === null && one.status !== "received");
  const last = unsent.at(-1);
  const state = last && (RANK[last.status] ?? 0) > (RANK[matter.state] ?? 0) ? last.status : matter.state;
  const answers = matter.answers.filter((status) => last === undefined || (RANK[status] ?? 0) > (RANK[last.status] ?? 0) || (status === "accepted" && last.status === "accepted"));
  return { state, answers: state === "refused" ? [] : answers, unsent, refused: own.filter((one) => one.refused !== null) };
}

/** The step that is waited for, by a state; null: none. */
export function awaited(matter: Matter, state: string): Matter["steps"][number] | null {
  if (matter.closed_at !== null) return null;
  return matter.steps.find((step) => step.step === AWAITS[state]) ?? null;
}

const EARTH_M = 6_371_008;

/** Metres between two places and the bearing from the first, degrees clockwise from north; WGS84 taken as a sphere (haversine). */
export function between(from: { lon: number; lat: number }, to: { lon: number; lat: number }): { metres: number; bearing: number } {
  const rad = Math.PI / 180;
  const [a, b] = [from.lat * rad, to.lat * rad];
  const turn = (to.lon - from.lon) * rad;
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(turn / 2) ** 2;
  const bearing = Math.atan2(Math.sin(turn) * Math.cos(b), Math.cos(a) * Math.sin(b) - Math.sin(a) * Math.cos(b) * Math.cos(turn)) / rad;
  return { metres: 2 * EARTH_M * Math.asin(Math.sqrt(half)), bearing: (bearing + 360) % 360 };
}
