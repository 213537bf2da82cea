// What the figures page asks for.
import { client, read } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type Coverage = Schemas["Coverage"];
export type CoverageFigures = Schemas["CoverageFigures"];
export type CoverageLook = Schemas["CoverageLook"];
export type IncidentFigures = Schemas["IncidentFigures"];
export type IncidentCounts = Schemas["IncidentCounts"];
export type FalseAlarms = Schemas["FalseAlarms"];
export type FalseAlarmCounts = Schemas["FalseAlarmCounts"];
export type ResponseFigures = Schemas["ResponseFigures"];
export type DepartmentFigures = Schemas["DepartmentFigures"];
export type SpotCheckRange = Schemas["SpotCheckRange"];
export type CheckFigures = Schemas["CheckFigures"];

export const PLACES = ["category", "platform", "division"] as const;
export const BYS = {
  coverage: PLACES,
  incidents: ["kind", ...PLACES, "camera"],
  "false-alarms": [],
  response: ["department", "kind"],
  departments: [],
  "spot-checks": PLACES,
} as const satisfies Record<string, readonly string[]>;
export type Figure = keyof typeof BYS;
export type PlaceBy = (typeof PLACES)[number];
export type IncidentBy = (typeof BYS)["incidents"][number];
export type ResponseBy = (typeof BYS)["response"][number];

export interface Days {
  since: string;
  until: string;
}

export const figures = {
  coverage: (days: Days, by: PlaceBy) => read<Coverage>(client.GET("/api/v1/figures/coverage", { params: { query: { ...days, by } } })),
  looks: (days: Days, by: PlaceBy, key: string | null, cursor?: string) =>
    read(client.GET("/api/v1/figures/coverage/looks", { params: { query: { ...days, by, ...(key === null ? {} : { key }), ...(cursor ? { cursor } : {}), limit: 50 } } })),
  incidents: (days: Days, by: IncidentBy) => read<IncidentFigures>(client.GET("/api/v1/figures/incidents", { params: { query: { ...days, by } } })),
  falseAlarms: (days: Days) => read<FalseAlarms>(client.GET("/api/v1/figures/false-alarms", { params: { query: { ...days, limit: 100 } } })),
  response: (days: Days, by: ResponseBy) => read<ResponseFigures>(client.GET("/api/v1/figures/response", { params: { query: { ...days, by } } })),
  departments: (days: Days) => read(client.GET("/api/v1/figures/departments", { params: { query: days } })),
  spotChecks: (days: Days, by: PlaceBy) => read<SpotCheckRange>(client.GET("/api/v1/figures/spot-checks", { params: { query: { ...days, by } } })),
};

/** Where a figure's file is: a link, so that the browser saves it. */
export function fileAddress(figure: Figure, days: Days, by: string | null, format: "csv" | "xlsx", lang: string): string {
  return `/api/v1/figures/file?${new URLSearchParams({ figure, ...days, ...(by ? { by } : {}), format, lang }).toString()}`;
}
