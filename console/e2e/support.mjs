// What all journeys share: a browser that reports every error, somebody signed in, a look with axe.
import { existsSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { chromium } from "playwright-core";

export const DESK = { width: 1920, height: 1080 };
export const PHONE = { width: 390, height: 844 };

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

/** A browser with what went wrong in it: `errors` grows, `finish` closes and throws them. */
export async function launch() {
  if (!executablePath) throw new Error("no Chromium found; Debian: apt install chromium (make test does it)");
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  const errors = [];
  return {
    browser,
    errors,

    /** A page of somebody's own (cookies and storage apart from others'). `remembered`: what localStorage holds before. */
    async open({ language = "zh", theme = "light", viewport = DESK, remembered = {} } = {}) {
      const phone = viewport.width < 720;
      const context = await browser.newContext({ viewport, locale: language === "zh" ? "zh-CN" : "en-GB", timezoneId: "Asia/Shanghai", isMobile: phone, hasTouch: phone });
      const page = await context.newPage();
      page.setDefaultTimeout(20_000);
      const expected = [{ status: 401, path: "/api/v1/me" }];
      const where = `${language} ${viewport.width}×${viewport.height}`;
      let away = false;
      const foreseen = (url, status) => expected.some((e) => (status === undefined || e.status === status) && new URL(url).pathname.startsWith(e.path));
      // The browser writes a line of its own for each refused answer; the answer itself is judged below.
      const ofNetwork = (text) => /^Failed to load resource|net::ERR_/.test(text);
      page.on("console", (m) => m.type() === "error" && !(ofNetwork(m.text()) && (away || foreseen(m.location().url))) && errors.push(`${where}: ${m.text()} ${m.location().url}`));
      page.on("pageerror", (e) => errors.push(`${where}: ${e.stack ?? e.message}`));
      page.on("response", (r) => r.status() >= 400 && !foreseen(r.url(), r.status()) && errors.push(`${where}: ${r.status()} ${r.request().method()} ${r.url()}`));
      // Nothing is fetched from elsewhere: a county's network may end at its own border.
      page.on("request", (r) => r.url().startsWith("http") && page.url().startsWith("http") && new URL(r.url()).host !== new URL(page.url()).host && errors.push(`${where}: asked for ${r.url()}`));
      await page.addInitScript((kept) => {
        for (const [name, value] of Object.entries(kept)) if (localStorage.getItem(name) === null) localStorage.setItem(name, value);
      }, { language, theme, ...remembered });
      /** An answer that the journey means to get: `page.expected(409, "/api/v1/cases")`. */
      page.expected = (status, path) => expected.push({ status, path });
      /** The service is down on purpose, until `page.away(false)`. */
      page.away = (down) => {
        away = down;
      };
      return page;
    },

    async finish() {
      await browser.close();
      if (errors.length > 0) throw new Error(errors.join("\n"));
    },
  };
}

const ROLES = {
  operator: { zh: "坐席", en: "Operator" },
  shift_lead: { zh: "值班长", en: "Shift lead" },
  department: { zh: "部门", en: "Department" },
  admin: { zh: "管理员", en: "Administrator" },
  auditor: { zh: "审计员", en: "Auditor" },
};

const language = (page) => page.evaluate(() => (document.documentElement.lang === "zh-CN" ? "zh" : "en"));

/** Come in by a role's button of the demo; done when the frame stands. */
export async function signIn(page, url, role, { path = "/" } = {}) {
  await page.goto(new URL(path, url).href);
  await page.locator(".door-demo button").first().waitFor();
  await page.getByRole("button", { name: ROLES[role][await language(page)], exact: true }).click();
  await page.locator(".frame-nav").waitFor();
}

/** Come in by a one-time link (`https://…/enter#LINK`) and choose a password. */
export async function enterByLink(page, link, password) {
  await page.goto(link);
  await page.getByRole("button", { name: /^(进入|Enter)$/ }).click();
  await page.getByLabel(/^(新密码|New password)$/).fill(password);
  await page.getByLabel(/^(再次输入新密码|New password once more)$/).fill(password);
  await page.getByRole("button", { name: /^(保存|Save)$/ }).click();
  await page.locator(".frame-nav").waitFor();
}

/** Come in by account and password. */
export async function enterByPassword(page, url, name, password) {
  await page.goto(url);
  await page.getByLabel(/^(账号|Account)$/).fill(name);
  await page.getByLabel(/^(密码|Password)$/).fill(password);
  await page.getByRole("button", { name: /^(登录|Sign in)$/ }).click();
  await page.locator(".frame-nav").waitFor();
}

/** Open a page by its link in the navigation, behind "more" where a phone has no place for it. */
export async function goTo(page, name) {
  const link = page.getByRole("navigation").getByRole("link", { name, exact: true });
  const more = page.locator(".frame-more");
  if ((await link.count()) === 0 && (await more.count()) > 0) await more.click();
  await link.click();
}

/** No serious or critical finding of axe; `where` says in the error which state of which page it was. */
export async function accessible(page, where) {
  // Halfway from one colour to another nothing has the contrast that it will have.
  await page.waitForFunction(() => document.getAnimations().every((each) => !(each instanceof CSSTransition) || each.playState !== "running"));
  const { violations } = await new AxeBuilder({ page }).analyze();
  const bad = violations.filter((v) => ["serious", "critical"].includes(v.impact));
  if (bad.length > 0) {
    const lines = bad.flatMap((v) => v.nodes.slice(0, 4).map((n) => `  ${v.impact} ${v.id}: ${n.target.join(" ")} – ${n.failureSummary?.split("\n").slice(1).join("; ").trim()}`));
    throw new Error(`${where}: axe finds\n${lines.join("\n")}`);
  }
}

/** Nothing hangs over the right edge: a phone must not scroll sideways. */
export async function fits(page, where) {
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  if (content > window) throw new Error(`${where}: the page is ${content} px wide on ${window} px`);
}
