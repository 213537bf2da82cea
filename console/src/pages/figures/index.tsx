// 统计: figures over county days, each with its chart, its tables, what is counted, and its file. The address says what is shown.
import { Segmented } from "antd";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router-dom";
import { addWords, type Language } from "../../i18n";
import * as words from "../../i18n/figures";
import { useMe } from "../../shell/me";
import { CoverageView } from "./Coverage";
import { FalseAlarmsView, IncidentsView } from "./Incidents";
import { DepartmentsView, ResponseView, SpotChecksView } from "./Response";
import { BYS, fileAddress, type Days, type Figure } from "./api";
import { PRESETS, daysFrom, daysOf, presetOf, type Preset } from "./days";
import "./style.css";

addWords("figures", words);

const FIGURES = Object.keys(BYS) as Figure[];

export default function FiguresPage() {
  const { t, i18n } = useTranslation();
  const zone = useMe().county.timezone;
  const [search, setSearch] = useSearchParams();
  const days = daysFrom(search, zone);
  const figure = FIGURES.find((each) => each === search.get("figure")) ?? "coverage";
  const allowed: readonly string[] = BYS[figure];
  const by = allowed.find((each) => each === search.get("by")) ?? allowed[0] ?? null;
  const choose = (next: Partial<Days> & { figure?: Figure; by?: string }) =>
    setSearch({ figure, ...days, ...(by && !next.figure ? { by } : {}), ...next }, { replace: true });
  const file = (format: "csv" | "xlsx") => fileAddress(figure, days, by, format, i18n.language as Language);
  return (
    <div className="figures-page">
      <div className="figure-bar">
        <Segmented<Figure> aria-label={t("figures.which")} value={figure} onChange={(next) => choose({ figure: next })} options={FIGURES.map((each) => ({ value: each, label: t(`figures.names.${each}`) }))} />
      </div>
      <div className="figure-bar" role="group" aria-label={t("figures.days")}>
        <Segmented<Preset | ""> aria-label={t("figures.days")} value={presetOf(days, zone) ?? ""} onChange={(next) => next && choose(daysOf(next, zone))} options={PRESETS.map((preset) => ({ value: preset, label: t(`figures.presets.${preset}`) }))} />
        <DayField label={t("figures.since")} value={days.since} max={days.until} set={(since) => choose({ since })} />
        <DayField label={t("figures.until")} value={days.until} min={days.since} set={(until) => choose({ until })} />
        {by && (
          <label className="figure-by">
            {t("figures.by")}
            <select value={by} onChange={(event) => choose({ by: event.target.value })}>
              {allowed.map((each) => (
                <option key={each} value={each}>
                  {t(`figures.bys.${each}`)}
                </option>
              ))}
            </select>
          </label>
        )}
        <span className="figure-files">
          {t("figures.file")}: <a href={file("xlsx")} download>{t("figures.workbook")}</a> <a href={file("csv")} download>{t("figures.text")}</a>
        </span>
      </div>
      <section className="figure-sheet" aria-label={t(`figures.names.${figure}`)}>
        <details className="figure-what">
          <summary>{t("figures.what")}</summary>
          <p>{t(`figures.explain.${figure}`)}</p>
        </details>
        <Shown figure={figure} days={days} by={by} />
      </section>
    </div>
  );
}

function Shown({ figure, days, by }: { figure: Figure; days: Days; by: string | null }) {
  switch (figure) {
    case "coverage":
      return <CoverageView days={days} by={by as "category"} />;
    case "incidents":
      return <IncidentsView days={days} by={by as "kind"} />;
    case "false-alarms":
      return <FalseAlarmsView days={days} />;
    case "response":
      return <ResponseView days={days} by={by as "department"} />;
    case "departments":
      return <DepartmentsView days={days} />;
    case "spot-checks":
      return <SpotChecksView days={days} by={by as "category"} />;
  }
}

function DayField({ label, value, min, max, set }: { label: string; value: string; min?: string; max?: string; set: (day: string) => void }) {
  return (
    <label className="figure-day">
      {label}
      <input type="date" value={value} min={min} max={max} onChange={(event) => event.target.value && set(event.target.value)} />
    </label>
  );
}
