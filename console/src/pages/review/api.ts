// What the review page asks the API, typed from the OpenAPI document.
import { client, read } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Item = Schemas["ReviewItem"];
export type Whole = Schemas["ReviewWhole"];
export type Sighting = Schemas["ReviewSighting"];
export type Mark = Schemas["ReviewMark"];
export type Zone = Schemas["ReviewZone"];
export type Counts = Schemas["ReviewCounts"];
export type Lease = Schemas["ReviewLease"];
export type Reason = Schemas["ReviewReason"];
export type VerdictBody = Schemas["ReviewVerdictRequest"];
export type Verdict = Schemas["ReviewVerdict"];
export type Dismissals = Schemas["ReviewDismissals"];
export type CallBody = Schemas["CallMade"] & { department: string };
export type MapOf = Schemas["ReviewMap"];
export type Kind = "congestion" | "fireworks" | "fishing";
export type Show = "waiting" | "unclear" | "judged";

export interface Filter {
  show: Show;
  kind: Kind | undefined;
}

const one = (id: string) => ({ params: { path: { incident_id: id } } });

export const review = {
  queue: (filter: Filter, cursor: string | undefined) =>
    read(client.GET("/api/v1/review/queue", { params: { query: { show: filter.show, limit: 100, ...(filter.kind ? { kind: filter.kind } : {}), ...(cursor ? { cursor } : {}) } } })),
  counts: () => read<Counts>(client.GET("/api/v1/review/counts")),
  whole: (id: string) => read<Whole>(client.GET("/api/v1/review/{incident_id}", one(id))),
  next: (kind: Kind | undefined, besides: string[]) =>
    read(client.POST("/api/v1/review/next", { body: { give_back: [], besides, ...(kind ? { kind } : {}) } })).then((answer) => answer.lease),
  lease: (id: string) => read<Lease>(client.POST("/api/v1/review/{incident_id}/lease", one(id))),
  giveBack: (id: string) => read(client.DELETE("/api/v1/review/{incident_id}/lease", { ...one(id), keepalive: true })),
  judge: (id: string, version: number, body: VerdictBody) =>
    read<Verdict>(client.POST("/api/v1/review/{incident_id}/verdict", { params: { path: { incident_id: id }, header: { "if-match": `"${version}"` } }, body })),
  dismiss: (incidents: string[], code: string, reason: string | null) =>
    read<Dismissals>(client.POST("/api/v1/review/dismissals", { body: { incidents, code, reason } })),
  call: (id: string, { department, ...body }: CallBody) =>
    read(client.POST("/api/v1/dispatches/{incident_id}/{department}/calls", { params: { path: { incident_id: id, department } }, body })),
};
