// What is said of one look in words: state, time left, last look.
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { duration, moment } from "../../format";
import type { Language } from "../../i18n";
import type { BoardLooks } from "./api";
import { clock, type Standing } from "./standing";
import { markOf } from "./visual";

/** Seconds since 1970 as an ISO time. */
export function isoOf(seconds: number | null | undefined): string | null {
  return seconds === null || seconds === undefined ? null : new Date(seconds * 1000).toISOString();
}

export function useSaid(looks: BoardLooks, standing: Standing, zone: string) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  return (row: number): string[] => {
    const now = clock(standing);
    const mark = markOf(standing, row, now);
    const state = mark === "late" ? "late" : (standing.states[standing.state[row] ?? 0] ?? "waiting");
    const deadline = standing.deadline[row] ?? null;
    const left = deadline === null ? t("rotation.left.none") : deadline > now ? t("rotation.left.left", { time: duration(deadline - now) }) : t("rotation.left.over", { time: duration(now - deadline) });
    const away = standing.away_since[row] ?? null;
    return [
      `${looks.categories[looks.category[row] ?? -1]?.name[language] ?? ""} · ${looks.platforms[looks.platform[row] ?? -1]?.name[language] ?? ""}`,
      `${t(`rotation.states.${state}`)} · ${left}`,
      ...(away === null ? [] : [t("rotation.awaySince", { time: moment(isoOf(away), zone) })]),
      ...lastLook(t, standing, row, zone),
    ];
  };
}

function lastLook(t: TFunction, standing: Standing, row: number, zone: string): string[] {
  const outcome = standing.outcomes[standing.outcome[row] ?? -1];
  if (!outcome) return [];
  const cause = standing.causes[standing.cause[row] ?? -1];
  return [`${t("rotation.lastLook")} ${moment(isoOf(standing.ended[row]), zone)} ${t(`outcomes.${outcome}`)}${cause ? ` · ${t(`causes.${cause}`, cause)}` : ""}`];
}
