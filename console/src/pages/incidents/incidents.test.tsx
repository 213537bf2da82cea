import { act, fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import i18n from "../../i18n";
import { answering, operator, show } from "../../shell/testing";

test("clear looks that wait for people are shown with what was found before", async () => {
  await act(() => i18n.changeLanguage("zh"));
  const file = { role: "key_frame", media_type: "image/jpeg", sha256: "a".repeat(64), bytes: 1, url: "/evidence/x.jpg" };
  const spotChecks = {
    waiting: [{ id: 7, visit: "v", camera: "c1", camera_name: "滨江广场", at: "2026-01-01T00:00:00Z", evidence: [file] }],
    figures: { drawn: 5, answered: 4, unclear: 0, overlooked: 1, share: 0.25, low: 0.0456, high: 0.6994 },
  };
  answering({ "GET /api/v1/me": operator, "GET /api/v1/incidents": { items: [] }, "GET /api/v1/spot-checks": spotChecks });
  show("/incidents");
  fireEvent.click(await screen.findByRole("tab", { name: "抽查" }));
  expect(await screen.findByText(/漏检率 25.0 %（95 % 区间 4.6 % 至 69.9 %）/)).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: /expand|展开/i }));
  expect((await screen.findByRole("img", { name: "关键帧" })).getAttribute("src")).toBe("/evidence/x.jpg");
  expect(screen.getByText("patrol ledger check 7 --answer clear")).toBeTruthy();
});
