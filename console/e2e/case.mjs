// The case that a county's own system keeps, on the board: number, stage and light in the list, the drawer and the dispatch tab.
// node e2e/case.mjs URL FOLDER NUMBER STAGE: shows yellow, says "turn it red" on stdout, and waits until the board shows red by itself.
// The service runs without sign-in.
import { goTo, launch } from "./support.mjs";

const [url, folder, number, stage] = process.argv.slice(2);

const words = {
  zh: { incidents: "事件", dispatch: "派警", yellow: "黄灯", red: "红灯" },
  en: { incidents: "Incidents", dispatch: "Dispatch", yellow: "yellow", red: "red" },
};

const { open, finish } = await launch();
const pages = [];
for (const [language, w] of Object.entries(words)) {
  const page = await open({ language, viewport: { width: 1500, height: 860 } });
  await page.goto(url);
  await goTo(page, w.dispatch);
  const matter = page.locator(".dispatch").filter({ hasText: number }).first();
  await matter.getByText(w.yellow, { exact: true }).waitFor({ timeout: 20_000 });
  await matter.getByText(stage).waitFor();
  await page.screenshot({ path: `${folder}/case-dispatch-${language}.png` });
  await goTo(page, w.incidents);
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
await finish();
