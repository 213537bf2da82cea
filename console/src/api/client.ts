// The API, typed from its own OpenAPI document (npm run types).
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Status = components["schemas"]["Status"];
export type Look = components["schemas"]["Look"];
export type Incident = components["schemas"]["Incident"];
export type IncidentCase = components["schemas"]["IncidentCase"];
export type IncidentWhole = components["schemas"]["IncidentWhole"];
export type Alert = components["schemas"]["Alert"];
export type Dispatch = components["schemas"]["Dispatch"];
export type SpotCheck = components["schemas"]["SpotCheck"];
export type SpotChecks = components["schemas"]["SpotChecks"];
export type CaseLine = components["schemas"]["CaseView"];
export type CaseWhole = components["schemas"]["CaseWhole"];
export type MoveRequest = components["schemas"]["MoveRequest"];
export type CaseFilter = NonNullable<paths["/api/v1/cases"]["get"]["parameters"]["query"]>;
export type EvidenceFile = components["schemas"]["File"];

// `fetch` is looked up at each call, not once when this file is read.
const client = createClient<paths>({ baseUrl: window.location.origin, fetch: (request) => globalThis.fetch(request) });

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

async function read<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (data === undefined) {
    const detail = (error as { detail?: string; title?: string } | undefined) ?? {};
    throw new ApiError(detail.detail ?? detail.title ?? `HTTP ${response.status}`, response.status);
  }
  return data;
}

export const api = {
  status: () => read<Status>(client.GET("/api/v1/status")),
  looks: async () => (await read(client.GET("/api/v1/looks"))).items,
  incidents: async () => (await read(client.GET("/api/v1/incidents", { params: { query: { limit: 100 } } }))).items,
  incident: (id: string) => read<IncidentWhole>(client.GET("/api/v1/incidents/{incident_id}", { params: { path: { incident_id: id } } })),
  spotChecks: () => read<SpotChecks>(client.GET("/api/v1/spot-checks")),
  dispatches: () => read<Dispatch[]>(client.GET("/api/v1/dispatches", { params: { query: { closed: false } } })),
  cases: (wanted: CaseFilter, cursor?: string) => read(client.GET("/api/v1/cases", { params: { query: { ...wanted, ...(cursor ? { cursor } : {}), limit: 50 } } })),
  caseCounts: (wanted: CaseFilter) => read(client.GET("/api/v1/cases/counts", { params: { query: wanted } })),
  case: (number: string) => read<CaseWhole>(client.GET("/api/v1/cases/{number}", { params: { path: { number } } })),
  move: (number: string, version: number, body: MoveRequest) =>
    read<CaseWhole>(client.POST("/api/v1/cases/{number}/moves", { params: { path: { number }, header: { "if-match": `"${version}"` } }, body })),
  decideLetter: (letter: number, version: number, what: "issue" | "drop", body: { by: string; reason: string }) => {
    const asked = { params: { path: { letter_id: letter }, header: { "if-match": `"${version}"` } }, body };
    return read(what === "issue" ? client.POST("/api/v1/letters/{letter_id}/issue", asked) : client.POST("/api/v1/letters/{letter_id}/drop", asked));
  },
  alerts: async () => (await read(client.GET("/api/v1/alerts", { params: { query: { limit: 100 } } }))).items,
};
