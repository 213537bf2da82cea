import { beforeEach, expect, test } from "vitest";
import { act, renderHook } from "@testing-library/react";
import type { Operation } from "./api";
import { drafted, edited, forgetMemory, isRemoved, put, section, useDraft } from "./draft";

const gate = { id: "gate", name: "Gate", period: "1h", categories: ["schools"], presets: [{ id: "left", zones: [] }] };
const set = (field: string[], value: unknown, original: unknown = gate) => ({ entry: ["cameras", "gate"], field, value, original });

beforeEach(() => {
  sessionStorage.clear();
  forgetMemory();
});

test("a draft survives a reload of the page, with the registry it began from", () => {
  const first = renderHook(() => useDraft("wang", "sha-1"));
  act(() => first.result.current.edit(set(["period"], "2h")));
  first.unmount();
  forgetMemory();
  const again = renderHook(() => useDraft("wang", "sha-2"));
  expect(again.result.current.draft).toEqual({ base: "sha-1", operations: [{ op: "set", path: ["cameras", "gate", "period"], value: "2h" }] });
  act(() => again.result.current.onto("sha-2"));
  expect(again.result.current.draft.base).toBe("sha-2");
});

test("a draft belongs to one person", () => {
  const hers = renderHook(() => useDraft("wang", "sha-1"));
  act(() => hers.result.current.edit(set(["period"], "2h")));
  hers.unmount();
  expect(renderHook(() => useDraft("li", "sha-1")).result.current.draft.operations).toEqual([]);
});

test("the last value of a field is the one that is sent, and what is as in the file is no change", () => {
  let operations = edited([], set(["period"], "2h"));
  operations = edited(operations, set(["period"], "3h"));
  expect(operations).toEqual([{ op: "set", path: ["cameras", "gate", "period"], value: "3h" }]);
  expect(edited(operations, set(["period"], "1h"))).toEqual([]);
  // Never given and emptied again: the service must not be asked to take out what is not there.
  expect(edited(edited([], set(["dwell"], "9s")), set(["dwell"], ""))).toEqual([]);
  expect(edited([], set(["period"], ""))).toEqual([{ op: "set", path: ["cameras", "gate", "period"], value: null }]);
});

test("what is drafted is what is shown, down to the zones of a preset", () => {
  const zone = { name: "road", kind: "road", polygon: [] };
  const operations = edited(edited([], set(["presets", "left", "zones"], [zone])), set(["period"], ""));
  expect(drafted(gate, ["cameras", "gate"], operations)).toEqual({ id: "gate", name: "Gate", categories: ["schools"], presets: [{ id: "left", zones: [zone] }] });
});

test("a new entry holds its own changes, and removed again it is as if it had never been", () => {
  const born: Operation = { op: "add", path: ["rules"], value: { id: "ban", kind: "fishing" } };
  let operations = edited([born], { entry: ["rules", "ban"], field: ["source"], value: "notice 4", original: {} });
  expect(operations).toEqual([{ op: "add", path: ["rules"], value: { id: "ban", kind: "fishing", source: "notice 4" } }]);
  operations = edited(operations, { entry: ["rules", "ban"], field: ["source"], value: "", original: {} });
  expect(operations).toEqual([born]);
  expect(put(operations, { op: "remove", path: ["rules", "ban"] })).toEqual([]);
});

test("an entry that is removed loses its other changes and is marked", () => {
  const operations = put(edited([], set(["period"], "2h")), { op: "remove", path: ["cameras", "gate"] });
  expect(operations).toEqual([{ op: "remove", path: ["cameras", "gate"] }]);
  expect(isRemoved(["cameras", "gate"], operations)).toBe(true);
});

test("a list that is replaced as a whole is shown in its new order", () => {
  const routes = [{ kind: "fishing" }, { kind: "fireworks" }];
  const operations = edited([], { entry: ["routes"], field: [], value: [routes[1], routes[0]], original: routes });
  expect(section(routes, "routes", operations)).toEqual([routes[1], routes[0]]);
  expect(edited(operations, { entry: ["routes"], field: [], value: routes, original: routes })).toEqual([]);
});
