// The service's own sentences about dispatch, put in the reader's words: it writes them in English, for logs and machines.
import type { TFunction } from "i18next";
import { addWords } from "../i18n";
import * as words from "../i18n/said";
import { TROUBLES } from "../i18n/troubles";

addWords("said", words);

const STEPS: Record<string, string> = { "has not received it": "received", "has not accepted it": "accepted", "is not on the scene": "on_scene", "has not dealt with it": "disposed" };
const LATE = /^(\S+) (has not received it|has not accepted it|is not on the scene|has not dealt with it), (\d+) min (\d+) s over the limit/;
const REFUSED = /^(\S+) refused it/;
const CALL = /; call (.+) ([0-9+ -]+?)(?= \(and |$)/;
const TOLD = /; told: (.+?)(?= \(and |$)/;
const MORE = / \(and (\d+) more\)$/;
const CLOSED: [RegExp, string][] = [
  [/^taken on by (\S+)$/, "takenOn"],
  [/^it ended$/, "ended"],
  [/^(false_alarm|duplicate|exempt|unclear|confirmed)$/, "judged"],
  [/^(received|accepted|refused|phoned|on_scene|disposed)$/, "answered"],
];

/** Why somebody is told or called. A sentence that is not known stands as it came: better English than nothing. */
export function because(sentence: string, t: TFunction, name: (department: string) => string): string {
  const late = LATE.exec(sentence);
  const refused = REFUSED.exec(sentence);
  if (!late && !refused) return sentence;
  const parts = [
    late
      ? t("said.late", { name: name(late[1] ?? ""), step: t(`said.missing.${STEPS[late[2] ?? ""]}`), minutes: late[3], seconds: late[4] })
      : t("said.refusedBy", { name: name(refused?.[1] ?? "") }),
  ];
  const [call, told, more] = [CALL.exec(sentence), TOLD.exec(sentence), MORE.exec(sentence)];
  if (call) parts.push(t("said.callNow", { whom: call[1], phone: call[2] }));
  if (told) parts.push(t("said.toldTo", { whom: name(told[1] ?? "") }));
  if (more) parts.push(t("said.andMore", { count: Number(more[1]) }));
  return parts.join("");
}

/** Why a matter is closed. */
export function closedBecause(sentence: string, t: TFunction, name: (department: string) => string): string {
  for (const [form, key] of CLOSED) {
    const found = form.exec(sentence);
    if (found) return t(`said.closed.${key}`, { name: name(found[1] ?? ""), verdict: t(`reviewed.${found[1]}`, found[1] ?? ""), state: t(`states.${found[1]}`, found[1] ?? "") });
  }
  return sentence;
}

/** What is wrong with an answer, as the service notes it. */
export function problemOf(sentence: string, t: TFunction): string {
  const already = /^the alert is already (\w+)/.exec(sentence);
  if (already) return t("said.problems.already", { state: t(`states.${already[1]}`, already[1] ?? "") });
  const nobody = /^nobody was reached \((\w+)\)/.exec(sentence);
  if (nobody) return t("said.problems.nobody", { outcome: t(`said.outcomes.${nobody[1]}`, nobody[1] ?? "") });
  if (sentence === "refused without a reason") return t("said.problems.noReason");
  return sentence;
}

/** What is wrong with the service itself, by its subject. A sentence that is not known stands as it came. */
export function trouble(subject: string, sentence: string, t: TFunction, language: string, name: (department: string) => string): string {
  const [, kind, id] = /^(platform|channel) (.+)$/.exec(subject) ?? [];
  const head = kind ? `${t(`problem.${kind}`)} ${id}` : t(`problem.${subject}`, subject);
  return `${head}: ${plainly(because(sentence, t, name), language)}`;
}

/** A sentence of the service about itself. */
export function plainly(sentence: string, language: string): string {
  return language === "zh" ? TROUBLES.reduce((said, [form, words]) => said.replace(form, words), sentence) : sentence;
}
