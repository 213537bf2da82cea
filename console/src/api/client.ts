// The API, typed from its own OpenAPI document (npm run types). Every request goes through `send`.
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

/** What the API said against a request.
 *
 * `status` is HTTP's, `waitS` the seconds to wait before the next try where the API names them, `problem` the whole RFC 9457 answer. */
export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly waitS: number | null = null,
    readonly problem: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

/** The signed-in person's part of every request; the shell sets it. */
export const signedIn: { csrf: string | null; ended: () => Promise<void>; again: () => Promise<unknown> } = {
  /** null: nobody is signed in, or the service runs without sign-in. */
  csrf: null,
  /** Called when the service no longer knows the session; resolves when somebody has signed in again. */
  ended: () => Promise.reject(new Error("nobody was signed in")),
  /** Reads anew who is signed in: in another tab the same person may have signed in again, and this one's token is old. */
  again: () => Promise.resolve(),
};

const READING = ["GET", "HEAD"];
const ALONE = /^\/api\/v1\/(me$|session)/;

// Not `crypto.randomUUID`: browsers keep that from pages that came over plain HTTP.
function key(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send a request with what commands need, and once more after the person has signed in again if the session had ended.
 *
 * The second try carries the same idempotency key: what was done before the session ended is not done twice. */
export async function send(request: Request): Promise<Response> {
  const commands = !READING.includes(request.method);
  if (commands) {
    if (!request.headers.has("Idempotency-Key")) request.headers.set("Idempotency-Key", key());
    if (signedIn.csrf) request.headers.set("X-CSRF-Token", signedIn.csrf);
  }
  const spare = request.clone();
  // `fetch` is looked up at each call, not once when this file is read.
  const answer = await globalThis.fetch(request);
  if (signedIn.csrf === null || ALONE.test(new URL(request.url).pathname)) return answer;
  if (answer.status === 401) await signedIn.ended();
  else if (answer.status === 403 && commands) await signedIn.again();
  else return answer;
  if (answer.status === 403 && signedIn.csrf === request.headers.get("X-CSRF-Token")) return answer;
  if (commands && signedIn.csrf) spare.headers.set("X-CSRF-Token", signedIn.csrf);
  return globalThis.fetch(spare);
}

export const client = createClient<paths>({ baseUrl: window.location.origin, fetch: send });

/** The answer, or the API's own sentence as an `ApiError`. An answer without a body (204) is `undefined`. */
export async function read<T>(answer: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  if (!response.ok) {
    const problem = typeof error === "object" && error !== null ? (error as Record<string, unknown>) : {};
    const wait = Number.parseInt(response.headers.get("Retry-After") ?? "", 10);
    const sentence = problem["detail"] ?? problem["title"] ?? `HTTP ${response.status}`;
    throw new ApiError(String(sentence), response.status, Number.isNaN(wait) ? null : wait, problem);
  }
  return data as T;
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
  decideLetter: (letter: number, version: number, what: "issue" | "drop", body: { by: string | null; reason: string }) => {
    const asked = { params: { path: { letter_id: letter }, header: { "if-match": `"${version}"` } }, body };
    return read(what === "issue" ? client.POST("/api/v1/letters/{letter_id}/issue", asked) : client.POST("/api/v1/letters/{letter_id}/drop", asked));
  },
  alerts: async () => (await read(client.GET("/api/v1/alerts", { params: { query: { limit: 100 } } }))).items,
};
