// The admin's day in a real browser: a camera to another category, a zone drawn on its picture, a conflict with another admin's
// draft, the first revision restored, a file broken by hand, people and tokens; then how every tab looks.
// node e2e/admin.mjs URL FOLDER REGISTRY: screenshots go to FOLDER; REGISTRY is the demo's file.
import { readFileSync, writeFileSync } from "node:fs";
import { DESK, PHONE, accessible, fits, goTo, launch, signIn } from "./support.mjs";

const [url, folder, file] = process.argv.slice(2);
const { errors, open, finish } = await launch();
const original = readFileSync(file, "utf8");
const held = (condition, sentence) => condition || errors.push(sentence);
const bar = (page) => page.getByRole("region", { name: "草稿" });
const dialog = (page) => page.getByRole("dialog");

/** Preview the draft, look at it with `look`, and save it. */
async function save(page, reason, look) {
  await bar(page).getByRole("button", { name: "预览" }).click();
  await dialog(page).getByText("对轮巡的影响").waitFor();
  await look?.();
  await dialog(page).getByLabel("修改原因").fill(reason);
  await dialog(page).getByRole("button", { name: /^保\s?存$/ }).click();
  await bar(page).getByText(/已保存并生效：修订 \d+/).waitFor();
}

// A camera goes to another category; the draft lives through a reload; the preview shows the file's lines.
const page = await open({ language: "zh" });
await signIn(page, url, "admin");
await page.getByText("最近修改").waitFor();
await page.getByRole("link", { name: "点位", exact: true }).click();
const category = page.getByLabel("【合成】步行街的类别");
await category.selectOption({ label: "城区学校" });
await bar(page).getByText("1 项修改未保存").waitFor();
await page.reload();
await bar(page).getByText("1 项修改未保存").waitFor();
held((await category.inputValue()) === "urban_schools", "the draft is lost by a reload");

// Meanwhile another admin drafts a change of the same camera.
const other = await open({ language: "zh" });
await signIn(other, url, "admin", { path: "/admin/cameras" });
await other.getByLabel("【合成】步行街的类别").selectOption({ label: "水库" });
await bar(other).getByText("1 项修改未保存").waitFor();

await save(page, "步行街旁新开了小学", async () => {
  await dialog(page).locator(".ad-line.removed", { hasText: "categories: [supermarkets]" }).waitFor();
  await dialog(page).locator(".ad-line.added", { hasText: "categories: [urban_schools]" }).waitFor();
  await accessible(page, "preview");
  await page.screenshot({ path: `${folder}/admin-preview-zh.png` });
});
held(readFileSync(file, "utf8") === original.replace(/(id: demo-street-1[\s\S]*?categories: \[)supermarkets/, "$1urban_schools"), "the file has changed elsewhere, too");

// Their draft is old now: what was changed is shown, and their change can be taken onto the new text.
await bar(other).getByText("配置已被他人修改").waitFor();
other.expected(412, "/api/v1/registry");
await bar(other).getByRole("button", { name: "预览" }).click();
await dialog(other).getByText("他人先修改了同一处内容").waitFor();
await dialog(other).getByText(/urban_schools|城区学校/).first().waitFor();
await accessible(other, "conflict");
await other.screenshot({ path: `${folder}/admin-conflict-zh.png` });
await dialog(other).getByRole("button", { name: "将我的修改套用到新配置" }).click();
await dialog(other).locator(".ad-line.added", { hasText: "categories: [reservoirs]" }).waitFor();
await dialog(other).getByRole("button", { name: /关\s?闭/ }).click();
await bar(other).getByRole("button", { name: "放弃全部修改" }).click();
await bar(other).getByRole("button", { name: "放弃全部修改" }).click();
await bar(other).getByText("没有未保存的修改").waitFor();
await other.context().close();

// A zone is drawn on the picture with the mouse; one that crosses itself is refused at once; a point is moved by keyboard.
let there = false;
for (let tries = 0; !there && tries < 900; tries++) {
  // The first good look's picture becomes the reference: the demo needs a moment for it.
  there = (await page.request.get(new URL("/api/v1/registry/cameras/demo-square-2/picture", url).href)).ok();
  if (!there) await page.waitForEvent("response", { predicate: (r) => r.url().includes("/api/"), timeout: 60_000 });
}
await page.getByRole("link", { name: "【合成】滨江广场 夜景 的详情与区域" }).click();
const picture = page.getByRole("group", { name: "点位参考画面" });
await picture.locator("img").evaluate((img) => img.complete || new Promise((done) => img.addEventListener("load", done)));
const draw = async (points) => {
  await page.getByLabel("新区域的类型").selectOption({ label: "天空" });
  await page.getByRole("button", { name: "绘制区域" }).click();
  const box = await picture.boundingBox();
  for (const [x, y] of points) await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  await page.getByText(`已取 ${points.length} 个点`).waitFor();
  await page.getByRole("button", { name: /^完\s?成$/ }).click();
};
await picture.scrollIntoViewIfNeeded();
await draw([[0.1, 0.1], [0.9, 0.5], [0.9, 0.1], [0.1, 0.5]]);
await page.getByRole("alert").filter({ hasText: "区域未保存" }).waitFor();
await page.screenshot({ path: `${folder}/admin-zone-refused-zh.png` });
await page.getByRole("button", { name: /^取\s?消$/ }).click();
await draw([[0.05, 0.05], [0.95, 0.05], [0.95, 0.45], [0.05, 0.5]]);
const point = page.getByRole("button", { name: /^点 1：/ });
await point.waitFor();
await point.focus();
const before = await point.textContent();
await page.keyboard.press("ArrowRight");
await page.getByRole("button", { name: /^点 1：/ }).filter({ hasNotText: before }).waitFor();
await page.getByText("1 项修改未保存").waitFor();
// Dragging a corner with the mouse moves it, and undo brings it back.
const corner = picture.locator(".ad-handle:not(.half)").nth(1);
const from = await corner.boundingBox();
const third = page.getByRole("button", { name: /^点 2：/ });
const was = await third.textContent();
await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
await page.mouse.down();
await page.mouse.move(from.x - 60, from.y + 40, { steps: 4 });
await page.mouse.up();
await third.filter({ hasNotText: was }).waitFor();
await page.getByRole("button", { name: /^撤\s?销$/ }).click();
await third.filter({ hasText: was }).waitFor();
await accessible(page, "zones");
await page.screenshot({ path: `${folder}/admin-zones-zh.png` });
await save(page, "夜空区域");
held(/id: demo-square-2[\s\S]*?name: sky[\s\S]*?id: demo-entry-1/.test(readFileSync(file, "utf8")), "the zone is not in the file");

// Compare the first revision with the last, and restore it: the file is what it was, comments and all.
await page.getByRole("link", { name: "修订记录", exact: true }).click();
await page.getByLabel("从修订 1 比较").check();
await page.getByLabel("比较到修订 3").check();
await page.getByRole("heading", { name: "修订 1 与修订 3 的差异" }).waitFor();
await page.locator(".ad-line.added", { hasText: "kind: sky" }).first().waitFor();
await accessible(page, "compared");
await page.screenshot({ path: `${folder}/admin-compare-zh.png` });
await page.getByRole("button", { name: "恢复修订 1" }).click();
await dialog(page).getByLabel("修改原因").fill("试用结束");
await dialog(page).getByRole("button", { name: /^恢\s?复$/ }).click();
await page.getByText("已保存并生效：修订 4").waitFor();
held(readFileSync(file, "utf8") === original, "the first revision is not restored to the letter");
held(original.includes("# Telephones of the demo are made up."), "the demo's file has no comments to keep");

// Broken by hand: the line is named, and nothing can be saved from here.
await page.getByRole("link", { name: "类别与规则" }).click();
writeFileSync(file, original.replace("platform: police", "platform: polcie"));
await page.reload();
await page.getByText("第 " + (original.split("\n").findIndex((line) => line.includes("platform: police")) + 1) + " 行").first().waitFor();
await accessible(page, "broken by hand");
await page.screenshot({ path: `${folder}/admin-broken-zh.png` });
writeFileSync(file, original);
await page.reload();
await page.getByText("全年生效 365 天").waitFor();

// A new account's link and a token's secret are shown once.
await page.getByRole("link", { name: "账号", exact: true }).click();
await page.getByRole("button", { name: "新增账号" }).click();
await dialog(page).getByLabel("账号", { exact: true }).fill("li-wei");
await dialog(page).getByLabel("显示姓名").fill("李伟");
await dialog(page).getByLabel("全部点位").uncheck();
await dialog(page).getByLabel("水库").check();
await accessible(page, "new account");
await page.screenshot({ path: `${folder}/admin-account-zh.png` });
await dialog(page).getByRole("button", { name: "建立账号并生成链接" }).click();
const link = await dialog(page).getByLabel("一次性链接").inputValue();
held(/\/enter#.+/.test(link), `that is no link: ${link.slice(0, 12)}`);
await dialog(page).getByRole("button", { name: "已妥善保存，关闭" }).click();
await page.getByRole("row", { name: /李伟/ }).getByText("水库").waitFor();
await page.getByRole("link", { name: "接口令牌" }).click();
await page.getByRole("button", { name: "发放令牌" }).first().click();
await dialog(page).getByLabel("名称", { exact: true }).fill("leader cockpit");
await dialog(page).getByLabel("角色的全部权限").uncheck();
await dialog(page).getByLabel("查看统计").check();
await dialog(page).getByLabel("追溯视频").check();
await dialog(page).getByLabel("角色", { exact: true }).selectOption({ label: "坐席" });
held(await dialog(page).getByLabel("查看统计").isChecked(), "a scope that the other role has too stays chosen");
held((await dialog(page).getByLabel("追溯视频").count()) === 0, "a scope that the role has not is not offered");
await accessible(page, "new token");
await page.screenshot({ path: `${folder}/admin-token-zh.png` });
await dialog(page).getByRole("button", { name: "发放令牌" }).click();
held((await dialog(page).getByLabel("令牌内容").inputValue()).startsWith("pat_"), "no secret is shown");
await dialog(page).getByRole("button", { name: "已妥善保存，关闭" }).click();
await page.getByRole("row", { name: /leader cockpit/ }).getByText("查看统计", { exact: true }).waitFor();
await page.getByRole("button", { name: "吊销令牌 leader cockpit" }).click();
await dialog(page).getByRole("button", { name: /^吊\s?销$/ }).click();
await page.getByText(/已于 .* 吊销/).waitFor();

// Several at once: all that fit a filter get a period of their own, in the draft only.
await page.getByRole("link", { name: "点位", exact: true }).click();
await page.getByLabel("类别", { exact: true }).selectOption({ label: "水库" });
await page.getByText("本页 2 个符合条件").waitFor();
await page.getByRole("button", { name: "选择全部符合条件的" }).click();
await page.getByText("已选 2 个").waitFor();
await page.getByLabel("修改项").selectOption({ label: "周期改为" });
await page.getByLabel("新值").fill("50s");
await page.getByRole("button", { name: /^应\s?用$/ }).click();
await bar(page).getByText("2 项修改未保存").waitFor();
await bar(page).getByRole("button", { name: "预览" }).click();
await dialog(page).locator(".ad-line.added", { hasText: "period: 50s" }).nth(1).waitFor();
await dialog(page).getByRole("button", { name: /关\s?闭/ }).click();
await bar(page).getByRole("button", { name: "放弃全部修改" }).click();
await bar(page).getByRole("button", { name: "放弃全部修改" }).click();

// A table comes in: a cell that is wrong is named with its row, then what each row changes, then it is written.
const table = await (await page.request.get(new URL("/api/v1/registry/cameras.csv?language=zh", url).href)).text();
const upload = (text) => dialog(page).getByLabel("选择文件").setInputFiles({ name: "cameras.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
await page.getByRole("button", { name: "导入表格" }).click();
await upload(table.replace("demo-dike-1,【合成】湘江禁渔堤段,fisheries", "demo-dike-1,【合成】湘江禁渔堤段,fishery"));
await dialog(page).getByRole("row", { name: /^8 platform / }).waitFor();
await accessible(page, "import with a mistake");
await page.screenshot({ path: `${folder}/admin-import-zh.png` });
await upload(table.replace("【合成】湘江禁渔堤段", "【合成】湘江禁渔堤段（东）"));
await dialog(page).getByRole("row", { name: /demo-dike-1 修改: name/ }).waitFor();
await dialog(page).getByLabel("修改原因").fill("更名");
await dialog(page).getByRole("button", { name: /^导\s?入$/ }).click();
await dialog(page).getByText("已保存并生效：修订 5").waitFor();
await dialog(page).getByRole("button", { name: /关\s?闭/ }).click();
await page.getByLabel("类别", { exact: true }).selectOption({ label: "禁渔重点堤段" });
await page.getByLabel("【合成】湘江禁渔堤段（东）的名称").waitFor();

// A rule for New Year's Eve: the year shows it before it is saved, with its lunar date.
await page.getByRole("link", { name: "类别与规则" }).click();
await page.getByRole("button", { name: /演示: 禁放区/ }).first().click();
await page.getByRole("button", { name: "增加时段" }).click();
// A span with one end only is refused with a sentence, until the other end is there.
page.expected(422, "/api/v1/registry/rules/preview");
await page.getByLabel("农历起（月-日）").fill("12-30");
await page.getByLabel("农历起（月-日）").press("Enter");
await page.getByLabel("农历止（月-日）").fill("12-30");
await page.getByLabel("农历止（月-日）").press("Enter");
await page.getByLabel("日期类型").selectOption({ label: "每天" });
await page.getByText("全年生效 1 天").waitFor();
await fits(page, "a rule's form");
await page.getByText("（腊月廿九）").first().waitFor();
await accessible(page, "a rule's form");
await page.screenshot({ path: `${folder}/admin-rule-zh.png`, fullPage: true });
await bar(page).getByRole("button", { name: "放弃全部修改" }).click();
await bar(page).getByRole("button", { name: "放弃全部修改" }).click();

// Who would be told, asked of the service.
await page.getByRole("link", { name: "推送路由" }).click();
await page.getByRole("button", { name: "试算通知对象" }).click();
await page.getByText(/主办: 县公安局（演示）/).waitFor();
await accessible(page, "dry run");
await page.context().close();

// Every tab in every look.
for (const [language, theme, viewport] of [["zh", "light", DESK], ["en", "dark", DESK], ["zh", "dark", PHONE], ["en", "light", PHONE]]) {
  const look = await open({ language, theme, viewport });
  await signIn(look, url, "admin", { path: "/admin" });
  await goTo(look, language === "zh" ? "配置" : "Set-up");
  for (const tab of ["", "/cameras", "/cameras/demo-entry-1", "/rules", "/routes", "/revisions", "/users", "/tokens"]) {
    await look.goto(new URL(`/admin${tab}`, url).href);
    await look.locator(".ad-bar").waitFor();
    await look.locator(".loading").first().waitFor({ state: "detached" });
    const name = `admin${tab.replaceAll("/", "-")}-${language}-${theme}-${viewport.width}`;
    await accessible(look, name);
    await fits(look, name);
    await look.screenshot({ path: `${folder}/${name}.png` });
  }
  await look.context().close();
}
await finish();
