// An operator works through the queue by keyboard, a second one beside them: flag, lease, verdict, the department's answer, disposed.
// node e2e/review.mjs URL FOLDER: says "answer INCIDENT ALERT DEPARTMENT" on stdout when the department's answer is awaited. Screenshots of
// every state go to FOLDER.
import { DESK, PHONE, accessible, fits, launch, signIn } from "./support.mjs";

const [url, folder] = process.argv.slice(2);

const words = {
  zh: { held: /处理中/, confirmed: /上一件: 属实 → 县公安局/, judged: "已研判", disposed: "已处置", square: "【合成】文星广场 烟花", empty: "队列已清空", keys: "快捷键", phones: "电话", pause: "暂停", play: "播放", on: "下一帧" },
  en: { held: /is on it/, empty: "The queue is empty" },
};

const { errors, open, finish } = await launch();
const check = (right, sentence) => right || errors.push(sentence);
const w = words.zh;

// The first operator comes to an empty desk or to a flag: another one may have come first; J takes the next.
const first = await open({ language: "zh" });
await signIn(first, url, "operator", { path: "/review" });
const row = first.locator(".rv-item").filter({ hasText: w.square }).first();
await row.waitFor({ timeout: 90_000 });
const title = first.getByRole("heading", { level: 2 });
for (let was = await title.textContent(); !was.includes(w.square); was = await title.textContent()) {
  await first.keyboard.press("j");
  await title.filter({ hasNotText: was }).waitFor();
}
await title.filter({ hasText: w.square }).waitFor();
await row.getByText("我在处理").waitFor();

// The clip plays, and what the detector saw is drawn over it in step.
const clip = first.locator(".rv-stage video");
await first.waitForFunction(() => performance.getEntriesByName("review:first-clip").length === 1);
await first.waitForFunction(() => document.querySelector(".rv-stage video").currentTime > 0.5);
const drawn = () =>
  first.evaluate(() => {
    const canvas = document.querySelector(".rv-stage canvas");
    return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value, at) => at % 4 === 3 && value > 0);
  });
check(await drawn(), "nothing is drawn over the clip");
await first.keyboard.press("l");
await first.waitForFunction(() => {
  const canvas = document.querySelector(".rv-stage canvas");
  return !canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((value, at) => at % 4 === 3 && value > 0);
});
await first.keyboard.press("l");
await first.keyboard.press(" ");
await first.getByRole("button", { name: w.play, exact: true }).waitFor();
const before = await clip.evaluate((video) => video.currentTime);
await first.keyboard.press("ArrowRight");
await first.waitForFunction((was) => document.querySelector(".rv-stage video").currentTime !== was, before);
const stepped = (await clip.evaluate((video) => video.currentTime)) - before;
check(stepped > 0 && stepped < 0.25, `a frame step of ${stepped} s`);
await first.keyboard.press(" ");
await first.getByRole("button", { name: w.pause, exact: true }).waitFor();
await accessible(first, "review, zh, light");
await first.screenshot({ path: `${folder}/review-zh-light.png` });

// Keys and telephones open over the page, and Escape brings back to it.
await first.keyboard.press("?");
await first.getByRole("dialog", { name: w.keys }).waitFor();
await first.keyboard.press("Escape");
await first.getByRole("dialog").waitFor({ state: "detached" });
await first.keyboard.press("p");
const phones = first.getByRole("dialog", { name: w.phones });
check((await phones.getByRole("link", { name: "0730-5550110" }).getAttribute("href")) === "tel:07305550110", "the telephone is no link");
await first.screenshot({ path: `${folder}/review-phones-zh.png` });
await first.keyboard.press("Escape");
await phones.waitFor({ state: "detached" });
// While somebody types, letters are letters.
await first.getByLabel("备注（可不填）").fill("c 看得清楚");
await title.filter({ hasText: w.square }).waitFor();

// The second one sees who has it, and cannot take it.
const second = await open({ language: "en", theme: "dark" });
second.expected(409, "/api/v1/review/");
await signIn(second, url, "shift_lead", { path: "/review" });
const same = second.locator(".rv-item").filter({ hasText: w.square }).first();
await same.getByText(words.en.held).waitFor();
await same.click();
await second.getByText("demo-operator is working on it").waitFor();
check(await second.getByRole("button", { name: /Confirm and push/ }).isDisabled(), "a leased item can be judged by another");
await accessible(second, "review, en, dark");
await second.screenshot({ path: `${folder}/review-en-dark.png` });
const phone = await open({ language: "zh", viewport: PHONE });
phone.expected(409, "/api/v1/review/");
await signIn(phone, url, "shift_lead", { path: "/review" });
await phone.locator(".rv-item").filter({ hasText: w.square }).first().click();
await phone.locator(".rv-stage video").waitFor();
await fits(phone, "review on a phone");
await accessible(phone, "review on a phone");
await phone.screenshot({ path: `${folder}/review-phone-zh.png`, fullPage: true });
await phone.context().close();

// C confirms; the answer says who is told, and the second operator's row is gone by itself.
await title.click();
await first.keyboard.press("c");
const outcome = first.locator(".rv-outcome");
await outcome.filter({ hasText: /\S/ }).waitFor();
check(w.confirmed.test(await outcome.textContent()), `after C stands: ${await outcome.textContent()}`);
await same.waitFor({ state: "detached" });

// The department's answers come in by themselves, to the end.
await first.getByTitle(w.judged, { exact: true }).click();
await first.locator(".rv-item").filter({ hasText: w.square }).first().click();
await title.filter({ hasText: w.square }).waitFor();
const incident = await first.evaluate(async () => {
  const { items } = await (await fetch("/api/v1/review/queue?show=judged")).json();
  const whole = await (await fetch(`/api/v1/review/${items[0].id}`)).json();
  const told = whole.told.find((department) => department.department === "public_security");
  return [items[0].id, told.alert, told.department];
});
console.log(["answer", ...incident].join(" "));
await first.locator(".rv-said").getByText(w.disposed).waitFor({ timeout: 30_000 });
await first.screenshot({ path: `${folder}/review-disposed-zh.png` });
await first.setViewportSize(DESK);
await finish();
