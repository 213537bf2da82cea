// What the dispatch page asks of the API.
import type { components } from "../../api/schema";
import { client, read } from "../../api/client";

export type Matter = components["schemas"]["Dispatch"];
export type CallMade = components["schemas"]["CallMade"];
export type Silence = components["schemas"]["Silence"];
export type NewSilence = components["schemas"]["NewSilence"];
export type Ack = components["schemas"]["Ack"];

/** `closed`: only what is over, or only what is open. `kind`, `department`: only of this one. */
export interface Filter {
  closed: boolean;
  kind: Matter["kind"] | null;
  department: string | null;
}

export const dispatch = {
  list: ({ closed, kind, department }: Filter) =>
    read<Matter[]>(
      client.GET("/api/v1/dispatches", {
        params: { query: { closed, limit: 200, ...(kind ? { kind: kind as "congestion" } : {}), ...(department ? { department } : {}) } },
      }),
    ),
  call: (matter: Matter, body: CallMade) =>
    read<Ack>(client.POST("/api/v1/dispatches/{incident_id}/{department}/calls", { params: { path: { incident_id: matter.incident, department: matter.department } }, body })),
  again: (alert: string) => read(client.POST("/api/v1/alerts/{alert_id}/again", { params: { path: { alert_id: alert } } })),
  silences: (over: boolean) => read<Silence[]>(client.GET("/api/v1/silences", { params: { query: { over } } })),
  silence: (body: NewSilence) => read<Silence>(client.POST("/api/v1/silences", { body })),
  endSilence: (id: number) => read<Silence>(client.DELETE("/api/v1/silences/{silence_id}", { params: { path: { silence_id: id } } })),
};
