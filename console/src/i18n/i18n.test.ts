import { expect, test } from "vitest";
import i18n, { addWords } from ".";

const files = Object.entries(import.meta.glob<{ zh?: object; en?: object }>("./*.ts", { eager: true })).filter(([, words]) => words.zh);

function sentences(value: object, prefix = ""): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]) => (typeof inner === "string" ? [[prefix + key, inner] as [string, string]] : sentences(inner as object, `${prefix}${key}.`)));
}

test("every file of words is looked at", () => {
  expect(files.map(([name]) => name)).toEqual(expect.arrayContaining(["./cases.ts", "./common.ts", "./shell.ts"]));
});

test.each(files)("%s says the same things in both languages", (_, { zh, en }) => {
  const [first, second] = [sentences(zh ?? {}), sentences(en ?? {})];
  expect(second.map(([key]) => key)).toEqual(first.map(([key]) => key));
  const places = (text: string) => (text.match(/\{\{\w+\}\}/g) ?? []).sort();
  expect(second.map(([key, text]) => [key, places(text)])).toEqual(first.map(([key, text]) => [key, places(text)]));
});

test.each(files)("%s: Chinese sentences are Chinese, English ones are not, none is empty", (_, { zh, en }) => {
  expect(sentences(zh ?? {}).filter(([, text]) => !/\p{Script=Han}/u.test(text))).toEqual([]);
  expect(sentences(en ?? {}).filter(([, text]) => text.trim() === "" || /\p{Script=Han}/u.test(text))).toEqual([]);
});

test("a page's words are there once the page has brought them", async () => {
  await i18n.changeLanguage("zh");
  expect(i18n.t("somewhere.next")).toBe("somewhere.next");
  addWords("somewhere", { zh: { next: "下一个" }, en: { next: "Next one" } });
  expect(i18n.t("somewhere.next")).toBe("下一个");
  await i18n.changeLanguage("en");
  expect(i18n.t("somewhere.next")).toBe("Next one");
});
