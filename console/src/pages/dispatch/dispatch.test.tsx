import { act, fireEvent, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import i18n from "../../i18n";
import { answering, operator, show } from "../../shell/testing";

test("who has not answered is shown with whom was called, and telephones are links", async () => {
  await act(() => i18n.changeLanguage("zh"));
  const matter = {
    id: 1,
    incident: "i",
    department: "traffic_police",
    department_name: { zh: "交警大队", en: "Traffic police" },
    role: "primary",
    route: "r",
    kind: "congestion",
    state: "received",
    opened_at: "2026-01-01T00:00:00Z",
    received_by: "2026-01-01T00:02:00Z",
    accepted_by: "2026-01-01T00:05:00Z",
    on_scene_by: "2026-01-01T00:40:00Z",
    disposed_by: "2026-01-01T08:00:00Z",
    due_at: "2026-01-01T00:08:00Z",
    rung: 1,
    closed_at: null,
    closed_because: null,
    camera: "bridge-1",
    camera_name: "大桥路口",
    alert: "a1",
    alert_state: "received",
    answers: [
      {
        status: "received",
        note: null,
        at: "2026-01-01T00:01:00Z",
        taken: true,
        problem: null,
        by: "wang",
        reported_at: null,
        phone: null,
        photos: [
          { url: null, sha256: "a", purged_at: "2029-01-01T00:00:00Z" },
          { url: null, sha256: "b", purged_at: null },
        ],
        case_number: null,
        eta_min: null,
        case: null,
      },
    ],
    summary: "大桥路：发现道路拥堵",
    case: { number: "XYZ-2026-0001", system_department: "cases", stage: "局长批示", light: "red", at: "2026-01-01T00:00:00Z" },
    contacts: [{ name: "值班室", phone: "0730-220 0110" }],
    escalations: [{ at: "2026-01-01T00:05:00Z", step: "accepted", rung: 1, who: "shift_lead", whom: "王班长", phone: null, alert: null, because: "traffic_police has not accepted it, 0 min 12 s over the limit" }],
  };
  answering({ "GET /api/v1/me": operator, "GET /api/v1/dispatches": [matter], "GET /api/v1/silences": [] });
  show("/dispatch");
  expect((await screen.findByRole("link", { name: "0730-220 0110" })).getAttribute("href")).toBe("tel:07302200110");
  expect(screen.getByText(/^受理超时 \d/)).toBeTruthy();
  expect(screen.getByText(/已通知值班长 王班长/)).toBeTruthy();
  expect(screen.getByText("交警大队未受理，超时 0 分 12 秒")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: i18n.t("dispatch.all", { count: 2 }) }));
  expect(screen.getByText("照片 1（已到期清除）")).toBeTruthy();
  expect(screen.getByText("照片 2")).toBeTruthy();
  expect(screen.getByText(/XYZ-2026-0001/).textContent).toBe("XYZ-2026-0001 红灯局长批示");
});
