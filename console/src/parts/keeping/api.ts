// What is kept for how long, and holds beyond it.
import { client, read } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Retention = Schemas["Retention"];
export type Hold = Schemas["RetentionHold"];
export type Run = Schemas["RetentionRun"];
export type Class = Schemas["RetentionClass"];
export type HoldKind = Schemas["NewHold"]["kind"];

export const keeping = {
  all: () => read<Retention>(client.GET("/api/v1/retention")),
  hold: (kind: HoldKind, ref: string, reason: string) => read<Hold>(client.POST("/api/v1/retention/holds", { body: { kind, ref, reason } })),
  lift: (hold: number, because: string) => read(client.DELETE("/api/v1/retention/holds/{hold}", { params: { path: { hold }, query: { because } } })),
};

/** 1536 → 1.5 kB; by thousands, as disks are sold. */
export function size(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, bytes > 0 ? Math.floor(Math.log10(bytes) / 3) : 0);
  return `${(bytes / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
