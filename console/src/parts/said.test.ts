// The service's sentences in the reader's words: each form that the service writes, in both languages.
import { expect, test } from "vitest";
import i18n from "../i18n";
import { because, closedBecause, problemOf } from "./said";

const name = (id: string) => ({ traffic_police: "交警", police: "公安" })[id] ?? id;
const t = (language: "zh" | "en") => i18n.getFixedT(language);

test.each([
  ["traffic_police has not received it, 3 min 20 s over the limit", "交警未签收，超时 3 分 20 秒"],
  ["traffic_police is not on the scene, 0 min 5 s over the limit; call 值班室 0730-5550122", "交警未到场，超时 0 分 5 秒，请致电 值班室 0730-5550122"],
  ["police has not dealt with it, 61 min 0 s over the limit; told: traffic_police (and 2 more)", "公安未处置，超时 61 分 0 秒，已转告 交警，另有 2 项"],
  ["police refused it; call 值班长（演示） 0730-5550100 (and 1 more)", "公安已拒收，请致电 值班长（演示） 0730-5550100，另有 1 项"],
])("%s", (sentence, zh) => {
  expect(because(sentence, t("zh"), name)).toBe(zh);
  expect(because(sentence, t("en"), (id) => id)).toMatch(/^(traffic_police|police) (has|is|refused)/);
});

test("what is not known stands as it came", () => {
  expect(because("the moon is in the way", t("zh"), name)).toBe("the moon is in the way");
  expect(closedBecause("the moon is in the way", t("zh"), name)).toBe("the moon is in the way");
});

test("why a matter is closed, and what is wrong with an answer", () => {
  expect(closedBecause("taken on by police", t("zh"), name)).toBe("已由公安受理");
  expect(closedBecause("it ended", t("zh"), name)).toBe("现场已消失");
  expect(closedBecause("false_alarm", t("zh"), name)).toBe("研判：误报");
  expect(closedBecause("disposed", t("en"), name)).toBe("answered: disposed");
  expect(problemOf("the alert is already accepted", t("zh"))).toBe("此前已为“已受理”，未改变状态");
  expect(problemOf("nobody was reached (busy)", t("zh"))).toBe("未接通（占线）");
});
