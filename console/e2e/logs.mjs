// An auditor follows one clip: somebody of the centre opens it, the register says so, the trace leads from the file to the ledger.
// node e2e/logs.mjs URL FOLDER: screenshots of every state go to FOLDER. Then figures and the ledger's proof, by the same auditor.
import { DESK, PHONE, accessible, fits, goTo, launch, signIn } from "./support.mjs";

const [url, folder] = process.argv.slice(2);

const words = {
  zh: { logs: "日志", figures: "统计", audit: "操作审计", calls: "调阅登记", ledger: "巡查台账", same: "文件与封存时一致", sealed: "台账封存", incident: "事件", look: "巡查", seen: "调阅", saw: "查看视频", check: "核对全部台账", whole: /台账完整/, verify: "核对审计链", trail: /审计链完整/, coverage: "巡查覆盖，类别", names: ["事件", "误报", "响应时效", "部门", "人工抽查"] },
  en: { logs: "Logs", figures: "Figures", audit: "Audit trail", calls: "Evidence calls", ledger: "Ledger", same: "the file is as it was sealed", sealed: "Sealed in the ledger", incident: "Incident", look: "Look", seen: "Seen by", saw: "saw evidence", check: "Verify the whole ledger", whole: /The ledger is whole/, verify: "Verify the trail", trail: /The trail is whole/, coverage: "Coverage, category", names: ["Incidents", "False alarms", "Response", "Departments", "Spot-checks"] },
};

/** The clip of an incident of the demo, opened by a shift lead: its SHA-256, once there is one. */
async function openedClip(page) {
  await goTo(page, "事件");
  await page.getByRole("cell", { name: "燃放烟花爆竹" }).first().waitFor({ timeout: 90_000 });
  const { sha256, status } = await page.evaluate(async () => {
    const read = async (path) => (await fetch(path)).json();
    for (const { id } of (await read("/api/v1/incidents?limit=50")).items) {
      const whole = await read(`/api/v1/incidents/${id}`);
      const clip = whole.sightings.flatMap((sighting) => sighting.evidence).find((file) => file.role === "clip");
      if (clip) return { sha256: clip.sha256, status: (await fetch(clip.url, { headers: { Range: "bytes=0-99" } })).status };
    }
    return { sha256: "", status: 0 };
  });
  if (status !== 206) throw new Error(`the clip was not opened: ${status}`);
  return sha256;
}

const { errors, open, finish } = await launch();
const lead = await open();
await signIn(lead, url, "shift_lead");
const sha256 = await openedClip(lead);
await lead.close();

for (const [language, w] of Object.entries(words)) {
  const theme = language === "zh" ? "light" : "dark";
  const page = await open({ language, theme });
  await signIn(page, url, "auditor");
  await page.getByText(w.saw, { exact: true }).first().waitFor();
  await page.getByRole("button", { name: w.verify }).click();
  await page.getByText(w.trail).waitFor();
  await accessible(page, `${language}: audit`);
  await page.screenshot({ path: `${folder}/logs-audit-${language}.png` });
  await page.locator(".ant-segmented-item").filter({ hasText: w.calls }).click();
  const call = page.getByRole("button", { name: new RegExp(sha256) }).first();
  await call.waitFor();
  await accessible(page, `${language}: register`);
  await page.screenshot({ path: `${folder}/logs-calls-${language}.png` });
  await call.click();
  await page.getByText(w.same).first().waitFor();
  for (const step of [w.look, w.sealed, w.incident, w.seen]) await page.locator(".trace-steps h3").filter({ hasText: step }).first().waitFor();
  if (!page.url().includes(sha256)) errors.push(`${language}: the address does not say which file`);
  await accessible(page, `${language}: trace`);
  await page.screenshot({ path: `${folder}/logs-trace-${language}.png` });
  await page.locator(".ant-segmented-item").filter({ hasText: w.ledger }).click();
  await page.getByRole("button", { name: w.check }).click();
  await page.getByText(w.whole).waitFor();
  await accessible(page, `${language}: ledger`);
  await page.screenshot({ path: `${folder}/logs-ledger-${language}.png` });
  await goTo(page, w.figures);
  await page.getByRole("region", { name: /类别|category/ }).waitFor();
  await page.locator(".chart svg").waitFor();
  await accessible(page, `${language}: coverage`);
  await page.screenshot({ path: `${folder}/figures-coverage-${language}.png` });
  for (const name of w.names) {
    await page.locator(".ant-segmented-item").filter({ hasText: name }).click();
    await page.locator(".figure-sheet :is(.figure-numbers, .nothing)").first().waitFor();
    await accessible(page, `${language}: ${name}`);
    await page.screenshot({ path: `${folder}/figures-${w.names.indexOf(name)}-${language}.png` });
  }
  await page.setViewportSize(PHONE);
  await fits(page, `${language}: figures on a phone`);
  await page.screenshot({ path: `${folder}/figures-phone-${language}.png`, fullPage: true });
  await page.goto(new URL(`/logs?tab=trace&sha256=${sha256}`, url).href);
  await page.getByText(w.same).first().waitFor();
  await fits(page, `${language}: trace on a phone`);
  await accessible(page, `${language}: trace on a phone`);
  await page.screenshot({ path: `${folder}/logs-phone-${language}.png` });
  await page.setViewportSize(DESK);
  await page.close();
}
await finish();
