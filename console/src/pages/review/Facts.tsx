// What is known of the item, whom it concerns, and what was said of it.
import { useTranslation } from "react-i18next";
import type { Language } from "../../i18n";
import { moment } from "../../format";
import type { Sighting, Whole } from "./api";

export function Facts({ whole, sighting, zone }: { whole: Whole; sighting: Sighting | undefined; zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const { item, rule } = whole;
  return (
    <section className="rv-facts" aria-label={t("review.facts")}>
      <dl>
        <dt>{t("camera")}</dt>
        <dd>
          {item.camera_name ?? item.camera}
          {item.preset && ` · ${item.preset}`}
        </dd>
        <dt>{t("place")}</dt>
        <dd>{item.place ?? "–"}</dd>
        <dt>{t("category")}</dt>
        <dd>{item.category_name?.[language] ?? item.category ?? "–"}</dd>
        <dt>{t("firstSeen")}</dt>
        <dd>{moment(item.first_seen_at, zone)}</dd>
        <dt>{t("lastSeen")}</dt>
        <dd>
          {moment(item.last_seen_at, zone)} · {t("review.times", { count: item.looks })}
        </dd>
        <dt>{t("review.rule")}</dt>
        <dd>
          {rule ? (
            <>
              {rule.name[language]} <span className="muted">{rule.when}</span>
              <br />
              <span className="muted">
                {t("review.source")}: {rule.source}
              </span>
            </>
          ) : (
            t("review.noRule")
          )}
        </dd>
        {sighting && (
          <>
            <dt>{t("review.says")}</dt>
            <dd>
              {language === "zh" ? sighting.reason_zh : sighting.reason}{" "}
              <span className="muted">
                {t("review.score")} {sighting.score.toFixed(2)}
              </span>
            </dd>
          </>
        )}
      </dl>
      {sighting && (
        <details>
          <summary>{t("review.measured")}</summary>
          <dl className="rv-measured">
            {Object.entries(sighting.measurements).map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{String(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      <Departments whole={whole} zone={zone} />
      {whole.reviews.length > 0 && (
        <>
          <h3>{t("reviews")}</h3>
          <ul className="rv-said">
            {[...whole.reviews].reverse().map((said) => (
              <li key={said.at}>
                {moment(said.at, zone)} {said.reviewer}: {t(`reviewed.${said.verdict}`, said.verdict)}
                {said.reason && ` – ${said.reason}`}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Departments({ whole, zone }: { whole: Whole; zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  if (whole.told.length > 0) {
    return (
      <>
        <h3>{t("review.told")}</h3>
        <ul className="rv-said">
          {whole.told.map((told) => {
            const last = told.answers.at(-1);
            return (
              <li key={told.department}>
                <strong>{told.name?.[language] ?? told.department}</strong> <span className="rv-tag rv-info">{t(`states.${told.state}`, told.state)}</span>
                {last && (
                  <div className="muted">
                    {moment(last.at, zone)} {last.by} {last.note}
                  </div>
                )}
              </li>
            );
          })}
        </ul>
      </>
    );
  }
  return (
    <>
      <h3>{t("review.wouldTell")}</h3>
      {whole.would_not && <p className="rv-warned">{whole.would_not}</p>}
      <ul className="rv-said">
        {whole.would_tell.map((told) => (
          <li key={told.department}>
            {told.name?.[language] ?? told.department} <span className="muted">{t(`review.roles.${told.role}`, told.role)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
