// What the logs page asks for.
import { client, read } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type AuditEntry = Schemas["AuditEntry"];
export type LedgerState = Schemas["LedgerState"];
export type LedgerRoot = Schemas["LedgerRoot"];
export type EvidenceCall = Schemas["EvidenceCall"];
export type Trace = Schemas["EvidenceTrace"];
export type TraceFile = Schemas["TraceFile"];
export type TraceIncident = Schemas["TraceIncident"];

export interface Wanted {
  who?: string;
  action?: string;
  ref?: string;
  camera?: string;
  outcome?: "done" | "refused";
  since?: string;
  until?: string;
}

/** What is given of it, as a query. */
export function asQuery(wanted: Wanted): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter((pair): pair is [string, string] => Boolean(pair[1])));
}

export const logs = {
  audit: (wanted: Wanted, cursor?: number) => read(client.GET("/api/v1/audit", { params: { query: { ...asQuery(wanted), ...(cursor ? { cursor } : {}), limit: 50 } } })),
  verifyAudit: () => read(client.GET("/api/v1/audit/verify")),
  calls: (wanted: Wanted, cursor?: string) =>
    read(client.GET("/api/v1/evidence-calls", { params: { query: { ...asQuery(wanted), ...(cursor ? { cursor: Number(cursor) } : {}), limit: 50 } } })),
  trace: (sha256: string) => read<Trace>(client.GET("/api/v1/evidence/{sha256}/trace", { params: { path: { sha256 } } })),
  ledger: () => read<LedgerState>(client.GET("/api/v1/ledger/state")),
  check: () => read(client.POST("/api/v1/ledger/checks")),
  roots: (cursor?: string) => read(client.GET("/api/v1/ledger/roots", { params: { query: { ...(cursor ? { cursor } : {}), limit: 30 } } })),
};
