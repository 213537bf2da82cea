// A department on a telephone: a new alert, accepted, on the way without network, on scene, reported with a photo; then the centre's side.
// node e2e/inbox.mjs URL FOLDER: screenshots go to FOLDER.
import { PHONE, accessible, fits, goTo, launch, signIn } from "./support.mjs";

const [url, folder] = process.argv.slice(2);
const all = await launch();
const wait = { timeout: 90_000 };

const page = await all.open({ viewport: PHONE });
const phone = page.context();
await signIn(page, url, "department");

// Installable: the manifest and its icons are there, the worker is in charge, and Chromium finds nothing against it.
await page.evaluate(() => navigator.serviceWorker.ready);
await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
const manifest = await page.evaluate(async () => {
  const found = await (await fetch(document.querySelector("link[rel=manifest]").href)).json();
  const icons = await Promise.all(found.icons.map(async (icon) => (await fetch(icon.src)).headers.get("content-type")));
  return { display: found.display, scope: found.scope, icons };
});
if (manifest.display !== "standalone" || manifest.scope !== "/" || manifest.icons.some((type) => type !== "image/png")) throw new Error(`the manifest: ${JSON.stringify(manifest)}`);
const { installabilityErrors } = await (await phone.newCDPSession(page)).send("Page.getInstallabilityErrors");
const against = installabilityErrors.map((error) => error.errorId).filter((id) => id !== "in-incognito");
if (against.length > 0) throw new Error(`not installable: ${against.join(", ")}`);

// A new alert arrives by itself, is counted in the title, and is seen when it is opened.
const fresh = page.locator(".matter-new").first();
await fresh.waitFor(wait);
await page.waitForFunction(() => /^\(\d+\)/.test(document.title));
await page.screenshot({ path: `${folder}/inbox-list.png` });
await accessible(page, "inbox list");
await fits(page, "inbox list");
await fresh.click();
const detail = page.getByRole("article");
await detail.getByText("已签收", { exact: true }).first().waitFor();
const alert = new URL(page.url()).pathname.split("/").at(-1);
const clip = detail.locator("video").first();
await clip.evaluate((v) => v.readyState >= 1 || new Promise((done, fail) => { v.addEventListener("loadedmetadata", done); v.addEventListener("error", () => fail(new Error("the clip cannot be played"))); }));
await page.screenshot({ path: `${folder}/inbox-one.png`, fullPage: true });
await accessible(page, "inbox, one matter");
await fits(page, "inbox, one matter");
const map = await detail.getByRole("link", { name: "导航" }).getAttribute("href");
if (!/^geo:28\.\d+,112\.\d+\?/.test(map ?? "")) throw new Error(`the way there: ${map}`);

await page.getByRole("button", { name: "拒收" }).click();
await page.getByText("不在本辖区").waitFor();
await page.screenshot({ path: `${folder}/inbox-refuse.png` });
await accessible(page, "inbox, refusing");
await page.getByRole("button", { name: "取消" }).click();
await page.getByRole("button", { name: "受理", exact: true }).click();
await detail.getByText("已受理", { exact: true }).first().waitFor();

// Without network: two answers are given, a reload loses neither.
page.expected(undefined, "/");
await phone.setOffline(true);
await page.getByRole("button", { name: "在途中（报到达时间）" }).click();
await page.screenshot({ path: `${folder}/inbox-minutes.png` });
await page.getByRole("button", { name: "15 分" }).click();
await page.getByRole("button", { name: "已到场" }).click();
await detail.locator(".said-unsent").nth(1).waitFor();
await page.screenshot({ path: `${folder}/inbox-offline.png`, fullPage: true });
await accessible(page, "inbox, without network");
await page.reload();
await page.getByText("服务没有应答").waitFor();
await page.screenshot({ path: `${folder}/inbox-offline-reload.png` });
await phone.setOffline(false);
await page.getByRole("button", { name: /重\s?试/ }).first().click();
await detail.getByText("途中，约 15 分钟到").waitFor();
await detail.locator(".said-unsent").first().waitFor({ state: "detached" });
await detail.getByText("已到场", { exact: true }).first().waitFor();

// The report, with a photo from the telephone.
await page.getByRole("button", { name: "填写处置结果" }).click();
await page.getByLabel("处置情况（必填）").fill("已劝止并收缴剩余烟花");
await page.getByLabel("选择照片").setInputFiles([{ name: "scene.png", mimeType: "image/png", buffer: await page.screenshot() }]);
await page.getByRole("img", { name: "照片 1" }).waitFor();
await page.screenshot({ path: `${folder}/inbox-report.png` });
await accessible(page, "inbox, reporting");
await fits(page, "inbox, reporting");
await page.getByRole("button", { name: "提交办结" }).click();
await detail.getByText("已办结", { exact: true }).waitFor();
const sent = detail.getByRole("link", { name: "照片 1" }).locator("img");
await sent.scrollIntoViewIfNeeded();
await sent.evaluate((img) => img.complete || new Promise((done) => img.addEventListener("load", done)));
if ((await sent.evaluate((img) => img.naturalWidth)) === 0) throw new Error("the photo of the report is not shown");
await page.screenshot({ path: `${folder}/inbox-done.png`, fullPage: true });

// What the service has: every answer once, those given without network with the time at which they were given.
const { acks } = await page.evaluate(async (id) => (await fetch(`/api/v1/inbox/${id}`)).json(), alert);
const said = acks.map((ack) => `${ack.status}${ack.eta_min === null ? "" : ` ${ack.eta_min}`}${ack.photos.length > 0 ? " photo" : ""}`);
if (said.join(", ") !== "received, accepted, accepted 15, on_scene, disposed photo") throw new Error(`the service has: ${said.join(", ")}`);
if (acks.some((ack) => Date.parse(ack.reported_at) > Date.parse(ack.at) + 1000)) throw new Error("an answer came before it was given");
await page.goto(new URL("/inbox", url).href);
await page.locator(".matter").first().waitFor();
await page.screenshot({ path: `${folder}/inbox-after.png` });

// In English, dark, on a desk: list and matter side by side.
const desk = await all.open({ language: "en", theme: "dark" });
await signIn(desk, url, "department");
await desk.locator(".matter").first().click();
await desk.getByRole("article").getByText("disposed", { exact: true }).first().waitFor();
await desk.screenshot({ path: `${folder}/inbox-desk-en-dark.png` });
await accessible(desk, "inbox on a desk, English, dark");
await desk.context().close();

// The centre: what the department said, a call that is written down, told again, held back.
const lead = await all.open();
await signIn(lead, url, "shift_lead");
await goTo(lead, "派警");
await lead.locator(".dispatch").first().waitFor(wait);
await lead.getByText("超时", { exact: false }).first().waitFor(wait);
await lead.screenshot({ path: `${folder}/dispatch-zh.png` });
await accessible(lead, "dispatch");
const police = lead.locator(".dispatch", { hasText: "县公安局（演示）" }).first();
await police.getByRole("link", { name: "0730-5550110" }).first().waitFor();
await police.getByRole("button", { name: "登记电话" }).click();
await lead.getByLabel("通话内容").fill("值班员答复马上出警");
await lead.screenshot({ path: `${folder}/dispatch-call.png` });
await accessible(lead, "dispatch, a call");
await lead.getByRole("button", { name: /登\s?记$/ }).last().click();
await police.getByText("已电话", { exact: true }).first().waitFor();
await police.getByRole("button", { name: "再次推送" }).click();
await lead.getByRole("tooltip").getByRole("button", { name: "再次推送" }).click();
await police.getByText("已再次推送。").waitFor();
await police.getByRole("button", { name: /静\s?默/ }).click();
await lead.getByLabel("理由").fill("演练");
await lead.getByRole("button", { name: "开始静默" }).click();
await lead.getByText("演练").first().waitFor();
await lead.screenshot({ path: `${folder}/dispatch-silence.png` });
await accessible(lead, "dispatch, silences");
await lead.getByRole("button", { name: "结束静默" }).click();
await lead.getByRole("tooltip").getByRole("button", { name: /确\s?定/ }).click();
await lead.getByText("当前没有静默").waitFor();
await lead.locator(".ant-drawer-close").click();
await lead.locator(".ant-drawer-mask").waitFor({ state: "hidden" });
await lead.getByText("已结束", { exact: true }).first().click();
const over = lead.locator(".dispatch", { hasText: "文星街道办事处（演示）" }).first();
await over.getByRole("button", { name: /全部记录/ }).click();
const shown = over.getByRole("img", { name: "照片 1" });
await shown.evaluate((img) => img.complete || new Promise((done) => img.addEventListener("load", done)));
if ((await shown.evaluate((img) => img.naturalWidth)) === 0) throw new Error("the centre does not see the photo");
await over.getByText("已劝止并收缴剩余烟花").waitFor();
await lead.screenshot({ path: `${folder}/dispatch-closed.png` });
const small = await all.open({ language: "en", theme: "dark", viewport: PHONE });
await signIn(small, url, "operator", { path: "/dispatch" });
await small.locator(".dispatch").first().waitFor();
await small.screenshot({ path: `${folder}/dispatch-phone-en-dark.png` });
await accessible(small, "dispatch on a phone, English, dark");
await fits(small, "dispatch on a phone");
await all.finish();
