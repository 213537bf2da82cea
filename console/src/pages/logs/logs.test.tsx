import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Me } from "../../api/session";
import i18n from "../../i18n";
import { answering, operator, problem, show } from "../../shell/testing";
import type { Trace } from "./api";

const auditor: Me = { ...operator, name: "wang", shown: "王审计", role: "auditor", may: ["status.read", "audit.read", "evidence.trace", "ledger.read", "figures.read"] };
const SHA = "ab".repeat(32);
const entry = { seq: 9, at: "2026-11-20T02:00:00Z", who: "li", shown: "李坐席", role: "operator", unit: null, action: "incident.review", kind: "incident", ref: "i1", camera: "cam-1", reason: null, outcome: "refused", address: "10.0.0.9", detail: { verdict: "confirmed" }, hash: "cd".repeat(32) };
const call = { seq: 4, at: "2026-11-20T03:00:00Z", who: "li", shown: "李坐席", role: "operator", unit: null, how: "view" as const, why: "review", camera: "cam-1", camera_name: "东湖路口", taken_at: "2026-11-20T01:00:00Z", what: "clip", recipient: null, export: null, sha256: SHA, address: null };
const trace: Trace = {
  sha256: SHA, copy_of: null, exports: [], calls: [{ ...call, why: "review:e36d29f50b10" }, { ...call, seq: 3, how: "export" as const, why: "court: file 12/2026" }],
  files: [
    {
      evidence: 1, role: "clip", media_type: "video/mp4", bytes: 900_000, on_disk: "differs", purge: null, retention: { key: "confirmed", since: "2026-11-20T01:00:24Z", until: "2029-11-20T01:00:24Z", holds: [], purged_at: null },
      visit: { id: "v1", camera: "cam-1", camera_name: "东湖路口", preset: null, started_at: "2026-11-20T01:00:00Z", ended_at: "2026-11-20T01:00:24Z", outcome: "inspected", reason: "rotation" },
      link: { position: 77, hash: "ef".repeat(32), at: "2026-11-20T01:00:30Z" },
      incidents: [{ id: "i1", kind: "fishing", state: "ended", summary: "湘江东岸有人垂钓", first_seen_at: "2026-11-20T01:00:00Z", reviews: [{ verdict: "confirmed", reason: null, reviewer: "li", at: "2026-11-20T01:04:00Z" }], alerts: [{ id: "a1", department: "fisheries", type: "new", state: "disposed", created_at: "2026-11-20T01:04:00Z", sent_at: null, received_at: null }] }],
    },
  ],
};
const ledger = { position: 1200, hash: "12".repeat(32), day: "2026-11-19", root: "34".repeat(32), check: null };
const API = {
  "GET /api/v1/me": auditor,
  "GET /api/v1/status": { rotation: { warning: null }, problems: { broker: "the broker does not answer" } },
  "GET /api/v1/audit": { items: [entry], next: null },
  "GET /api/v1/evidence-calls": { items: [call], next: null },
  [`GET /api/v1/evidence/${SHA}/trace`]: trace,
  "GET /api/v1/ledger/state": ledger,
  "GET /api/v1/ledger/roots": { items: [{ day: "2026-11-19", first_position: 1, last_position: 1200, last_hash: "12".repeat(32), root: "34".repeat(32), made_at: "2026-11-19T16:00:10Z" }], next: null },
};

beforeEach(async () => {
  await i18n.changeLanguage("en");
});

test("the trail is filtered by what was typed once it is sent, with county days as moments", async () => {
  const asked = answering(API);
  show("/logs?tab=audit");
  const row = await screen.findByRole("row", { name: /judged an incident/ });
  expect(within(row).getByText("refused")).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Who"), { target: { value: "li" } });
  fireEvent.change(screen.getByLabelText("Action"), { target: { value: "incident." } });
  fireEvent.change(screen.getByLabelText("To"), { target: { value: "2026-11-20" } });
  const before = asked.mock.calls.filter(([request]) => request.url.includes("/audit?")).length;
  fireEvent.click(screen.getByRole("button", { name: "Filter" }));
  await waitFor(() => expect(asked.mock.calls.filter(([request]) => request.url.includes("/audit?")).length).toBe(before + 1));
  const query = new URL(asked.mock.calls.map(([request]) => request.url).filter((url) => url.includes("/audit?")).at(-1) ?? "").searchParams;
  expect([query.get("who"), query.get("action"), query.get("until")]).toEqual(["li", "incident.", "2026-11-20T16:00:00.000Z"]);
});

test("from the register to the trace of one clip, which says that the file was changed", async () => {
  answering(API);
  const { router } = show("/logs?tab=calls");
  fireEvent.click(await screen.findByRole("button", { name: `Trace ${SHA}` }));
  expect(await screen.findByText("the file is NOT as it was sealed")).toBeTruthy();
  expect(screen.getByText("position 77")).toBeTruthy();
  expect(screen.getByText("湘江东岸有人垂钓")).toBeTruthy();
  expect(screen.getByText(/fisheries · new · disposed/)).toBeTruthy();
  expect(screen.getByText(/viewed · review e36d29f5$/)).toBeTruthy();
  expect(screen.getByText(/exported, masked · court: file 12\/2026$/)).toBeTruthy();
  expect(router.state.location.search).toBe(`?tab=trace&sha256=${SHA}`);
});

test("digits that are no SHA-256 are refused on the spot, and one that nobody knows is said", async () => {
  const unknown = "0".repeat(64);
  answering({ ...API, [`GET /api/v1/evidence/${unknown}/trace`]: problem(404, "no kept file") });
  show("/logs?tab=trace");
  const field = await screen.findByLabelText("SHA-256 of the file");
  fireEvent.change(field, { target: { value: "abc" } });
  fireEvent.click(screen.getByRole("button", { name: "Trace" }));
  expect(screen.getByText("A SHA-256 has 64 hexadecimal digits.")).toBeTruthy();
  fireEvent.change(field, { target: { value: ` ${unknown.toUpperCase()} ` } });
  fireEvent.click(screen.getByRole("button", { name: "Trace" }));
  expect(await screen.findByText("No file ever had this SHA-256")).toBeTruthy();
});

test("the ledger says where it stands and, after a walk, what was found", async () => {
  const check = { by: "wang", started_at: "2026-11-20T02:00:00Z", ended_at: "2026-11-20T02:00:09Z", done: 1200, total: 1200, roots: 1, why: null };
  let walked = false;
  answering({
    ...API,
    "GET /api/v1/ledger/state": () => ({ ...ledger, check: walked ? { ...check, state: "broken", found: 1, problems: [{ what: "changed", position: 5, kind: "visit", ref: "v5", detail: "cam-1 was changed" }] } : null }),
    "POST /api/v1/ledger/checks": () => {
      walked = true;
      return { ...check, state: "running", found: 0, problems: [] };
    },
  });
  show("/logs?tab=ledger");
  expect(await screen.findByText("Not verified since the service started.")).toBeTruthy();
  expect(await screen.findByText(/the broker does not answer/)).toBeTruthy();
  expect(screen.getByRole("link", { name: "Patrol log of 2026-11-19 pdf" }).getAttribute("href")).toBe("/api/v1/ledger/day-report?day=2026-11-19&format=pdf&lang=en");
  fireEvent.click(screen.getByRole("button", { name: "Verify the whole ledger" }));
  expect(await screen.findByText(/1 problems in the ledger/)).toBeTruthy();
  expect(screen.getByText("5 visit v5: cam-1 was changed")).toBeTruthy();
});

test("who may read the ledger only sees no other tab", async () => {
  answering({ ...API, "GET /api/v1/me": { ...auditor, role: "admin", may: ["ledger.read", "status.read"] } });
  show("/logs?tab=audit");
  expect(await screen.findByText("Chain of the ledger")).toBeTruthy();
  expect(screen.queryByText("Audit trail")).toBeNull();
});
