import { expect, test } from "vitest";
import { messages } from "./i18n";

function keys(value: object, prefix = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]) =>
    typeof inner === "string" ? [prefix + key] : keys(inner as object, `${prefix}${key}.`),
  );
}

test("both languages say the same things", () => {
  expect(keys(messages.en)).toEqual(keys(messages.zh));
});

test("no sentence is empty", () => {
  for (const language of Object.values(messages)) {
    expect(JSON.stringify(language)).not.toContain('""');
  }
});
