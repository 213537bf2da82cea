import { expect, test } from "vitest";
import { actionOf } from "./keys";

function press(key: string, target: Element = document.body, held: Partial<{ ctrlKey: boolean; metaKey: boolean; altKey: boolean }> = {}) {
  return actionOf({ key, target, ctrlKey: false, metaKey: false, altKey: false, ...held });
}

function element(html: string): Element {
  const box = document.createElement("div");
  box.innerHTML = html;
  return box.firstElementChild as Element;
}

test.each([
  ["j", { do: "next" }],
  ["K", { do: "previous" }],
  [" ", { do: "play" }],
  ["ArrowLeft", { do: "step", frames: -1 }],
  ["ArrowRight", { do: "step", frames: 1 }],
  ["c", { do: "confirm" }],
  ["Enter", { do: "confirm" }],
  ["d", { do: "dismiss" }],
  ["3", { do: "reason", digit: 3 }],
  ["u", { do: "unclear" }],
  ["p", { do: "phones" }],
  ["?", { do: "help" }],
])("%s does its thing", (key, action) => {
  expect(press(key)).toEqual(action);
});

test("letters and digits are what is typed in a field; only Escape leaves it", () => {
  for (const html of ["<input>", "<textarea></textarea>", "<div contenteditable='true'></div>", "<div role='combobox'></div>"]) {
    for (const key of ["c", "d", "3", " ", "Enter", "ArrowLeft"]) expect(press(key, element(html))).toBeNull();
    expect(press("Escape", element(html))).toEqual({ do: "close" });
  }
});

test("Enter and Space on a button press that button; letters still work there", () => {
  const button = element("<button>x</button>");
  expect(press("Enter", button)).toBeNull();
  expect(press(" ", button)).toBeNull();
  expect(press("j", button)).toEqual({ do: "next" });
});

test("the browser's own shortcuts stay the browser's", () => {
  expect(press("c", document.body, { ctrlKey: true })).toBeNull();
  expect(press("c", document.body, { metaKey: true })).toBeNull();
  expect(press("ArrowLeft", document.body, { altKey: true })).toBeNull();
});
