// Signing in and out, and who is signed in.
import { ApiError, read, send } from "./client";

export type Role = "operator" | "shift_lead" | "department" | "admin" | "auditor" | "reporter";

export interface Name {
  zh: string;
  en: string;
}

/** Who is signed in and what the console may offer them. `may` holds the actions of patrol/access. */
export interface Me {
  name: string;
  shown: string;
  role: Role;
  unit: string | null;
  unit_name: Name | null;
  may: string[];
  sight: Record<string, string[]> | null;
  county: { code: string; name: Name; timezone: string };
  demo: boolean;
  synthetic: boolean;
  csrf: string | null;
  password_due: boolean;
  version: string;
}

export interface Ways {
  password: boolean;
  oidc: { name: string } | null;
  demo_roles: Role[];
}

async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const request = new Request(new URL(path, window.location.origin), {
    method,
    ...(body ? { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } } : {}),
  });
  const response = await send(request);
  const said: unknown = response.status === 204 ? undefined : await response.json().catch(() => undefined);
  return read(Promise.resolve(response.ok ? { data: said as T, response } : { error: said, response }));
}

export const session = {
  me: () => ask<Me>("GET", "/api/v1/me"),
  ways: () => ask<Ways>("GET", "/api/v1/session/ways"),
  enter: (name: string, password: string) => ask<void>("POST", "/api/v1/session", { name, password }),
  demo: (role: Role) => ask<void>("POST", "/api/v1/session/demo", { role }),
  link: (link: string) => ask<void>("POST", "/api/v1/session/link", { link }),
  leave: () => ask<void>("DELETE", "/api/v1/session"),
  changePassword: (old: string | null, chosen: string) => ask<void>("POST", "/api/v1/me/password", { ...(old === null ? {} : { old }), new: chosen }),
};

export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}
