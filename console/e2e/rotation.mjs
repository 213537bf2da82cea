// A shift lead's way over the rotation page, in both languages: late camera, its drawer, heat, wall, sign-off of a miss.
// node e2e/rotation.mjs URL FOLDER SESSION: screenshots of every state go to FOLDER.
import { DESK, PHONE, accessible, fits, launch } from "./support.mjs";

const [url, folder, session] = process.argv.slice(2);

const words = {
  zh: { late: /^超期\s*2$/, shown: "显示 2 / 3", board: /点位色块图/, camera: "old-bridge", visits: "最近巡查", close: "关闭", table: "表格", heat: "24 小时热力", heatTable: "表", wall: "画面墙", none: "尚无画面", misses: "漏巡签核", choose: "选择 old-bridge", note: "签核说明（原因或已采取的措施）", said: "停电，已报修", sign: "签核所选", done: "已签核 1 条", missed: "漏巡" },
  en: { late: /^Late\s*2$/, shown: "2 of 3", board: /Cameras as cells/, camera: "south-bank", visits: "Last looks", close: "Close", table: "Table", heat: "Last 24 hours", heatTable: "Table", wall: "Live wall", none: "No picture yet", misses: "Misses", choose: "Choose south-bank", note: "Note: why it happened, or what was done", said: "power was out, repair ordered", sign: "Sign off the chosen", done: "1 signed off", missed: "missed" },
};

const { open, finish } = await launch();
for (const [language, w] of Object.entries(words)) {
  const enter = async (viewport) => {
    const page = await open({ language, viewport, theme: language === "zh" ? "light" : "dark" });
    await page.emulateMedia({ reducedMotion: "reduce" });
    await page.context().addCookies([{ name: "patrol_session", value: session, url }]);
    await page.goto(`${url}/rotation`);
    return page;
  };
  const page = await enter(DESK);
  const checked = async (what) => {
    await page.screenshot({ path: `${folder}/rotation-${what}-${language}.png` });
    await accessible(page, `${language} ${what}`);
  };
  await page.getByRole("button", { name: w.late }).click();
  await page.getByText(w.shown, { exact: true }).waitFor();
  await checked("board");
  const board = page.getByRole("application", { name: w.board });
  await board.focus();
  await page.keyboard.press(language === "zh" ? "Home" : "End");
  await page.keyboard.press("Enter");
  const drawer = page.getByRole("dialog");
  await drawer.getByText(w.camera, { exact: true }).first().waitFor();
  await drawer.getByRole("heading", { name: w.visits }).waitFor();
  await drawer.getByText(w.missed).first().waitFor();
  await checked("camera");
  await drawer.getByRole("button", { name: w.close }).click();
  await drawer.waitFor({ state: "hidden" });
  await page.getByRole("radiogroup").getByText(w.table, { exact: true }).click();
  await page.getByRole("button", { name: w.camera }).waitFor();
  await checked("table");
  await page.getByRole("tab", { name: w.heat }).click();
  await page.locator(".rotation-chart canvas").first().waitFor();
  await checked("heat");
  await page.getByRole("radiogroup").getByText(w.heatTable, { exact: true }).last().click();
  await page.getByRole("columnheader", { name: /^\d\d:00$/ }).first().waitFor();
  await checked("heat-table");
  await page.getByRole("tab", { name: w.wall }).click();
  await page.getByText(w.none).first().waitFor();
  await checked("wall");
  await page.getByRole("tab", { name: w.misses }).click();
  await page.getByRole("checkbox", { name: w.choose }).check();
  await page.getByRole("textbox", { name: w.note }).fill(w.said);
  await checked("misses");
  await page.getByRole("button", { name: w.sign }).click();
  await page.getByText(w.done).waitFor();
  await page.getByRole("checkbox", { name: w.choose }).waitFor({ state: "detached" });
  await checked("signed");
  const phone = await enter(PHONE);
  await phone.getByRole("application", { name: w.board }).waitFor();
  await phone.screenshot({ path: `${folder}/rotation-phone-${language}.png` });
  await accessible(phone, `${language} phone`);
  await fits(phone, `${language} phone`);
}
await finish();
