import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Me } from "../../api/session";
import i18n from "../../i18n";
import type { Retention } from "../../parts/retention/api";
import { answering, operator, problem, show } from "../../shell/testing";

const auditor: Me = { ...operator, role: "auditor", may: ["status.read", "audit.read", "evidence.trace", "ledger.read", "retention.read"] };
const lead: Me = { ...operator, role: "shift_lead", may: ["status.read", "evidence.trace", "retention.read", "retention.hold"] };
const held = { id: 4, kind: "case", ref: "AJ-7", reason: "行政复议期间", by: "王值班长", at: "2026-11-20T02:00:00Z" };
const kept: Retention = {
  classes: [
    { key: "routine", days: 30, floor_days: 30, due: 12, due_bytes: 3_400_000, held: 2 },
    { key: "drone_films", days: 60, floor_days: 30, due: 0, due_bytes: 0, held: 0 },
  ],
  more: true,
  causes: [{ why: "the incident is still open", items: 2 }],
  holds: [held],
  runs: [
    { id: 2, by: "service", started_at: "2026-11-19T19:10:00Z", ended_at: "2026-11-19T19:10:09Z", items: 9, deleted: 8, bytes: 2_000_000, held: 1, problems: ["evidence/x.mp4: was gone before the purge came to it"], left: true, hash: "ab".repeat(32) },
    { id: 1, by: "root", started_at: "2026-11-18T19:10:00Z", ended_at: null, items: 0, deleted: 0, bytes: 0, held: 0, problems: [], left: false, hash: null },
  ],
  space: { free_bytes: 412_000_000_000, growth_bytes_a_day: 0, days_left: null },
  problem: "retention.messages: 20 days are less than the 184 that the law asks for; nothing is purged until the registry says more",
};
const API = { "GET /api/v1/me": auditor, "GET /api/v1/retention": kept };

beforeEach(async () => {
  await i18n.changeLanguage("en");
});

test("an auditor reads what goes next, what stays and why, and the proofs, without a button that changes anything", async () => {
  answering(API);
  show("/logs?tab=retention");
  const row = within(await screen.findByRole("row", { name: /Routine looks/ }));
  expect(row.getAllByRole("cell").map((cell) => cell.textContent)).toEqual(["30 d", "30 d", "12", "3.4 MB", "2"]);
  expect(screen.getByRole("rowheader", { name: "drone_films" })).toBeTruthy();
  expect(screen.getByText(/first 5,000 things only/)).toBeTruthy();
  expect(screen.getByText(/term of Messages is 20 days, less than the 184/)).toBeTruthy();
  expect(screen.getByText("the incident is still open")).toBeTruthy();
  expect([screen.getByText("412 GB"), screen.getByText("did not grow"), screen.getByText("does not fill up")]).toHaveLength(3);
  expect(screen.getByRole("row", { name: /AJ-7 行政复议期间 王值班长/ })).toBeTruthy();
  expect(screen.getByRole("row", { name: /by itself 9 8 2\.0 MB 1 .*not finished/ })).toBeTruthy();
  expect(screen.getByText("evidence/x.mp4: was gone before the purge came to it")).toBeTruthy();
  expect(screen.getByText("under way")).toBeTruthy();
  expect(screen.queryByRole("button", { name: /Hold|Lift/ })).toBeNull();
});

test("what was read before stays, with its time, when the next read fails", async () => {
  let down = false;
  answering({ ...API, "GET /api/v1/retention": () => (down ? problem(503, "the store does not answer") : kept) });
  const { queries } = show("/logs?tab=retention");
  await screen.findByText(/^As of/);
  down = true;
  await act(() => queries.invalidateQueries({ queryKey: ["retention"] }));
  expect(await screen.findByText(/The last read failed/)).toBeTruthy();
  expect(screen.getByText("AJ-7")).toBeTruthy();
  down = false;
  fireEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText(/^As of/)).toBeTruthy();
});

test("a shift lead chooses what to hold; what is not there is said at its field", async () => {
  const bodies: unknown[] = [];
  answering({
    ...API,
    "GET /api/v1/me": lead,
    "POST /api/v1/retention/holds": async (request: Request) => {
      bodies.push(await request.json());
      return bodies.length === 1 ? problem(404, "there is no file") : Response.json({ ...held, kind: "case", ref: "AJ-8" }, { status: 201 });
    },
  });
  show("/logs?tab=retention");
  fireEvent.click(await screen.findByRole("button", { name: "Hold something…" }));
  fireEvent.change(screen.getByLabelText("Kind"), { target: { value: "file" } });
  fireEvent.change(screen.getByLabelText("Reason"), { target: { value: "review" } });
  fireEvent.change(screen.getByLabelText("Path of the file"), { target: { value: " evidence/y.mp4 " } });
  fireEvent.click(screen.getByRole("button", { name: "Hold" }));
  const told = await screen.findByText(/There is no file at this path/);
  const field = screen.getByLabelText("Path of the file");
  expect([field.getAttribute("aria-describedby"), document.activeElement]).toEqual([told.id, field]);
  fireEvent.change(screen.getByLabelText("Kind"), { target: { value: "case" } });
  fireEvent.change(screen.getByLabelText("Case number"), { target: { value: "AJ-8" } });
  fireEvent.click(screen.getByRole("button", { name: "Hold" }));
  expect(await screen.findByText("Held: case AJ-8")).toBeTruthy();
  expect(bodies).toEqual([
    { kind: "file", ref: "evidence/y.mp4", reason: "review" },
    { kind: "case", ref: "AJ-8", reason: "review" },
  ]);
});

test("a hold is lifted with a reason, and one that somebody else lifted is said to be gone", async () => {
  const asked: string[] = [];
  let standing = [held];
  answering({
    ...API,
    "GET /api/v1/me": lead,
    "GET /api/v1/retention": () => ({ ...kept, holds: standing }),
    "DELETE /api/v1/retention/holds/4": (request: Request) => {
      asked.push(new URL(request.url).searchParams.get("because") ?? "");
      if (asked.length === 1) return problem(409, "the hold 4 was lifted on 2026-11-21 by li");
      standing = [];
      return new Response(null, { status: 204 });
    },
  });
  show("/logs?tab=retention");
  fireEvent.click(await screen.findByRole("button", { name: "Lift the hold: case AJ-7" }));
  const lift = screen.getByRole("button", { name: "Lift" });
  fireEvent.click(lift);
  expect(await screen.findByText("Enter a reason.")).toBeTruthy();
  fireEvent.change(screen.getByLabelText("Why it may go now"), { target: { value: " 复议已结束 " } });
  fireEvent.click(lift);
  expect(await screen.findByText("The hold has been lifted already.")).toBeTruthy();
  fireEvent.click(lift);
  expect(await screen.findByText("The hold was lifted: case AJ-7")).toBeTruthy();
  expect(asked).toEqual(["复议已结束", "复议已结束"]);
  await waitFor(() => expect(screen.getByText("Nothing is held")).toBeTruthy());
});
