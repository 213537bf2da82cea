// What somebody sees who asks for a copy: what is asked of them, how far it is, where to fetch it, and why not.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import i18n from "../../i18n";
import { meQuery } from "../../shell/me";
import { answering, operator, problem } from "../../shell/testing";
import type { Me } from "../../api/session";
import { ExportButton } from "./ExportButton";

const file = { id: 7, role: "clip", media_type: "video/mp4", sha256: "ab".repeat(32), bytes: 10, url: "/evidence/x" };
const copy = {
  number: "EX-20261126-0001", evidence: 7, camera: "gate", camera_name: "东门", taken_at: "2026-11-26T08:00:00Z", incident: "i1", case: null,
  recipient_unit: "police", reason: "听证会需要使用", unmasked: false, unmasked_reason: null, by: "li", unit: null, state: "queued", progress: 0, problem: null,
  created_at: "2026-11-26T09:00:00Z", ready_at: null, expires_at: null, source_sha256: "ab".repeat(32), sha256: null, bytes: null, media_type: "video/mp4", url: null,
};
const lead: Me = { ...operator, role: "shift_lead", may: [...operator.may, "evidence.export", "evidence.export_unmasked"] };
const sender: Me = { ...operator, may: [...operator.may, "evidence.export"] };

beforeEach(() => i18n.changeLanguage("zh"));

function shown(me: Me) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryData(meQuery.queryKey, me);
  render(
    <QueryClientProvider client={queries}>
      <ExportButton file={file} incident="i1" />
    </QueryClientProvider>,
  );
}

async function opened(me: Me, said: Record<string, unknown>) {
  const asked = answering({ "GET /api/v1/export-recipients": [{ id: "police", name: { zh: "县公安局", en: "County police" } }], ...said });
  shown(me);
  fireEvent.click(screen.getByRole("button", { name: /导出/ }));
  await screen.findByRole("dialog", { name: "导出证据副本" });
  return asked;
}

test("whoever may not export sees no button", () => {
  shown(operator);
  expect(screen.queryByRole("button")).toBeNull();
});

test("a copy is asked for with a reason and for a unit, then fetched when it is ready", async () => {
  let answers = 0;
  const asked = await opened(sender, {
    "POST /api/v1/evidence/7/exports": async (request: Request) => {
      expect(await request.json()).toEqual({ reason: "听证会需要使用", recipient_unit: "police", unmasked: false, incident: "i1" });
      return Response.json(copy, { status: 202 });
    },
    "GET /api/v1/exports/EX-20261126-0001": () => (++answers === 1 ? { ...copy, state: "working", progress: 0.4 } : { ...copy, state: "ready", progress: 1, sha256: "cd".repeat(32), expires_at: "2026-11-27T09:00:00Z", url: "/api/v1/exports/EX-20261126-0001/file" }),
  });
  expect(screen.queryByLabelText("不遮挡人脸和车牌")).toBeNull();
  await waitFor(() => expect(asked).toHaveBeenCalled());
  fireEvent.change(screen.getByLabelText("事由"), { target: { value: "听证会需要使用" } });
  await waitFor(() => expect(document.querySelector("option")).not.toBeNull());
  fireEvent.change(screen.getByLabelText("提供给（单位）"), { target: { value: "县公安局" } });
  fireEvent.click(screen.getByRole("button", { name: "开始导出" }));
  expect(await screen.findByText("EX-20261126-0001")).toBeTruthy();
  const link = await screen.findByRole("link", { name: "下载副本" });
  expect(link.getAttribute("href")).toBe("/api/v1/exports/EX-20261126-0001/file");
  expect(screen.getByRole("status").textContent).toBe("已完成");
  expect(screen.getByText(/17:00:00/)).toBeTruthy();
});

test("faces stay in sight only with a second reason, and only where it is allowed at all", async () => {
  await opened(lead, {
    "POST /api/v1/evidence/7/exports": async (request: Request) => {
      expect(await request.json()).toMatchObject({ unmasked: true, unmasked_reason: "法院要求辨认", recipient_unit: "县人民法院" });
      return Response.json({ ...copy, unmasked: true }, { status: 202 });
    },
    "GET /api/v1/exports/EX-20261126-0001": copy,
  });
  expect(screen.getByText(/已遮挡人脸和车牌/)).toBeTruthy();
  fireEvent.click(screen.getByLabelText("不遮挡人脸和车牌"));
  expect(screen.queryByText(/已遮挡人脸和车牌/)).toBeNull();
  fireEvent.change(screen.getByLabelText("事由"), { target: { value: "案件移送" } });
  fireEvent.change(screen.getByLabelText("提供给（单位）"), { target: { value: "县人民法院" } });
  fireEvent.change(screen.getByLabelText("不遮挡的理由"), { target: { value: "法院要求辨认" } });
  fireEvent.submit(screen.getByLabelText("事由").closest("form")!);
  expect(await screen.findByText("排队中")).toBeTruthy();
});

test("a refusal is said and what was typed stays", async () => {
  await opened(sender, { "POST /api/v1/evidence/7/exports": problem(410, "the file is no longer kept") });
  fireEvent.change(screen.getByLabelText("事由"), { target: { value: "听证会需要使用" } });
  fireEvent.change(screen.getByLabelText("提供给（单位）"), { target: { value: "police" } });
  fireEvent.submit(screen.getByLabelText("事由").closest("form")!);
  expect(await screen.findByText("the file is no longer kept")).toBeTruthy();
  expect((screen.getByLabelText("事由") as HTMLTextAreaElement).value).toBe("听证会需要使用");
});

test("a copy that cannot be made says why", async () => {
  await opened(sender, {
    "POST /api/v1/evidence/7/exports": Response.json(copy, { status: 202 }),
    "GET /api/v1/exports/EX-20261126-0001": { ...copy, state: "failed", problem: "clip.mp4: no picture can be decoded" },
  });
  fireEvent.change(screen.getByLabelText("事由"), { target: { value: "听证会需要使用" } });
  fireEvent.change(screen.getByLabelText("提供给（单位）"), { target: { value: "police" } });
  fireEvent.submit(screen.getByLabelText("事由").closest("form")!);
  expect((await screen.findByText(/no picture can be decoded/)).getAttribute("role")).toBe("alert");
});

test("a department takes copies for itself and is not asked for whom", async () => {
  await opened({ ...sender, role: "department", unit: "police" }, {
    "POST /api/v1/evidence/7/exports": async (request: Request) => {
      expect(await request.json()).toMatchObject({ recipient_unit: "police" });
      return Response.json(copy, { status: 202 });
    },
    "GET /api/v1/exports/EX-20261126-0001": copy,
  });
  expect(screen.queryByLabelText("提供给（单位）")).toBeNull();
  fireEvent.change(screen.getByLabelText("事由"), { target: { value: "现场处置需要" } });
  fireEvent.submit(screen.getByLabelText("事由").closest("form")!);
  expect(await screen.findByText("排队中")).toBeTruthy();
});
