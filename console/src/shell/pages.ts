// The pages of the console, in the order of the navigation: a page is one line here.
import { AuditOutlined, BarChartOutlined, BellOutlined, EyeOutlined, FileDoneOutlined, InboxOutlined, RadarChartOutlined, SearchOutlined, SettingOutlined } from "@ant-design/icons";
import type { ComponentType } from "react";
import type { Me, Name, Role } from "../api/session";

/** One page.
 *
 * `path`: where it stands; `/*` at its end: it has places of its own below. `open`: who may open it. `home`: whose start page it is.
 * `load`: its module, whose default export is the page. */
export interface Page {
  path: string;
  name: Name;
  icon: typeof BellOutlined;
  open: (me: Me) => boolean;
  home?: Role[];
  load: () => Promise<{ default: ComponentType }>;
}

const may = (action: string) => (me: Me) => me.may.includes(action);

export const pages: Page[] = [
  { path: "/review", name: { zh: "研判", en: "Review" }, icon: EyeOutlined, open: may("incident.read"), home: ["operator", "shift_lead"], load: () => import("../pages/review") },
  { path: "/inbox/*", name: { zh: "派警", en: "Inbox" }, icon: InboxOutlined, open: may("inbox.read"), home: ["department"], load: () => import("../pages/inbox") },
  { path: "/rotation", name: { zh: "轮巡", en: "Rotation" }, icon: RadarChartOutlined, open: may("rotation.read"), load: () => import("../pages/rotation") },
  { path: "/incidents", name: { zh: "事件", en: "Incidents" }, icon: SearchOutlined, open: may("incident.read"), load: () => import("../pages/incidents") },
  { path: "/dispatch", name: { zh: "派警", en: "Dispatch" }, icon: BellOutlined, open: may("dispatch.read"), load: () => import("../pages/dispatch") },
  { path: "/cases", name: { zh: "案件", en: "Cases" }, icon: FileDoneOutlined, open: may("case.read"), load: () => import("../pages/cases") },
  { path: "/figures", name: { zh: "统计", en: "Figures" }, icon: BarChartOutlined, open: may("figures.read"), load: () => import("../pages/figures") },
  { path: "/logs", name: { zh: "日志", en: "Logs" }, icon: AuditOutlined, open: (me) => ["audit.read", "ledger.read", "evidence.trace", "retention.read"].some((action) => me.may.includes(action)), home: ["auditor"], load: () => import("../pages/logs") },
  { path: "/admin/*", name: { zh: "配置", en: "Set-up" }, icon: SettingOutlined, open: may("registry.edit"), home: ["admin"], load: () => import("../pages/admin") },
];

/** Where somebody starts: their role's page, else the first they may open; null: there is none. */
export function homeOf(me: Me): Page | null {
  const allowed = pages.filter((page) => page.open(me));
  return allowed.find((page) => page.home?.includes(me.role)) ?? allowed[0] ?? null;
}

/** The address of a page's start. */
export function addressOf(page: Page): string {
  return page.path.replace(/\/\*$/, "");
}
