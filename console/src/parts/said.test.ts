// The service's sentences in the reader's words: each form that the service writes, in both languages.
import { expect, test } from "vitest";
import i18n from "../i18n";
import { because, closedBecause, plainly, problemOf, trouble } from "./said";

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

test.each([
  ["no connection to the MQTT broker (refused); alerts wait in the outbox", "无法连接消息服务（refused），推送在发件箱中等待"],
  ["公安视频平台 (police) is away since 08:00:00: 12 looks cannot be made; it is probed", "公安视频平台 (police) 自 08:00:00 起离线，12 个巡查点无法巡查，正在探测"],
  ["at 11-27 08:10 the first camera, gate/east (东门), will go past its 2h; 3 in all until 10:00; the load reaches 120%", "11-27 08:10 起将有点位超期，首个为 东门（gate/east，周期 2h）；至 10:00 共 3 个；负载最高 120%"],
  ["all cameras together need 12.3 of 10 streams: looks are shortened as far as they may be, and gaps will be broken, the lowest priorities first", "全部点位需 12.3 路，可用 10 路：巡查时长已缩至最短，仍将有点位超期，低优先级在前"],
  ["the cameras of police need 9.9 of 10 streams: no room is left for retries", "police 的点位需 9.9 路，可用 10 路：没有重试的余量"],
  ["more looks are due than 4 streams can make: the first gap breaks now", "到期点位超过 4 路所能巡查：首个超期在当前"],
  ["more looks of police are due than 4 streams can make: the first gap breaks in 5 min", "到期点位超过 4 路所能巡查（police）：首个超期在 5 分钟后"],
  ["the data folder's disk has 3.0 GB free (limit 10 GB); at last week's growth of 1.5 GB a day it is full in 2 days. Nothing is deleted before its day for that: add space, or shorten terms in the registry's section retention", "数据盘剩余 3.0 GB（下限 10 GB）；按上周每天增加 1.5 GB 计，2 天后写满。不会因此提前删除：请扩容，或在配置的 retention 中缩短期限"],
  ["the changed registry is not valid and not in force: camera_registry.yaml:7 cameras[0].period: too long (and 2 more; patrol check shows all)", "改动后的点位配置有误，未生效：camera_registry.yaml:7 cameras[0].period: too long"],
])("of the service itself: %s", (sentence, zh) => {
  expect(plainly(sentence, "zh")).toBe(zh);
  expect(plainly(sentence, "en")).toBe(sentence);
});

test("a trouble begins with its subject", () => {
  expect(trouble("platform police", "police is away since 08:00:00: 2 looks cannot be made; it is probed", t("zh"), "zh", name)).toBe("平台 police: police 自 08:00:00 起离线，2 个巡查点无法巡查，正在探测");
  expect(trouble("dispatch", "police refused it; call 值班室 0730-5550100", t("zh"), "zh", name)).toBe("无人应答: 公安已拒收，请致电 值班室 0730-5550100");
  expect(trouble("broker", "something new", t("zh"), "zh", name)).toBe("消息服务: something new");
});
