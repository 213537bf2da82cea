// Red cases in a real browser, in both languages: found by their light, opened, a letter read, issued, a second one dropped.
// node e2e/letters.mjs URL FOLDER NUMBER: screenshots of every state go to FOLDER.
import { goTo, launch, signIn } from "./support.mjs";

const [url, folder, number] = process.argv.slice(2);

const words = {
  zh: { cases: "案件", red: "红灯", letters: "督办函", issue: /签\s?发/, issued: "已签发", reason: "理由", drop: /撤\s?销/, dropped: "已撤销", before: 0, width: 1360, bring: "添加照片或文件", edit: /修\s?改/, requirement: "督办要求", added: "并附现场照片。", save: /保\s?存/ },
  en: { cases: "Cases", red: "red", letters: "Supervision letters", issue: "Issue", issued: "issued", reason: "Reason", drop: "Drop", dropped: "dropped", before: 1, width: 1000, bring: "Add photos or files", edit: "Edit", requirement: "What is asked for", added: "并附现场照片。", save: "Save" },
};

const { errors, open, finish } = await launch();
for (const [language, w] of Object.entries(words)) {
  const page = await open({ language, viewport: { width: w.width, height: 860 } });
  await signIn(page, url, "shift_lead");
  await goTo(page, w.cases);
  await page.locator(".ant-segmented-item").filter({ hasText: w.red }).click();
  const row = page.getByRole("cell", { name: number });
  await row.waitFor();
  await page.screenshot({ path: `${folder}/red-${language}.png` });
  await row.click();
  const file = page.getByRole("dialog");
  await file.getByRole("heading", { name: w.letters }).waitFor();
  const links = file.getByRole("link", { name: "PDF" });
  const draft = await page.request.get(new URL(await links.first().getAttribute("href"), url).href);
  if (draft.headers()["content-type"] !== "application/pdf") errors.push(`${language}: the letter is no PDF`);
  await file.getByRole("button", { name: w.edit }).first().click();
  const draftText = page.getByLabel(w.requirement);
  await draftText.fill(`${await draftText.inputValue()} ${w.added}`);
  await page.screenshot({ path: `${folder}/letter-text-${language}.png` });
  await page.getByRole("button", { name: w.save }).click();
  await draftText.waitFor({ state: "detached" });
  await file.getByRole("button", { name: w.issue }).first().click();
  await page.locator(".ant-popover:not(.ant-popover-hidden) .ant-popconfirm-buttons .ant-btn-primary").click();
  // One more than before: what was issued in the other language is there already.
  await file.getByText(w.issued, { exact: true }).nth(w.before).waitFor({ timeout: 60_000 });
  await file.getByRole("button", { name: w.drop }).first().click();
  await page.getByLabel(w.reason).last().fill("已当面督办");
  await page.locator(".ant-popover:not(.ant-popover-hidden) .ant-popconfirm-buttons .ant-btn-primary").click();
  await file.getByText(w.dropped, { exact: true }).nth(w.before).waitFor();
  await page.getByLabel(w.bring).setInputFiles([{ name: `scene-${language}.png`, mimeType: "image/png", buffer: await page.screenshot() }]);
  await file.getByRole("link", { name: `scene-${language}.png` }).first().waitFor();
  await file.getByRole("heading", { name: w.letters }).scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${folder}/letters-${language}.png` });
  await page.context().close();
}
await finish();
