// What the rotation page asks of the API.
import { client, read } from "../../api/client";
import type { components, paths } from "../../api/schema";

export type BoardLooks = components["schemas"]["BoardLooks"];
export type BoardStates = components["schemas"]["BoardStates"];
export type HeatMap = components["schemas"]["HeatMap"];
export type Wall = components["schemas"]["Wall"];
export type WallTile = components["schemas"]["WallTile"];
export type BoardCamera = components["schemas"]["BoardCamera"];
export type MissedLook = components["schemas"]["MissedLook"];
export type State = WallTile["state"];
export type HeatBy = NonNullable<NonNullable<paths["/api/v1/rotation/heat"]["get"]["parameters"]["query"]>["by"]>;
export type WallFilter = NonNullable<paths["/api/v1/rotation/wall"]["get"]["parameters"]["query"]>;

export const board = {
  looks: () => read(client.GET("/api/v1/rotation/board")),
  states: (since: string | null) => read(client.GET("/api/v1/rotation/board/states", { params: { query: since === null ? {} : { since } } })),
  heat: (by: HeatBy) => read(client.GET("/api/v1/rotation/heat", { params: { query: { by } } })),
  wall: (wanted: WallFilter) => read(client.GET("/api/v1/rotation/wall", { params: { query: wanted } })),
  camera: (id: string) => read(client.GET("/api/v1/rotation/cameras/{camera_id}", { params: { path: { camera_id: id } } })),
  misses: (signed: boolean, cursor: string | null) =>
    read(client.GET("/api/v1/misses", { params: { query: { signed, limit: 100, ...(cursor === null ? {} : { cursor: Number(cursor) }) } } })),
  unsigned: () => read(client.GET("/api/v1/misses/figures")),
  signOff: (ids: string[], note: string) => read(client.POST("/api/v1/misses/sign-off", { body: { ids, note } })),
};
