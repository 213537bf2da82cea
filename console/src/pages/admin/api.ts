// What the configuration pages ask the API, typed from the OpenAPI document.
import { client, read } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type State = Schemas["RegistryState"];
export type Operation = Schemas["RegistryOperation"];
export type Preview = Schemas["RegistryPreview"];
export type Effect = Schemas["RegistryEffect"];
export type Change = Schemas["RegistryChange"];
export type Problem = Schemas["RegistryProblem"];
export type Done = Schemas["RegistryDone"];
export type Imported = Schemas["RegistryImport"];
export type Revision = Schemas["RegistryRevision"];
export type DryRun = Schemas["DryRun"];
export type User = Schemas["User"];
export type UserLink = Schemas["UserLink"];
export type NewUser = Schemas["NewUser"];
export type UserChange = Schemas["UserChange"];
export type Token = Schemas["Token"];
export type NewToken = Schemas["NewToken"];
export type GivenToken = Schemas["GivenToken"];
export type Grants = Schemas["Grants"];
export type Kind = "congestion" | "fireworks" | "fishing";
export type Point = [number, number];

export const KINDS: Kind[] = ["congestion", "fireworks", "fishing"];

/** An entry of the registry as the file gives it; its form is the JSON Schema's. */
export type Entry = Record<string, unknown>;

/** Which cameras are listed; what is left out does not matter. */
export interface CameraFilter {
  q?: string;
  category?: string;
  platform?: string;
  enabled?: boolean;
  paused?: boolean;
}

const matching = (sha: string) => ({ "if-match": `"${sha}"` });
const named = (name: string) => ({ params: { path: { name } } });

/** A file for the import, as the form the API takes. */
function form(file: File): FormData {
  const made = new FormData();
  made.append("file", file);
  return made;
}

export const registry = {
  state: () => read<State>(client.GET("/api/v1/registry")),
  cameras: (filter: CameraFilter, cursor: string | null, limit: number) =>
    read(client.GET("/api/v1/registry/cameras", { params: { query: { ...filter, limit, ...(cursor === null ? {} : { cursor }) } } })),
  camera: (id: string) => read(client.GET("/api/v1/registry/cameras/{camera_id}", { params: { path: { camera_id: id } } })),
  picture: (id: string, preset: string | null) =>
    read<Blob>(client.GET("/api/v1/registry/cameras/{camera_id}/picture", { params: { path: { camera_id: id }, query: preset === null ? {} : { preset } }, parseAs: "blob" })),
  preview: (operations: Operation[], base: string) => read<Preview>(client.POST("/api/v1/registry/preview", { params: { query: { base } }, body: { operations } })),
  save: (operations: Operation[], base: string, reason: string) =>
    read<Done>(client.POST("/api/v1/registry/edits", { params: { header: matching(base) }, body: { operations, reason } })),
  checkZone: (polygon: Point[]) => read(client.POST("/api/v1/registry/zones/check", { body: { polygon } })),
  /** The days of a year on which each rule holds, as the draft would make it. */
  year: (year: number, { base, operations }: { base: string; operations: Operation[] }) =>
    operations.length > 0
      ? read(client.POST("/api/v1/registry/rules/preview", { params: { query: { year, base } }, body: { operations } }))
      : read(client.GET("/api/v1/registry/rules/preview", { params: { query: { year } } })),
  lunar: (year: number) => read(client.GET("/api/v1/registry/calendar", { params: { query: { year } } })),
  import: (file: File, base: string, reason: string | null) =>
    read<Imported>(
      client.POST("/api/v1/registry/cameras/import", {
        params: { header: matching(base), query: reason === null ? {} : { apply: true, reason } },
        body: { file: file.name },
        bodySerializer: () => form(file),
      }),
    ),
  revisions: (cursor: number | null) => read(client.GET("/api/v1/registry/revisions", { params: { query: { limit: 50, ...(cursor === null ? {} : { cursor }) } } })),
  compare: (one: number, other: number) =>
    read(client.GET("/api/v1/registry/revisions/{revision_id}/diff/{other_id}", { params: { path: { revision_id: one, other_id: other } } })),
  restore: (revision: number, base: string, reason: string) =>
    read<Done>(client.POST("/api/v1/registry/revisions/{revision_id}/restore", { params: { path: { revision_id: revision }, header: matching(base) }, body: { reason } })),
  route: (query: { kind: Kind; camera?: string; category?: string; rule?: string; at?: string }) => read<DryRun>(client.GET("/api/v1/route", { params: { query } })),
};

export type RuleYear = Awaited<ReturnType<typeof registry.year>>[number];

export const people = {
  users: () => read<User[]>(client.GET("/api/v1/users")),
  add: (body: NewUser) => read<UserLink>(client.POST("/api/v1/users", { body })),
  change: (name: string, version: number, body: UserChange) =>
    read<User>(client.PUT("/api/v1/users/{name}", { params: { path: { name }, header: { "if-match": `"${version}"` } }, body })),
  link: (name: string) => read<UserLink>(client.POST("/api/v1/users/{name}/link", named(name))),
  signOut: (name: string) => read(client.DELETE("/api/v1/users/{name}/sessions", named(name))),
  tokens: () => read<Token[]>(client.GET("/api/v1/tokens")),
  scopes: () => read<Record<string, string[]>>(client.GET("/api/v1/tokens/scopes")),
  give: (body: NewToken) => read<GivenToken>(client.POST("/api/v1/tokens", { body })),
  revoke: (name: string) => read(client.DELETE("/api/v1/tokens/{name}", named(name))),
};
