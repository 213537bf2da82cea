// What is kept and for how long, and holds on it.
import { client, read } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Retention = Schemas["Retention"];
export type Hold = Schemas["RetentionHold"];
export type NewHold = Schemas["NewHold"];
export type Run = Schemas["RetentionRun"];
export type Kind = NewHold["kind"];

export const retention = {
  read: () => read<Retention>(client.GET("/api/v1/retention")),
  hold: (body: NewHold) => read<Hold>(client.POST("/api/v1/retention/holds", { body })),
  lift: (hold: number, because: string) => read(client.DELETE("/api/v1/retention/holds/{hold}", { params: { path: { hold }, query: { because } } })),
};
