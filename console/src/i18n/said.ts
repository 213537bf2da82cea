// The service's own sentences about dispatch, in people's words.
export const zh = {
  outcomes: { reached: "已接通", no_answer: "无人接听", busy: "占线", wrong_number: "号码有误" },
  late: "{{name}}{{step}}，超时 {{minutes}} 分 {{seconds}} 秒",
  missing: { received: "未签收", accepted: "未受理", on_scene: "未到场", disposed: "未处置" },
  refusedBy: "{{name}}已拒收",
  callNow: "，请致电 {{whom}} {{phone}}",
  toldTo: "，已转告 {{whom}}",
  andMore: "，另有 {{count}} 项",
  closed: { takenOn: "已由{{name}}受理", ended: "现场已消失", judged: "研判：{{verdict}}", answered: "答复：{{state}}" },
  problems: { already: "此前已为“{{state}}”，未改变状态", nobody: "未接通（{{outcome}}）", noReason: "未说明理由" },
};

export const en: typeof zh = {
  outcomes: { reached: "reached", no_answer: "no answer", busy: "busy", wrong_number: "wrong number" },
  late: "{{name}} {{step}}, {{minutes}} min {{seconds}} s over the limit",
  missing: { received: "has not received it", accepted: "has not accepted it", on_scene: "is not on the scene", disposed: "has not dealt with it" },
  refusedBy: "{{name}} refused it",
  callNow: "; call {{whom}} {{phone}}",
  toldTo: "; told: {{whom}}",
  andMore: "; and {{count}} more",
  closed: { takenOn: "taken on by {{name}}", ended: "it ended", judged: "judged: {{verdict}}", answered: "answered: {{state}}" },
  problems: { already: "it was “{{state}}” already, nothing changed", nobody: "nobody was reached ({{outcome}})", noReason: "no reason given" },
};
