// One change for all chosen cameras; it goes into the draft like any other.
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Entry } from "./api";
import { useDesk, useOptions } from "./desk";

type What = "categories" | "platform" | "period" | "enabled" | "remove";

export function BulkBar({ chosen, clear, all, gathering, said }: { chosen: ReadonlyMap<string, Entry>; clear: () => void; all: () => void; gathering: boolean; said: string | null }) {
  const { t } = useTranslation();
  const desk = useDesk();
  const options = { categories: useOptions("categories"), platform: useOptions("platforms"), enabled: [{ value: "yes", label: t("admin.cameras.on") }, { value: "no", label: t("admin.cameras.off") }] };
  const [what, setWhat] = useState<What>("categories");
  const [value, setValue] = useState("");
  const ready = chosen.size > 0 && (what === "remove" || what === "period" || value !== "");
  const apply = () => {
    const given: unknown = what === "categories" ? [value] : what === "enabled" ? (value === "yes" ? null : false) : value.trim();
    if (what === "remove") desk.put(...[...chosen.keys()].map((id) => ({ op: "remove" as const, path: ["cameras", id] })));
    else desk.edit(...[...chosen].map(([id, original]) => ({ entry: ["cameras", id], field: [what], value: given, original })));
    clear();
  };
  return (
    <div className="ad-bulk" role="group" aria-label={t("admin.bulk.title")}>
      <span>{t("admin.bulk.chosen", { count: chosen.size })}</span>
      <Button size="small" loading={gathering} onClick={all}>
        {t("admin.bulk.all")}
      </Button>
      {chosen.size > 0 && (
        <>
          <Button size="small" onClick={clear}>
            {t("admin.bulk.none")}
          </Button>
          <select
            aria-label={t("admin.bulk.what")}
            value={what}
            onChange={(event) => {
              setWhat(event.target.value as What);
              setValue("");
            }}
          >
            {(["categories", "platform", "period", "enabled", "remove"] as const).map((key) => (
              <option key={key} value={key}>
                {t(`admin.bulk.whats.${key}`)}
              </option>
            ))}
          </select>
          {(what === "categories" || what === "platform" || what === "enabled") && (
            <select aria-label={t("admin.bulk.value")} value={value} onChange={(event) => setValue(event.target.value)}>
              <option value="">{t("admin.choose")}</option>
              {options[what].map((option) => (
                <option key={option.value} value={option.value}>
                  {option.label}
                </option>
              ))}
            </select>
          )}
          {what === "period" && <input aria-label={t("admin.bulk.value")} value={value} onChange={(event) => setValue(event.target.value)} placeholder={t("admin.ofCategory")} />}
          <Button size="small" type="primary" disabled={!ready} onClick={apply}>
            {t("admin.bulk.apply")}
          </Button>
        </>
      )}
      {said && <span className="ad-warn">{said}</span>}
    </div>
  );
}
