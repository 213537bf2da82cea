// The days of a year on which a rule holds: a calendar to look at, and the same as a list with lunar dates.
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { registry } from "./api";
import { useDesk, useOptions } from "./desk";
import { ChoiceField } from "./fields";
import { monthsOf, said } from "./year";

export function YearView({ rule, choose }: { rule: string | null; choose: (rule: string) => void }) {
  const { t, i18n } = useTranslation();
  const rules = useOptions("rules");
  const [year, setYear] = useState(() => new Date().getFullYear());
  const { draft } = useDesk();
  // Only rules, and the days off they follow, change what holds when.
  const drafted = { base: draft.base, operations: draft.operations.filter((op) => op.path[0] === "rules") };
  const years = useQuery({ queryKey: ["registry", "year", year, drafted], queryFn: () => registry.year(year, drafted), placeholderData: keepPreviousData, retry: false, refetchInterval: false });
  const lunar = useQuery({ queryKey: ["lunar", year], queryFn: () => registry.lunar(year), staleTime: Infinity, refetchInterval: false });
  const wanted = rule ?? rules[0]?.value ?? "";
  const found = years.data?.find((one) => one.rule === wanted) ?? null;
  const days = lunar.data?.days;
  const months = useMemo(() => (found && days ? monthsOf(year, found, days) : []), [year, found, days]);
  const month = new Intl.DateTimeFormat(i18n.language === "zh" ? "zh-CN" : "en", { month: "long", timeZone: "UTC" });
  return (
    <>
      <h2>{t("admin.year.title")}</h2>
      <div className="ad-tools">
        <ChoiceField label={t("admin.year.rule")} value={wanted} options={rules} set={choose} />
        <Button onClick={() => setYear(year - 1)} disabled={year <= 1902}>
          {t("admin.year.before", { year: year - 1 })}
        </Button>
        <strong role="status">{year}</strong>
        <Button onClick={() => setYear(year + 1)} disabled={year >= 2098}>
          {t("admin.year.after", { year: year + 1 })}
        </Button>
        {drafted.operations.length > 0 && <span className="ad-changed">{t("admin.year.drafted")}</span>}
      </div>
      {years.error || lunar.error ? (
        <Failed error={years.error ?? lunar.error ?? new Error()} again={() => void Promise.all([years.refetch(), lunar.refetch()])} />
      ) : years.isPending || lunar.isPending ? (
        <Loading lines={14} />
      ) : found === null ? (
        <Empty title={t("admin.year.none")} />
      ) : (
        <>
          <p>
            {t("admin.year.days", { count: found.days })} {found.provisional && <strong className="ad-warn">{t("admin.year.provisional")}</strong>}
          </p>
          <div className="ad-year" aria-hidden>
            {months.map((days, i) => (
              <div key={i} className="ad-month">
                <strong>{month.format(new Date(Date.UTC(year, i, 1)))}</strong>
                <div className="ad-days">
                  {days.map((day, at) => (
                    <span key={day.date} className={day.hours === null ? "" : "holds"} style={at === 0 ? { gridColumnStart: day.weekday + 1 } : undefined} title={`${day.date} · ${day.lunar}${day.hours === null ? "" : ` · ${day.hours}`}`}>
                      {day.day}
                    </span>
                  ))}
                </div>
              </div>
            ))}
          </div>
          <ul className="ad-sentences ad-spans" aria-label={t("admin.year.spans")} tabIndex={0}>
            {found.spans.map((span) => (
              <li key={span.first}>
                {span.first} <span lang="zh-CN">（{span.lunar_first}）</span> – {span.last} <span lang="zh-CN">（{span.lunar_last}）</span>: {said(span.hours)}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}
