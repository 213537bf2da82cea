// The console's frame in a real browser: coming in, what each look of it is like, a session that ends, a service that restarts.
// node e2e/shell.mjs URL FOLDER OPERATOR_LINK ADMIN_LINK: says "stop" and "start" on stdout when the service is to be stopped and started.
import { DESK, PHONE, accessible, enterByLink, enterByPassword, fits, launch } from "./support.mjs";

const [url, folder, operatorLink, adminLink] = process.argv.slice(2);
const PASSWORD = "two bridges over one river";
const { open, finish } = await launch();

const words = {
  zh: { signIn: "登录", wrong: "账号或密码不正确。", due: "请设置新密码", fresh: "新密码", again: "再次输入新密码", save: "保存", missing: "没有这个页面", account: /^账号: /, out: "退出登录", ended: "登录已失效", password: "密码", live: "实时", offline: "连接中断，正在重连", stale: /页面内容停留在/, theme: "外观", dark: "外观: 深色", skip: "跳到正文", forbidden: "没有权限打开此页面", search: "按编号、事项或地点查找", name: "账号" },
  en: { signIn: "Sign in", missing: "There is no such page" },
};
const w = words.zh;

// An admin sees no incidents, and is told so at their address.
const admin = await open({ language: "zh", viewport: PHONE });
await enterByLink(admin, adminLink, "a mill beside the reservoir");
await admin.goto(new URL("/incidents", url).href);
await admin.getByText(w.forbidden).waitFor();
await admin.screenshot({ path: `${folder}/forbidden-zh.png` });
await admin.context().close();

// Coming in: the address that was asked for stays, a wrong password is said, the first one is chosen by a link.
const page = await open({ language: "zh" });
page.expected(401, "/api/v1/session");
await page.goto(new URL("/cases", url).href);
await page.getByRole("heading", { name: w.signIn }).waitFor();
await accessible(page, "sign-in");
await page.screenshot({ path: `${folder}/sign-in-zh.png` });
await page.getByLabel(w.name, { exact: true }).fill("li-na");
await page.getByLabel(w.password, { exact: true }).fill("not this one");
await page.keyboard.press("Enter");
await page.getByText(w.wrong).waitFor();
await page.goto(operatorLink);
await accessible(page, "first visit");
if (page.url().includes("#")) throw new Error("the one-time link stays in the address");
await page.getByRole("button", { name: "进入" }).click();
await page.getByRole("heading", { name: w.due }).waitFor();
await page.getByLabel(w.fresh, { exact: true }).fill("short");
await page.getByLabel(w.again).fill("short");
if (await page.getByRole("button", { name: w.save }).isEnabled()) throw new Error("a short password can be sent");
await accessible(page, "a password is due");
await page.screenshot({ path: `${folder}/password-due-zh.png` });
await page.getByLabel(w.fresh, { exact: true }).fill(PASSWORD);
await page.getByLabel(w.again).fill(PASSWORD);
await page.getByRole("button", { name: w.save }).click();
await page.locator(".frame-nav").waitFor();

// By keyboard: past the navigation, into the appearance and out again; what was chosen is there after a reload.
await page.goto(new URL("/nowhere", url).href);
await page.getByText(w.missing).waitFor();
await page.keyboard.press("Tab");
await page.getByRole("link", { name: w.skip }).and(page.locator(":focus")).waitFor();
await page.keyboard.press("Enter");
await page.locator("main:focus").waitFor();
await page.getByRole("button", { name: w.theme }).focus();
await page.keyboard.press("Enter");
await page.keyboard.press("Escape");
await page.getByRole("button", { name: w.theme }).and(page.locator(":focus")).waitFor();
await page.keyboard.press("Enter");
await page.getByRole("button", { name: w.dark }).press("Enter");
await page.reload();
await page.locator("html[data-theme=dark]").waitFor();

// Signed out in another tab: the dialog stands over the page, and what was typed is there after it.
await page.goto(new URL("/cases", url).href);
const search = page.getByLabel(w.search).first();
await search.fill("typed before it ended");
page.expected(401, "/api/v1/");
const other = await page.context().newPage();
await other.goto(new URL("/nowhere", url).href);
await other.getByRole("button", { name: w.account }).click();
await other.getByRole("button", { name: w.out }).click();
await other.getByRole("heading", { name: w.signIn }).waitFor();
await other.close();
const dialog = page.getByRole("dialog", { name: w.ended });
await dialog.waitFor({ timeout: 40_000 });
await accessible(page, "the session has ended");
await page.screenshot({ path: `${folder}/ended-zh.png` });
await page.keyboard.type(PASSWORD);
await page.keyboard.press("Enter");
await dialog.waitFor({ state: "detached" });
if ((await search.inputValue()) !== "typed before it ended") throw new Error("what was typed is lost");

// The service restarts: said at once, warned of after a while, and everything goes on by itself.
await page.getByRole("status").filter({ hasText: w.live }).waitFor();
page.away(true);
console.log("stop");
await page.getByText(w.offline).waitFor({ timeout: 60_000 });
await page.getByText(w.stale).waitFor({ timeout: 60_000 });
await page.screenshot({ path: `${folder}/stale-zh.png` });
console.log("start");
await page.getByRole("status").filter({ hasText: w.live }).waitFor({ timeout: 90_000 });
await page.getByText(w.stale).waitFor({ state: "detached" });
page.away(false);
if ((await dialog.count()) > 0) throw new Error("a restart has ended the session");
if ((await search.inputValue()) !== "typed before it ended") throw new Error("what was typed is lost by a restart");
await page.context().close();

// Every look of it: both languages, light and dark, a desk and a phone.
for (const language of ["zh", "en"]) {
  for (const theme of ["light", "dark"]) {
    for (const viewport of [DESK, PHONE]) {
      const look = await open({ language, theme, viewport });
      const name = `${language}-${theme}-${viewport.width}`;
      await look.goto(url);
      await look.getByRole("heading", { name: words[language].signIn }).waitFor();
      await fits(look, `sign-in ${name}`);
      await accessible(look, `sign-in ${name}`);
      await enterByPassword(look, new URL("/nowhere", url).href, "li-na", PASSWORD);
      await look.getByText(words[language].missing).waitFor();
      await fits(look, `frame ${name}`);
      await accessible(look, `frame ${name}`);
      await look.getByRole("button", { name: /^(账号|Account): / }).click();
      await accessible(look, `account ${name}`);
      await look.screenshot({ path: `${folder}/frame-${name}.png` });
      await look.context().close();
    }
  }
}

await finish();
