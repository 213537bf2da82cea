// What changes mean for the rotation: looks an hour and load against capacity, before and after.
import { Alert } from "antd";
import { useTranslation } from "react-i18next";
import { percent } from "../../format";
import type { Effect } from "./api";
import { useOptions } from "./desk";

export function EffectTable({ effect }: { effect: Effect }) {
  const { t } = useTranslation();
  const platforms = useOptions("platforms");
  const { before, after } = effect;
  const rows: [string, string, string, boolean][] = [
    [t("admin.effect.looks"), String(before.looks), String(after.looks), false],
    [t("admin.effect.perHour"), before.looks_per_hour.toFixed(0), after.looks_per_hour.toFixed(0), false],
    [t("admin.effect.load"), percent(before.load), percent(after.load), after.load > 1],
    ...Object.entries(after.platforms).map(([id, load]): [string, string, string, boolean] => [
      `${t("platform")}: ${platforms.find((p) => p.value === id)?.label ?? id}`,
      percent(before.platforms[id] ?? 0),
      percent(load),
      load > 1,
    ]),
  ];
  return (
    <>
      <table className="ad-effect">
        <caption>{t("admin.effect.title")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("admin.effect.what")}</th>
            <th scope="col">{t("admin.effect.before")}</th>
            <th scope="col">{t("admin.effect.after")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, was, is, over]) => (
            <tr key={name} className={over ? "over" : was !== is ? "moved" : ""}>
              <th scope="row">{name}</th>
              <td>{was}</td>
              <td>{is}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {after.warning && <Alert type="warning" showIcon message={after.warning} />}
    </>
  );
}
