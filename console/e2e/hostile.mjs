// Names that try to be code, on every page that shows names: they are shown as they are written, and nothing of them runs.
// node e2e/hostile.mjs URL FOLDER NAME
import { goTo, launch } from "./support.mjs";

const [url, folder, name] = process.argv.slice(2);
const { open, finish } = await launch();
const page = await open({ language: "en" });
page.expected(404, "/evidence/"); // the rows of this county have no files behind them
await page.addInitScript(() => {
  window.ran = [];
});
await page.goto(url);
await page.locator(".frame-nav").waitFor();
for (const where of await page.getByRole("navigation").getByRole("link").allInnerTexts()) {
  await goTo(page, where.trim());
  await page.locator("main").waitFor();
  await page.waitForLoadState("networkidle").catch(() => undefined); // the stream of events keeps a page from ever being idle
  await page.screenshot({ path: `${folder}/hostile-${where.trim().toLowerCase()}.png` });
  const ran = await page.evaluate(() => window.ran);
  if (ran.length > 0) throw new Error(`${where}: a name ran as code: ${ran}`);
  if ((await page.locator("img[src='x']").count()) + (await page.locator("main script").count()) > 0) throw new Error(`${where}: a name became markup`);
}
await goTo(page, "Incidents");
await page.getByText(name).first().waitFor();
await finish();
