// Who would be told of an incident, and who after them: asked of the service, nothing is sent.
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { duration } from "../../format";
import { KINDS, registry, type DryRun, type Kind } from "./api";
import { useOptions } from "./desk";
import { ChoiceField, TextField } from "./fields";

export function DryRunForm() {
  const { t } = useTranslation();
  const categories = useOptions("categories");
  const departments = useOptions("departments");
  const rules = useOptions("rules");
  const [asked, setAsked] = useState({ kind: "fireworks" as Kind, camera: "", category: "", rule: "", at: "" });
  const [said, setSaid] = useState<DryRun | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const set = (part: Partial<typeof asked>) => setAsked((was) => ({ ...was, ...part }));
  const name = (id: string | null) => departments.find((option) => option.value === id)?.label ?? id ?? "–";
  const steps = (limits: Record<string, number | null>) =>
    Object.entries(limits)
      .filter(([, limit]) => limit !== null)
      .map(([step, limit]) => `${t(`admin.dry.steps.${step}`, step)} ${duration(limit)}`)
      .join(" · ");
  const go = () => {
    const { kind, ...rest } = asked;
    registry.route({ kind, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== "")) }).then(
      (found) => {
        setSaid(found);
        setError(null);
      },
      (failed: Error) => {
        setSaid(null);
        setError(failed);
      },
    );
  };
  return (
    <>
      <h2>{t("admin.dry.title")}</h2>
      <form
        className="ad-form"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <ChoiceField label={t("kind")} value={asked.kind} options={KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))} set={(kind) => set({ kind: kind as Kind })} />
        <TextField eager label={t("admin.dry.camera")} value={asked.camera} set={(camera) => set({ camera })} />
        <ChoiceField label={t("category")} none={t("admin.none")} value={asked.category} options={categories} set={(category) => set({ category })} />
        <ChoiceField label={t("admin.dry.rule")} none={t("admin.none")} value={asked.rule} options={rules} set={(rule) => set({ rule })} />
        <TextField eager label={t("admin.dry.at")} type="datetime-local" value={asked.at} set={(at) => set({ at })} />
        <Button type="primary" htmlType="submit">
          {t("admin.dry.ask")}
        </Button>
      </form>
      <div role="status" className="ad-dry">
        {error && <Alert type="error" showIcon message={error.message} />}
        {said && (
          <>
            {said.exempt && <Alert type="info" showIcon message={t("admin.dry.exempt")} description={said.exempt} />}
            <p>
              <strong>{t("admin.dry.route", { name: said.route ?? "–" })}</strong>
            </p>
            <ul className="ad-sentences">
              {said.told.map((told) => (
                <li key={`${told.role}-${told.department}`}>
                  {t(`admin.dry.roles.${told.role}`, told.role)}: {name(told.department)} {told.contacts.map((contact) => `${contact.name} ${contact.phone ?? ""}`).join("、")} {steps(told.respond_s)}
                </li>
              ))}
              {said.later.map((rung, i) => (
                <li key={i}>
                  {t("admin.dry.after", { time: duration(rung.after_s) })}: {rung.whom} {rung.phone ?? ""}
                </li>
              ))}
            </ul>
            <details>
              <summary>{t("admin.dry.tried")}</summary>
              <ol className="ad-sentences">
                {said.tried.map((tried, i) => (
                  <li key={i}>
                    {tried.name}: {tried.why_not ?? t("admin.dry.matches")}
                  </li>
                ))}
              </ol>
            </details>
          </>
        )}
      </div>
    </>
  );
}
