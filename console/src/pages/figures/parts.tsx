// What the figures share: headline numbers, shares that never say 100 % too early, what stands around each figure.
import type { UseQueryResult } from "@tanstack/react-query";
import { useCallback, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Name } from "../../api/session";
import type { Language } from "../../i18n";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import type { Days } from "./api";

/** Part of a whole in per cent, rounded down: never 100 % while anything is missing. */
export function shareOf(part: number, whole: number): string {
  return whole === 0 ? "–" : percentOf(part / whole);
}

export function percentOf(share: number | null | undefined): string {
  return share === null || share === undefined ? "–" : `${(Math.floor(share * 1000 + 1e-9) / 10).toFixed(1)} %`;
}

export function Numbers({ of }: { of: [label: string, value: ReactNode][] }) {
  return (
    <dl className="figure-numbers">
      {of.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** An answer, or what stands in its place while it is read, when it cannot be, and where there is nothing in it. */
export function Answered<T>({ query, empty, children }: { query: UseQueryResult<T>; empty: (data: T) => boolean; children: (data: T) => ReactNode }) {
  const { t } = useTranslation();
  if (query.error) return <Failed error={query.error} again={() => void query.refetch()} />;
  if (!query.data) return <Loading lines={14} />;
  if (empty(query.data)) return <Empty title={t("figures.none")} hint={t("figures.noneHow")} />;
  return <div className={query.isPlaceholderData ? "figure-before" : undefined}>{children(query.data)}</div>;
}

/** How groups are called in the language that is shown. */
export function useNames() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  return useCallback(
    (by: string, key: string, name: Name): string => (key === "" ? t("figures.unknown") : by === "kind" ? t(`kinds.${key}`, key) : name[language] || key),
    [t, language],
  );
}

export function useChartLabel(days: Days) {
  const { t } = useTranslation();
  return (what: string) => t("figures.chartOf", { what, since: days.since, until: days.until });
}

/** 2026-11-26 → 11-26: what an axis has room for. */
export function short(day: string): string {
  return day.slice(5);
}
