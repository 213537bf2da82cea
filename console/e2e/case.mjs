// The case that a county's own system keeps, on the board: number, stage and light in the list, the drawer and the dispatch tab.
// node e2e/case.mjs URL FOLDER NUMBER STAGE: shows yellow, says "turn it red" on stdout, and waits until the board shows red by itself.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const [url, folder, number, stage] = process.argv.slice(2);
const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (!executablePath) throw new Error("no Chromium found; Debian: apt install chromium (make test does it)");

const words = {
  zh: { incidents: "事件", dispatch: "派警", yellow: "黄灯", red: "红灯" },
  en: { incidents: "Incidents", dispatch: "Dispatch", yellow: "yellow", red: "red" },
};

const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const errors = [];
const pages = [];
for (const [language, w] of Object.entries(words)) {
  const page = await browser.newPage({ viewport: { width: 1500, height: 860 } });
  page.on("console", (m) => m.type() === "error" && errors.push(`${language}: ${m.text()}`));
  page.on("pageerror", (e) => errors.push(`${language}: ${e.message}`));
  page.on("response", (r) => r.status() >= 400 && errors.push(`${language}: ${r.status()} ${r.url()}`));
  await page.addInitScript((l) => localStorage.setItem("language", l), language);
  await page.goto(url);
  await page.getByRole("tab", { name: w.dispatch }).click();
  const matter = page.getByRole("row").filter({ hasText: number }).first();
  await matter.getByText(w.yellow, { exact: true }).waitFor({ timeout: 20_000 });
  await matter.getByText(stage).waitFor();
  await page.screenshot({ path: `${folder}/case-dispatch-${language}.png` });
  await page.getByRole("tab", { name: w.incidents }).click();
  const row = page.getByRole("row").filter({ hasText: number });
  await row.getByText(w.yellow, { exact: true }).waitFor();
  await row.getByText(stage).waitFor();
  await page.screenshot({ path: `${folder}/case-incidents-${language}.png` });
  await row.click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText(number).waitFor();
  await drawer.getByText(w.yellow, { exact: true }).waitFor();
  await page.screenshot({ path: `${folder}/case-drawer-${language}.png` });
  pages.push([page, drawer, w, language]);
}
console.log("turn it red");
for (const [page, drawer, w, language] of pages) {
  await drawer.getByText(w.red, { exact: true }).waitFor({ timeout: 20_000 });
  await page.screenshot({ path: `${folder}/case-red-${language}.png` });
}
await browser.close();
if (errors.length > 0) throw new Error(errors.join("\n"));
