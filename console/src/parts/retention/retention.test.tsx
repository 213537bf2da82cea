// What somebody sees who keeps an incident beyond its day, and why things stay in the reader's words.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import type { Me } from "../../api/session";
import i18n from "../../i18n";
import { meQuery } from "../../shell/me";
import { answering, operator, problem } from "../../shell/testing";
import { HoldButton } from "./HoldButton";
import { because, metInWords } from "./said";

const lead: Me = { ...operator, role: "shift_lead", may: [...operator.may, "retention.read", "retention.hold"] };
const HOLDS = "POST /api/v1/retention/holds";

beforeEach(() => i18n.changeLanguage("zh"));

function shown(me: Me) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryData(meQuery.queryKey, me);
  render(
    <QueryClientProvider client={queries}>
      <HoldButton incident="i1" />
    </QueryClientProvider>,
  );
}

async function opened(said: Record<string, unknown>) {
  const asked = answering(said);
  shown(lead);
  fireEvent.click(screen.getByRole("button", { name: "延长保存" }));
  await screen.findByRole("dialog", { name: "延长保存" });
  return { asked, send: screen.getAllByRole("button", { name: "延长保存" }).at(-1) as HTMLElement, reason: screen.getByLabelText("事由") as HTMLTextAreaElement };
}

test("whoever may not hold sees no button", () => {
  shown(operator);
  expect(screen.queryByRole("button")).toBeNull();
});

test("an incident is held with a reason only, and the button says that it is", async () => {
  const bodies: unknown[] = [];
  const { asked, send, reason } = await opened({
    [HOLDS]: async (request: Request) => {
      bodies.push(await request.json());
      return Response.json({ id: 1, kind: "incident", ref: "i1", reason: "听证会", by: "李", at: "2026-11-26T08:00:00Z" }, { status: 201 });
    },
  });
  fireEvent.change(reason, { target: { value: "  " } });
  fireEvent.click(send);
  expect(await screen.findByText("请填写事由。")).toBeTruthy();
  expect(reason.getAttribute("aria-invalid")).toBe("true");
  expect(document.activeElement).toBe(reason);
  expect(asked).not.toHaveBeenCalled();
  fireEvent.change(reason, { target: { value: " 听证会 " } });
  expect(reason.getAttribute("aria-invalid")).toBe("false");
  fireEvent.click(send);
  expect(await screen.findByText("已延长保存")).toBeTruthy();
  expect(bodies).toEqual([{ kind: "incident", ref: "i1", reason: "听证会" }]);
  expect(screen.queryByRole("dialog")).toBeNull();
});

const WRONG = { status: 422, title: "x", detail: "body.reason: too long", errors: [{ field: "body.reason", message: "too long" }] };
test.each([
  ["nobody knows it", problem(404, "there is no incident 'i1' to hold"), "没有这个编号的事件，请核对。", "false"],
  ["it is held", problem(409, "the incident i1 is held already"), "已在延长保存中，无需重复。", "false"],
  ["the reason will not do", Response.json(WRONG, { status: 422 }), "事由不合要求：最多 2000 个字符。", "true"],
  ["the same request is still answered", problem(409, "the same request is being answered", { "Retry-After": "1" }), "the same request is being answered", "false"],
  ["the store is away", problem(503, "the store does not answer"), "the store does not answer", "false"],
])("%s: said in the dialog, which stays with what was typed", async (_, answer, sentence, ofReason) => {
  const { send, reason } = await opened({ [HOLDS]: answer });
  fireEvent.change(reason, { target: { value: "听证会" } });
  fireEvent.click(send);
  expect(await screen.findByText(sentence)).toBeTruthy();
  expect([reason.value, reason.getAttribute("aria-invalid")]).toEqual(["听证会", ofReason]);
  fireEvent.change(reason, { target: { value: "听证会需要" } });
  await waitFor(() => expect(screen.queryByText(sentence)).toBeNull());
});

test("why things stay is said in the reader's words, and what is not known stands as it came", async () => {
  const sentences = [
    "hold 3 of 王 值班长 on the case: 复议\n期间",
    "the incident is still open",
    "the dispatch to public_security is not finished",
    "the case AJ-2026-7 has not been said to be closed",
    "the case AJ-2026-7 is still open",
    "the moon is full",
  ];
  expect(sentences.map((one) => because(one, i18n.t))).toEqual([
    "延长保存第 3 号（王 值班长，案件）：复议\n期间",
    "事件仍在进行",
    "public_security 的派警尚未办结",
    "案件 AJ-2026-7 尚未收到办结消息",
    "案件 AJ-2026-7 尚未办结",
    "the moon is full",
  ]);
  await i18n.changeLanguage("en");
  expect(sentences.map((one) => because(one, i18n.t))).toEqual(["hold 3 (王 值班长, case): 复议\n期间", ...sentences.slice(1)]);
});

test("what the purge met is said in the reader's words, too", () => {
  const left = "evidence/a: b.mp4: is not the file that was kept; it was due on 2026-11-20 and was left for a person to look at";
  const sentences = [
    "retention.messages: 20 days are less than the 184 that the law asks for; nothing is purged until the registry says more",
    "the clock says 2026-11-20 03:10 UTC, which is before the last purge (2026-11-21 03:10 UTC); set the clock, or run `patrol retention run --yes-the-clock-is-right`",
    "the clock says 2027-11-20 03:10 UTC, 365 days after the service was last alive (2026-11-20 03:10 UTC); nothing is purged until somebody has looked at the clock and run `patrol retention run --yes-the-clock-is-right`",
    "the purge cannot delete: Read-only file system; it will try again",
    `the last purge (run 7) met what a person must look at: ${left}`,
    "and 12 more",
    "the moon is full",
  ];
  const said = sentences.map((one) => metInWords(one, i18n.t));
  expect(said[0]).toBe("“通知记录”的保存期限为 20 天，短于规定的 184 天；改正配置之前不清除任何内容。");
  expect(said[1]).toMatch(/^系统时间为 2026-11-20 03:10（UTC），早于上次清除（2026-11-21 03:10 UTC）/);
  expect(said[2]).toMatch(/^系统时间为 2027-11-20 03:10（UTC），距上次运行已有 365 天/);
  expect(said.slice(3)).toEqual(["无法删除：Read-only file system。稍后重试。", "第 7 次清除：evidence/a: b.mp4：与当初保存的文件不一致，2026-11-20 到期，留待人工查看", "另有 12 处", "the moon is full"]);
});
