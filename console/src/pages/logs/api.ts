// What the logs page asks for.
import { ApiError, client, read, send } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type AuditEntry = Schemas["AuditEntry"];
export type LedgerState = Schemas["LedgerState"];
export type LedgerRoot = Schemas["LedgerRoot"];

export interface Wanted {
  who?: string;
  action?: string;
  ref?: string;
  camera?: string;
  outcome?: "done" | "refused";
  since?: string;
  until?: string;
}

/** One line of the register of evidence calls. */
export interface EvidenceCall {
  seq: number;
  at: string;
  who: string;
  shown: string;
  role: string;
  unit: string | null;
  how: string;
  why: string | null;
  camera: string | null;
  camera_name: string | null;
  taken_at: string | null;
  what: string | null;
  recipient: string | null;
  export: string | null;
  sha256: string | null;
}

export interface TraceIncident {
  id: string;
  kind: string;
  state: string;
  summary: string;
  first_seen_at: string;
  reviews: { verdict: string; reason: string | null; reviewer: string; at: string }[];
  alerts: { id: string; department: string; type: string; state: string; created_at: string; received_at: string | null }[];
}

export interface TraceFile {
  evidence: number;
  role: string;
  media_type: string;
  bytes: number;
  on_disk: "same" | "differs" | "gone";
  visit: { id: string; camera: string; camera_name: string | null; preset: string | null; started_at: string; outcome: string };
  link: { position: number; hash: string; at: string } | null;
  incidents: TraceIncident[];
}

/** All that is known of a file, without its picture. */
export interface Trace {
  sha256: string;
  copy_of: string | null;
  files: TraceFile[];
  exports: { number: string; created_at: string; recipient_unit: string; reason: string; unmasked: boolean; by: string; state: string }[];
  calls: EvidenceCall[];
}

interface Page<T> {
  items: T[];
  next: string | null;
}

async function get<T>(path: string, query: Record<string, string> = {}): Promise<T> {
  const search = new URLSearchParams(query).toString();
  const answer = await send(new Request(`${window.location.origin}/api/v1${path}${search ? `?${search}` : ""}`));
  if (answer.ok) return (await answer.json()) as T;
  const problem = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  throw new ApiError(String(problem["detail"] ?? problem["title"] ?? `HTTP ${answer.status}`), answer.status, null, problem);
}

/** What is given of it, as a query. */
export function asQuery(wanted: Wanted): Record<string, string> {
  return Object.fromEntries(Object.entries(wanted).filter((pair): pair is [string, string] => Boolean(pair[1])));
}

export const logs = {
  audit: (wanted: Wanted, cursor?: number) => read(client.GET("/api/v1/audit", { params: { query: { ...asQuery(wanted), ...(cursor ? { cursor } : {}), limit: 50 } } })),
  verifyAudit: () => read(client.GET("/api/v1/audit/verify")),
  calls: (wanted: Wanted, cursor?: string) => get<Page<EvidenceCall>>("/evidence-calls", { ...asQuery(wanted), ...(cursor ? { cursor } : {}), limit: "50" }),
  trace: (sha256: string) => get<Trace>(`/evidence/${sha256}/trace`),
  ledger: () => read<LedgerState>(client.GET("/api/v1/ledger/state")),
  check: () => read(client.POST("/api/v1/ledger/checks")),
  roots: (cursor?: string) => read(client.GET("/api/v1/ledger/roots", { params: { query: { ...(cursor ? { cursor } : {}), limit: 30 } } })),
};
