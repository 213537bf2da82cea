// For tests of pages: the console of somebody with a role, over an API that answers what the test says.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { RouterProvider, createMemoryRouter } from "react-router-dom";
import { vi } from "vitest";
import type { Me } from "../api/session";
import { Look } from "./Look";
import { routes } from "./routes";

const OPERATOR = ["status.read", "rotation.read", "picture.read", "incident.read", "incident.review", "alert.read", "dispatch.read", "dispatch.call", "miss.read", "spot_check.answer", "ledger.read", "figures.read", "registry.read"];

export const operator: Me = {
  name: "li", shown: "李坐席", role: "operator", unit: null, unit_name: null, may: OPERATOR, sight: null,
  county: { code: "430624", name: { zh: "湘阴县", en: "Xiangyin" }, timezone: "Asia/Shanghai" },
  demo: true, synthetic: true, csrf: "c1", password_due: false, version: "0.1.0",
};

/** The live connection of a test: `Events.last.onerror()` cuts it. */
export class Events {
  static last: Events;
  static readonly CLOSED = 2;
  readyState = 0;
  onopen = () => {};
  onerror = () => {};
  addEventListener() {}
  close() {}
  constructor() {
    Events.last = this;
  }
}

/** Answer requests by "METHOD /path" (without the query). A value is the JSON of a 200; a `Response` is itself; what is not said is a 503. */
export function answering(said: Record<string, unknown>) {
  vi.stubGlobal("EventSource", Events);
  const asked = vi.fn(async (request: Request) => {
    const found = said[`${request.method} ${new URL(request.url).pathname}`];
    const answer = typeof found === "function" ? ((await found(request)) as unknown) : found;
    if (answer instanceof Response) return answer.clone();
    if (answer === undefined) return Response.json({ title: "Service Unavailable", detail: "the store does not answer" }, { status: 503 });
    return Response.json(answer);
  });
  vi.stubGlobal("fetch", asked);
  return asked;
}

export function problem(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return Response.json({ status, title: detail, detail }, { status, headers });
}

export function show(path: string) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter(routes, { initialEntries: [path] });
  render(
    <QueryClientProvider client={queries}>
      <Look>
        <RouterProvider router={router} />
      </Look>
    </QueryClientProvider>,
  );
  return { queries, router };
}
