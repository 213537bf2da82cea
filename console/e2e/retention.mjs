// A shift lead keeps an incident beyond its day and lets it go again, in both languages; an auditor reads what came of it and changes nothing.
// node e2e/retention.mjs URL FOLDER: screenshots of every state go to FOLDER. The purge must have run once.
import { DESK, PHONE, accessible, fits, launch, signIn } from "./support.mjs";

const [url, folder] = process.argv.slice(2);

const words = {
  zh: { deeds: ["延长保存", "解除延长保存"], fireworks: "燃放烟花爆竹", keep: "延长保存", kept: "已延长保存", reason: "事由", why: "听证会需要", tab: "保存", some: "延长保存…", id: "事件编号", unknown: "没有这个编号的事件，请核对。", stands: "已在延长保存中，无需重复。", send: "延长保存", cancel: "取消", lift: "解除", liftTitle: "解除延长保存", because: "解除的理由", needed: "请填写事由。", over: "听证会已结束", lifted: /^已解除延长保存/, none: "目前没有延长保存", copied: "已复制", again: "重试", audit: "操作审计", object: "对象", filter: "筛选" },
  en: { deeds: ["held beyond its day", "lifted a hold"], fireworks: "Fireworks", keep: "Keep beyond its day", kept: "Held", reason: "Reason", why: "for the hearing", tab: "Retention", some: "Hold something…", id: "Incident id", unknown: "There is no incident with this id. Compare it.", stands: "It is held already.", send: "Hold", cancel: "Cancel", lift: "Lift", liftTitle: "Lift the hold", because: "Why it may go now", needed: "Enter a reason.", over: "the hearing is over", lifted: /^The hold was lifted/, none: "Nothing is held", copied: "Copied", audit: "Audit trail", object: "Object", filter: "Filter" },
};

const { errors, open, finish } = await launch();
const check = (right, sentence) => right || errors.push(sentence);
const LOOKS = [["zh", "light", DESK], ["en", "dark", PHONE]];
/** What was held in each language; a newer incident may have come on top of the list in between. */
const held = {};

for (const [language, theme, viewport] of LOOKS) {
  const w = words[language];
  const shot = (state) => `${folder}/retention-${state}-${language}-${theme}-${viewport.width}.png`;
  const page = await open({ language, theme, viewport });
  await signIn(page, url, "shift_lead", { path: "/incidents" });
  await page.getByRole("cell", { name: w.fireworks }).first().click({ timeout: 90_000 });
  await page.getByRole("button", { name: w.keep, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: w.keep });
  await dialog.getByLabel(w.reason).fill(w.why);
  await accessible(page, `${language}: keep an incident`);
  await page.screenshot({ path: shot("incident") });
  const answered = page.waitForResponse((response) => response.request().method() === "POST" && response.url().endsWith("/retention/holds"));
  await dialog.getByRole("button", { name: w.send, exact: true }).click();
  const incident = (await (await answered).json()).ref;
  held[language] = incident;
  await page.getByText(w.kept, { exact: true }).waitFor();

  // It stands in the table. What nobody knows and what is held already are refused at the field.
  await page.goto(new URL("/logs?tab=retention", url).href);
  const row = page.getByRole("row").filter({ hasText: incident });
  await row.getByText(w.why).waitFor();
  await accessible(page, `${language}: what is kept`);
  await fits(page, `${language}: what is kept`);
  await page.screenshot({ path: shot("kept"), fullPage: true });
  await page.getByRole("button", { name: w.some }).click();
  const some = page.getByRole("dialog");
  const id = some.getByLabel(w.id);
  await some.getByLabel(w.reason).fill(w.why);
  page.expected(404, "/api/v1/retention/holds");
  page.expected(409, "/api/v1/retention/holds");
  for (const [typed, sentence] of [["0000", w.unknown], [incident, w.stands]]) {
    await id.fill(typed);
    await id.press("Enter");
    await some.getByRole("alert").filter({ hasText: sentence }).waitFor();
    check(await id.evaluate((field) => document.activeElement === field && field.ariaInvalid === "true"), `${language}: the keyboard is not at the field that is wrong`);
  }
  await accessible(page, `${language}: refused`);
  await page.screenshot({ path: shot("refused") });
  await page.keyboard.press("Escape");
  await some.waitFor({ state: "detached" });

  // It is lifted with a reason, not without.
  await row.getByRole("button").click();
  const lift = page.getByRole("dialog", { name: w.liftTitle });
  await page.keyboard.press("Tab");
  await lift.getByRole("button", { name: w.lift, exact: true }).click();
  await lift.getByText(w.needed).waitFor();
  await page.keyboard.type(w.over);
  await accessible(page, `${language}: lift`);
  await page.screenshot({ path: shot("lift") });
  await lift.getByRole("button", { name: w.lift, exact: true }).click();
  await page.getByText(w.lifted).waitFor();
  await page.getByText(w.none).waitFor();
  await page.context().close();
}

// The auditor sees the same page without a button that changes anything, and the purge's proof can be taken away.
const RETENTION = "**/api/v1/retention";
for (const [language, theme, viewport] of [["en", "light", DESK], ["zh", "dark", PHONE]]) {
  const w = words[language];
  const shot = (state) => `${folder}/retention-${state}-${language}-${theme}-${viewport.width}.png`;
  const page = await open({ language, theme, viewport });
  await page.context().grantPermissions(["clipboard-read"]);
  await signIn(page, url, "auditor", { path: "/logs" });
  const tab = page.locator(".ant-segmented-item").filter({ hasText: w.tab });
  if (language === "zh") await cannotBeRead(page, tab, w, shot);
  else await tab.click();
  const proof = page.locator(".kept .log-link");
  await proof.click();
  await page.getByText(w.copied, { exact: true }).waitFor({ state: "attached" });
  const taken = await page.evaluate(() => navigator.clipboard.readText());
  check(taken === (await proof.getAttribute("title")) && /^[0-9a-f]{64}$/.test(taken), `${language}: copied was ${taken}`);
  for (const name of [w.some, w.lift]) check((await page.getByRole("button", { name }).count()) === 0, `${language}: an auditor is offered "${name}"`);
  await page.screenshot({ path: shot("auditor"), fullPage: true });

  // A bad day: what a demo of some minutes does not have is put into the service's own answer.
  await page.route(RETENTION, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ json: badDay(await answer.json()) });
  });
  await page.reload();
  await page.getByText("drone_films").waitFor();
  await accessible(page, `${language}: a bad day`);
  await fits(page, `${language}: a bad day`);
  await page.screenshot({ path: shot("bad-day"), fullPage: true });

  // Both hands of the shift lead stand in the audit trail, with their reasons.
  await page.locator(".ant-segmented-item").filter({ hasText: w.audit }).click();
  for (const [spoken, incident] of Object.entries(held)) {
    await page.getByLabel(w.object).fill(incident);
    await page.getByRole("button", { name: w.filter }).click();
    const rows = page.getByRole("row").filter({ hasText: incident });
    await rows.filter({ hasText: w.deeds[0] }).filter({ hasText: words[spoken].why }).first().waitFor();
    await rows.filter({ hasText: w.deeds[1] }).filter({ hasText: words[spoken].over }).first().waitFor();
  }
  await page.context().close();
}
await finish();

/** What cannot be read is said, and tried again when it is asked for. */
async function cannotBeRead(page, tab, w, shot) {
  page.expected(503, "/api/v1/retention");
  await page.route(RETENTION, (route) => route.fulfill({ status: 503, json: { title: "Service Unavailable", detail: "the store does not answer" } }));
  await tab.click();
  await page.getByText("the store does not answer").waitFor();
  await accessible(page, "zh: what is kept cannot be read");
  await page.screenshot({ path: shot("error") });
  await page.unroute(RETENTION);
  await page.getByRole("button", { name: w.again }).click();
}

function badDay(kept) {
  const at = "2026-11-19T19:10:00Z";
  const left = "evidence/2026/10/20/gate-0007.mp4: is not the file that was kept; it was due on 2026-11-19 and was left for a person to look at";
  const run = { id: 41, by: "service", started_at: at, ended_at: at, items: 5000, deleted: 4987, bytes: 61_200_000_000, held: 13, problems: [left], left: true, hash: "ab".repeat(32) };
  return {
    classes: [...kept.classes.map((one, place) => ({ ...one, due: 1234 * (place % 3), due_bytes: 15_300_000_000 * (place % 3), held: place })), { key: "drone_films", days: 60, floor_days: 30, due: 0, due_bytes: 0, held: 0 }],
    more: true,
    causes: [{ why: "the incident is still open", items: 11 }, { why: "the dispatch to public_security is not finished", items: 7 }, { why: "the case AJ-2026-0007 has not been said to be closed", items: 3 }, { why: "hold 4 of 王值班长 on the case: 行政复议期间，卷宗不得清除", items: 2 }],
    holds: [
      { id: 4, kind: "case", ref: "AJ-2026-0007", reason: "行政复议期间，卷宗不得清除", by: "王值班长", at },
      { id: 5, kind: "incident", ref: "ab".repeat(16), reason: "the prosecutor asks for the clips until the trial is over, and for all that the neighbouring camera has", by: "Li", at },
      { id: 6, kind: "file", ref: `evidence/2026/11/20/${"long-camera-name-".repeat(5)}clip.mp4`, reason: "培训素材", by: "王值班长", at },
    ],
    runs: [{ ...run, id: 42, ended_at: null, hash: null, problems: [], left: false, items: 0, deleted: 0, bytes: 0, held: 0 }, run, ...kept.runs],
    space: { free_bytes: 18_400_000_000, growth_bytes_a_day: 4_200_000_000, days_left: 4 },
    problem: `the last purge (run 41) met what a person must look at: ${left}`,
  };
}
