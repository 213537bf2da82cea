// A copy of a clip from asking to having it, in both languages, light and dark, on a desk and on a phone; then what the register says.
// node e2e/evidence.mjs URL FOLDER: screenshots of every state go to FOLDER, the copy to FOLDER/copy.mp4.
import { DESK, PHONE, accessible, fits, goTo, launch, signIn } from "./support.mjs";

const [url, folder] = process.argv.slice(2);

const words = {
  zh: { incidents: "事件", fireworks: "燃放烟花爆竹", clip: "导出: 视频片段", title: "导出证据副本", reason: "事由", unit: "提供给（单位）", send: "开始导出", ready: "已完成", download: "下载副本", close: "关闭", why: "联合执法取证需要", forWhom: "县人民法院", unmasked: "不遮挡人脸和车牌", second: "不遮挡的理由" },
  en: { incidents: "Incidents", fireworks: "Fireworks", clip: "Export: clip", title: "Export a copy of the evidence", reason: "Reason", unit: "For which unit", send: "Export", ready: "Ready", download: "Download the copy", close: "Close", why: "joint enforcement asks for it", forWhom: "County court", unmasked: "Leave faces and plates in sight", second: "Why they must be seen" },
};

const { open, finish } = await launch();
for (const [language, theme, viewport, role] of [["zh", "light", DESK, "shift_lead"], ["en", "dark", PHONE, "operator"]]) {
  const w = words[language];
  const shot = (state) => `${folder}/export-${state}-${language}-${theme}-${viewport.width}.png`;
  const page = await open({ language, theme, viewport });
  await signIn(page, url, role);
  await goTo(page, w.incidents);
  await page.getByRole("cell", { name: w.fireworks }).first().click({ timeout: 90_000 });
  await page.getByRole("button", { name: w.clip }).first().click();
  const dialog = page.getByRole("dialog", { name: w.title });
  await dialog.getByLabel(w.reason, { exact: true }).fill(w.why);
  await dialog.getByLabel(w.unit).fill(w.forWhom);
  if (role === "shift_lead") {
    await dialog.getByLabel(w.unmasked).check();
    await dialog.getByLabel(w.second).waitFor();
    await page.screenshot({ path: shot("unmasked") });
    await dialog.getByLabel(w.unmasked).uncheck();
  } else if ((await dialog.getByLabel(w.unmasked).count()) > 0) throw new Error("an operator is offered an unmasked copy");
  await accessible(page, `${language} ${theme}: the order`);
  await page.screenshot({ path: shot("order") });
  await dialog.getByRole("button", { name: w.send, exact: true }).click();
  await dialog.getByText(/EX-\d{8}-\d{4}/).waitFor();
  await page.screenshot({ path: shot("working") });
  await dialog.getByRole("status").filter({ hasText: w.ready }).waitFor({ timeout: 90_000 });
  await accessible(page, `${language} ${theme}: the copy is ready`);
  await fits(page, `${language} ${theme}`);
  await page.screenshot({ path: shot("ready") });
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("link", { name: w.download }).click()]);
  await download.saveAs(`${folder}/copy.mp4`);
  await dialog.getByRole("button", { name: w.close, exact: true }).click();
  await dialog.waitFor({ state: "hidden" });
  await page.context().close();
}

// What was done stands in the register, and the auditor who reads it cannot fetch the copy.
const page = await open({ language: "zh" });
await signIn(page, url, "auditor");
const { items } = await (await page.request.get(`${url}/api/v1/evidence-calls`)).json();
const done = items.map((call) => `${call.role} ${call.how} ${call.recipient ?? ""} ${call.how === "view" ? "" : call.why}`.trim());
for (const wanted of ["shift_lead export 县人民法院 联合执法取证需要", "shift_lead fetch 县人民法院 联合执法取证需要", "operator export County court joint enforcement asks for it", "operator view"]) {
  if (!done.includes(wanted)) throw new Error(`the register does not say "${wanted}": ${done.join("; ")}`);
}
const copy = items.find((call) => call.how === "export").export;
const refused = await page.request.get(`${url}/api/v1/exports/${copy}/file`);
if (refused.status() !== 403) throw new Error(`an auditor fetches a copy: ${refused.status()}`);
await finish();
