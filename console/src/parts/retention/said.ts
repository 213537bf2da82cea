// The service's own sentences about what is kept, put in the reader's words: it writes them in English, for logs and proofs.
import type { TFunction } from "i18next";
import { ApiError } from "../../api/client";
import { addWords } from "../../i18n";
import * as words from "../../i18n/retention";

addWords("retention", words);

/** The service's sentences with what changes in them by name, and the words for each. */
const CAUSES: [RegExp, string][] = [
  [/^hold (?<id>\d+) of (?<by>.+?) on the (?<kind>incident|case|file): (?<reason>[\s\S]*)$/, "hold"],
  [/^the incident is still open$/, "incidentOpen"],
  [/^the dispatch to (?<department>\S+) is not finished$/, "dispatchOpen"],
  [/^the case (?<number>\S+) has not been said to be closed$/, "caseNotSaid"],
  [/^the case (?<number>\S+) is still open$/, "caseOpen"],
];
const MET: [RegExp, string][] = [
  [/^retention\.(?<class>\w+): (?<days>\d+) days are less than the (?<floor>\d+) that the law asks for;/, "floor"],
  [/^the clock says (?<now>[\d-]+ [\d:]+) UTC, which is before the last purge \((?<run>[\d-]+ [\d:]+) UTC\);/, "clockBack"],
  [/^the clock says (?<now>[\d-]+ [\d:]+) UTC, (?<days>\d+) days after the service was last alive/, "clockAhead"],
  [/^the purge cannot delete: (?<why>.+); it will try again$/, "disk"],
  [/^the run was cut off and was ended by the next one;/, "cutOff"],
  [/^(?<path>.+): is not the file that was kept; it was due on (?<day>[\d-]+) and was left for a person to look at$/, "differs"],
  [/^(?<path>.+): is no plain file in its place; it was due on (?<day>[\d-]+) and was left for a person to look at$/, "strange"],
  [/^(?<path>.+): was gone before the purge came to it$/, "gone"],
  [/^(?<path>.+): a link is in the way; nothing was removed$/, "link"],
  [/^and (?<count>\d+) more$/, "more"],
];
const LAST = /^the last purge \(run (?<run>\d+)\) met what a person must look at: (?<sentence>.+)$/;

/** A sentence that is not known stands as it came: better English than nothing. */
function inWords(sentence: string, known: [RegExp, string][], words: string, t: TFunction): string {
  for (const [form, key] of known) {
    const said = form.exec(sentence);
    if (said === null) continue;
    const { kind, class: class_ } = said.groups ?? {};
    return t(`retention.${words}.${key}`, { ...said.groups, ...(kind ? { kind: t(`retention.kinds.${kind}`) } : {}), ...(class_ ? { class: nameOf(class_, t) } : {}) });
  }
  return sentence;
}

/** Why something stays. */
export function because(sentence: string, t: TFunction): string {
  return inWords(sentence, CAUSES, "causes", t);
}

/** What the purge met that a person must look at. */
export function metInWords(sentence: string, t: TFunction): string {
  const last = LAST.exec(sentence)?.groups;
  if (last) return t("retention.met.last", { run: last["run"], sentence: inWords(last["sentence"] ?? "", MET, "met", t) });
  return inWords(sentence, MET, "met", t);
}

/** A class in words; one that this console does not know yet stands as it is. */
export function nameOf(key: string, t: TFunction): string {
  return t(`retention.classes.${key}.name`, key);
}

/** What is held, in one line. */
export function heldThing(hold: { kind: string; ref: string }, t: TFunction): string {
  return `${t(`retention.kinds.${hold.kind}`, hold.kind)} ${hold.ref}`;
}

/** At which field what went wrong belongs, in words; `form`: at none. */
export type Wrong = Partial<Record<"ref" | "reason" | "form", string>>;

export function refusedHold(error: Error | null, kind: string, t: TFunction): Wrong {
  if (error === null) return {};
  if (error instanceof ApiError) {
    if (error.status === 404) return { ref: t(`retention.refused.unknown.${kind}`) };
    // With a time to wait it is the same request that is still being answered.
    if (error.status === 409 && error.waitS === null) return { ref: t("retention.refused.stands") };
    if (error.status === 422) return fields(error, t);
  }
  return { form: error.message };
}

export function refusedLift(error: Error | null, t: TFunction): Wrong {
  if (error === null) return {};
  if (error instanceof ApiError) {
    if (error.status === 404) return { form: t("retention.refused.gone") };
    if (error.status === 409 && error.waitS === null) return { form: t("retention.refused.lifted") };
    if (error.status === 422) return fields(error, t);
  }
  return { form: error.message };
}

function fields(error: ApiError, t: TFunction): Wrong {
  const named = Array.isArray(error.problem["errors"]) ? (error.problem["errors"] as { field: string }[]).map((one) => one.field) : [];
  if (named.includes("body.ref")) return { ref: t("retention.refused.ref") };
  // The service names no field when the words of a reason will not do.
  if (named.length === 0 || named.some((field) => field === "body.reason" || field === "query.because")) return { reason: t("retention.refused.reason") };
  return { form: error.message };
}
