// When something holds: working days, hours, days of the solar and the lunar year. All parts given must be true; any window counts.
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import type { Entry } from "./api";
import { ChoiceField, TextField, text } from "./fields";

const PRIORITIES = ["low", "medium", "high", "highest"];

/** `risk`: windows of a category, which have a name and ask for more. */
export function Windows({ windows, set, risk = false, changed }: { windows: Entry[]; set: (windows: Entry[]) => void; risk?: boolean; changed: boolean }) {
  const { t } = useTranslation();
  const change = (index: number, part: Entry) =>
    set(windows.map((window, i) => (i === index ? Object.fromEntries(Object.entries({ ...window, ...part }).filter(([, value]) => value !== "" && value !== null)) : window)));
  return (
    <fieldset className={changed ? "ad-windows changed" : "ad-windows"}>
      <legend>
        {t(risk ? "admin.windows.risk" : "admin.windows.title")}
        {changed && <span className="ad-changed"> {t("admin.changed")}</span>}
      </legend>
      {windows.length === 0 && <p className="muted">{t(risk ? "admin.windows.noRisk" : "admin.windows.always")}</p>}
      {windows.map((window, i) => (
        <div key={i} className="ad-window" role="group" aria-label={t("admin.windows.one", { number: i + 1 })}>
          {risk && <TextField label={t("admin.windows.name")} value={text(window["name"])} set={(name) => change(i, { name })} />}
          <ChoiceField
            label={t("admin.windows.days")}
            value={text(window["days"]) || "any"}
            options={["any", "workday", "holiday"].map((days) => ({ value: days, label: t(`admin.windows.dayKinds.${days}`) }))}
            set={(days) => change(i, { days: days === "any" ? "" : days })}
          />
          {["from", "to"].map((end) => (
            <TextField key={end} label={t(`admin.windows.${end}`)} placeholder="18:00" value={text(window[end])} set={(value) => change(i, { [end]: value })} />
          ))}
          {["solar", "lunar"].map((calendar) => (
            <Span key={calendar} calendar={calendar} span={(window[calendar] ?? {}) as Entry} set={(span) => change(i, { [calendar]: span })} />
          ))}
          {risk && <TextField label={t("admin.category.period")} placeholder={t("admin.ofCategory")} value={text(window["period"])} set={(period) => change(i, { period })} />}
          {risk && (
            <ChoiceField
              label={t("admin.category.priority")}
              none={t("admin.ofCategory")}
              value={text(window["priority"])}
              options={PRIORITIES.map((key) => ({ value: key, label: t(`admin.priorities.${key}`) }))}
              set={(priority) => change(i, { priority })}
            />
          )}
          <Button size="small" aria-label={t("admin.windows.removeOne", { number: i + 1 })} onClick={() => set(windows.filter((_, other) => other !== i))}>
            {t("admin.remove")}
          </Button>
        </div>
      ))}
      <Button size="small" onClick={() => set([...windows, { ...(risk ? { name: t("admin.windows.newName") } : {}), days: "workday" }])}>
        {t("admin.windows.add")}
      </Button>
    </fieldset>
  );
}

/** First and last day, MM-DD; both are needed, and both empty take the span out. */
function Span({ calendar, span, set }: { calendar: string; span: Entry; set: (span: Entry | null) => void }) {
  const { t } = useTranslation();
  const change = (part: Entry) => {
    const next = { ...span, ...part };
    set(text(next["from"]) === "" && text(next["to"]) === "" ? null : next);
  };
  return (
    <>
      {["from", "to"].map((end) => (
        <TextField key={end} label={t(`admin.windows.${calendar}.${end}`)} placeholder="12-24" value={text(span[end])} set={(value) => change({ [end]: value })} />
      ))}
    </>
  );
}
