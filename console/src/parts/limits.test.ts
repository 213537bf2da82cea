// How pressing a limit is, and how its time is shown.
import { expect, test } from "vitest";
import { clock, pressing } from "./limits";

const OPENED = "2026-11-26T08:00:00Z";

test("a limit is pressing in its last quarter and late past it", () => {
  const at = (time: string) => pressing("2026-11-26T08:20:00Z", OPENED, Date.parse(`2026-11-26T08:${time}Z`));
  expect([at("00:00"), at("14:59"), at("15:01"), at("20:01")]).toEqual(["calm", "calm", "soon", "late"]);
  expect([clock(245_000), clock(-3_723_000), clock(59_900)]).toEqual(["4:05", "1:02:03", "0:59"]);
});
