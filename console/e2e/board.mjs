// Clicks through the board in a real browser, in both languages; any console error or failed request ends it.
// node e2e/board.mjs URL FOLDER [synthetic]: screenshots of every state go to FOLDER.
import { goTo, launch, signIn } from "./support.mjs";

const [url, folder] = process.argv.slice(2);

const words = {
  zh: { table: "表格", synthetic: "合成画面（演示）", incidents: "事件", alerts: "推送", unreachable: /无法连接/, unusable: /画面不可用/, fireworks: "燃放烟花爆竹", accepted: "已受理", reviews: "研判记录", spotChecks: "抽查", dispatch: "派警", cases: "案件", clocks: "时限", next: "下一步", move: "交办", unit: "承办单位", send: /提\s?交/, stage: "交（已交办）", late: /^到场超时/, square: "【合成】滨江广场 夜景" },
  en: { table: "Table", synthetic: "SYNTHETIC pictures (demo)", incidents: "Incidents", alerts: "Alerts", unreachable: /unreachable/, unusable: /unusable/, fireworks: "Fireworks", accepted: "accepted", reviews: "Reviews", spotChecks: "Spot-checks", dispatch: "Dispatch", cases: "Cases", clocks: "Clocks", next: "Next", move: "Accept", unit: null, send: "Submit", stage: "handling", late: /^On scene overdue/, square: "【合成】滨江广场 夜景" },
};

const { errors, open, finish } = await launch();
// What is assigned in the one language is accepted in the other.
const numbers = { first: undefined };
for (const [language, w] of Object.entries(words)) {
  const page = await open({ language, viewport: { width: 1360, height: 860 } });
  await signIn(page, url, "shift_lead", { path: "/rotation" });
  await page.getByText(w.synthetic).waitFor({ timeout: 20_000 });
  await page.getByRole("radiogroup").getByText(w.table, { exact: true }).click();
  await page.getByRole("cell", { name: w.unreachable }).first().waitFor({ timeout: 90_000 });
  await page.getByRole("cell", { name: w.unusable }).first().waitFor({ timeout: 90_000 });
  await page.screenshot({ path: `${folder}/rotation-${language}.png` });
  await goTo(page, w.dispatch);
  await page.getByRole("tab", { name: w.alerts }).click();
  await page.getByRole("tabpanel", { name: w.alerts }).getByText(w.accepted).first().waitFor({ timeout: 90_000 });
  await page.screenshot({ path: `${folder}/alerts-${language}.png` });
  await goTo(page, w.incidents);
  await page.getByRole("cell", { name: w.fireworks }).first().click();
  const drawer = page.getByRole("dialog");
  await drawer.getByText(w.reviews).waitFor();
  const picture = drawer.locator("img").first();
  await picture.waitFor();
  await picture.evaluate((img) => img.complete || new Promise((done) => img.addEventListener("load", done)));
  if ((await picture.evaluate((img) => img.naturalWidth)) === 0) errors.push(`${language}: the key frame is not shown`);
  const clip = drawer.locator("video").first();
  await clip.evaluate((v) => v.readyState >= 1 || new Promise((done, fail) => { v.addEventListener("loadedmetadata", done); v.addEventListener("error", () => fail(new Error("the clip cannot be played"))); }));
  await page.screenshot({ path: `${folder}/incident-${language}.png` });
  await page.keyboard.press("Escape");
  await goTo(page, w.dispatch);
  await page.getByText(w.late).first().waitFor({ timeout: 90_000 });
  const phone = page.getByRole("link", { name: "0730-5550110" }).first();
  if ((await phone.getAttribute("href")) !== "tel:07305550110") errors.push(`${language}: the telephone is no link`);
  await page.screenshot({ path: `${folder}/dispatch-${language}.png` });
  await goTo(page, w.cases);
  await page.screenshot({ path: `${folder}/cases-${language}.png` });
  const number = (numbers.first ??= (await page.getByRole("cell", { name: /^430624\d{14}$/ }).last().textContent()) ?? "");
  await page.getByRole("cell", { name: number, exact: true }).click();
  const file = page.getByRole("dialog");
  await file.getByRole("heading", { name: w.clocks }).waitFor();
  await file.getByRole("combobox", { name: w.next }).click();
  await page.getByTitle(w.move, { exact: true }).click();
  if (w.unit) await file.getByLabel(w.unit).fill("public_security");
  await file.getByRole("button", { name: w.send }).click();
  await file.getByText(w.stage).first().waitFor();
  await page.screenshot({ path: `${folder}/case-${language}.png` });
  await file.locator(".ant-drawer-close").click();
  await goTo(page, w.incidents);
  await page.getByRole("tab", { name: w.spotChecks }).click();
  const waiting = page.getByRole("row", { name: w.square }).first();
  await waiting.waitFor({ timeout: 90_000 });
  await waiting.getByRole("button").click();
  const shown = page.locator(".evidence img").last();
  await shown.waitFor();
  await shown.evaluate((img) => img.complete || new Promise((done) => img.addEventListener("load", done)));
  if ((await shown.evaluate((img) => img.naturalWidth)) === 0) errors.push(`${language}: the spot-check's picture is not shown`);
  await page.screenshot({ path: `${folder}/spot-checks-${language}.png` });
  await page.context().close();
}
await finish();
