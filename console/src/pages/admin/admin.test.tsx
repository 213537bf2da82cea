import { fireEvent, render, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import "../../i18n";
import i18n, { addWords } from "../../i18n";
import * as words from "../../i18n/admin";
import { answering, operator, problem, show } from "../../shell/testing";
import { Diff } from "./Diff";
import { linesOf } from "./diff";
import { forgetMemory } from "./draft";

const DIFF = "--- before\n+++ after\n@@ -10,3 +10,4 @@\n   - id: gate\n-    period: 1h\n+    period: 2h\n+    dwell: 9s\n     enabled: true\n@@ -40 +41 @@\n-# -- old\n+# -- new\n";

const admin = { ...operator, name: "wang", role: "admin", may: ["registry.read", "registry.edit", "registry.restore", "status.read", "users.edit", "tokens.edit"] };
const state = {
  sha256: "a".repeat(64), revision: 3, file: "camera_registry.yaml", state: "in_force", problems: [], warnings: [], cameras: 1,
  sections: { platforms: [{ id: "police", name: { zh: "公安", en: "Police" } }], categories: [{ key: "schools", name: { zh: "学校", en: "Schools" } }, { key: "squares", name: { zh: "广场", en: "Squares" } }] },
};
const page = { items: [{ place: 0, entry: { id: "gate", name: "校门", platform: "police", categories: ["schools"] } }], next: null };
const said = { "GET /api/v1/me": admin, "GET /api/v1/registry": state, "GET /api/v1/registry/cameras": page };

beforeEach(async () => {
  sessionStorage.clear();
  forgetMemory();
  await i18n.changeLanguage("zh");
});

test("a diff is told line by line with the numbers of the new file, and a line that looks like a head is one of the text", () => {
  expect(linesOf(DIFF).map(({ kind, text, old, new: next }) => [kind, text, old, next])).toEqual([
    ["same", "  - id: gate", 10, 10],
    ["removed", "    period: 1h", 11, null],
    ["added", "    period: 2h", null, 11],
    ["added", "    dwell: 9s", null, 12],
    ["same", "    enabled: true", 12, 13],
    ["gap", "", null, null],
    ["removed", "# -- old", 40, null],
    ["added", "# -- new", null, 41],
  ]);
});

test("what came and went is said in words, too, and the line that is wrong is marked", () => {
  addWords("admin", words);
  const { container } = render(<Diff diff={DIFF} wrong={[11]} />);
  expect(within(screen.getByRole("region", { name: "文件变更" })).getAllByText("新增行")).toHaveLength(3);
  expect(container.querySelector("tr.wrong")?.textContent).toContain("period: 2h");
});

test("a change is drafted, previewed, and refused for a sentence that names the place", async () => {
  answering({
    ...said,
    "POST /api/v1/registry/preview": { base: state.sha256, sha256: null, changes: [], diff: DIFF, problems: [{ line: 11, column: 5, field: "cameras[0] (gate).period", message: "2h is longer than its categories allow (1h)" }], warnings: [], effect: null, merged: false, theirs: [] },
  });
  show("/admin/cameras");
  const period = await screen.findByLabelText("校门的周期");
  fireEvent.change(period, { target: { value: "2h" } });
  fireEvent.blur(period);
  expect(await screen.findByText("1 项修改未保存")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /预\s?览/ }));
  expect(await screen.findByText("第 11 行")).toBeTruthy();
  expect(screen.getByText(/longer than its categories allow/)).toBeTruthy();
  expect(screen.queryByLabelText("修改原因")).toBeNull();
});

test("a file broken by hand is said with its line, and saving is off", async () => {
  answering({
    ...said,
    "GET /api/v1/registry": { ...state, state: "broken", problems: [{ line: 7, column: 1, field: "platforms", message: "a tab; indent with spaces" }] },
    "POST /api/v1/registry/preview": problem(409, "the file was changed by hand and is not valid; mend it first"),
  });
  show("/admin/cameras");
  expect(await screen.findByText("第 7 行")).toBeTruthy();
  fireEvent.change(await screen.findByLabelText("校门的类别"), { target: { value: "squares" } });
  fireEvent.click(await screen.findByRole("button", { name: /预\s?览/ }));
  expect(await screen.findByText("未写入任何内容")).toBeTruthy();
  expect(screen.queryByLabelText("修改原因")).toBeNull();
});

test("who may not edit the registry is told so", async () => {
  answering({ ...said, "GET /api/v1/me": { ...admin, may: ["registry.read"] } });
  show("/admin/cameras");
  expect(await screen.findByText("没有权限打开此页面")).toBeTruthy();
});
