// Signing in and out, and who is signed in.
import { ApiError, client, read } from "./client";
import type { components } from "./schema";

/** Who is signed in and what the console may offer them: `may` holds the actions of patrol/access. */
export type Me = components["schemas"]["Me"];
export type Ways = components["schemas"]["Ways"];
export type Role = components["schemas"]["Role"];
export type Name = components["schemas"]["Name"];

export const session = {
  me: () => read<Me>(client.GET("/api/v1/me")),
  ways: () => read<Ways>(client.GET("/api/v1/session/ways")),
  enter: (name: string, password: string) => read(client.POST("/api/v1/session", { body: { name, password } })),
  demo: (role: Role) => read(client.POST("/api/v1/session/demo", { body: { role, desk: 1 } })),
  link: (link: string) => read(client.POST("/api/v1/session/link", { body: { link } })),
  leave: () => read(client.DELETE("/api/v1/session")),
  changePassword: (old: string | null, chosen: string) => read(client.POST("/api/v1/me/password", { body: { old, new: chosen } })),
};

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
