// Strips under the clip: the looks that showed it, and what the place looked like at this hour before.
import { Image } from "antd";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import type { Sighting, Whole } from "./api";

export function Sightings({ sightings, chosen, choose, zone }: { sightings: Sighting[]; chosen: string; choose: (visit: string) => void; zone: string }) {
  const { t } = useTranslation();
  return (
    <section className="rv-strip" aria-label={t("review.sightings")}>
      <h3>{t("review.sightings")}</h3>
      <div className="rv-frames">
        {sightings.map((sighting) => (
          <button key={sighting.visit} type="button" aria-pressed={sighting.visit === chosen} onClick={() => choose(sighting.visit)}>
            {sighting.key_frame?.url ? <img src={sighting.key_frame.url} alt="" loading="lazy" /> : <span className="rv-blank">{t("review.noPicture")}</span>}
            <span>
              {moment(sighting.at, zone)} · {t(`verdicts.${sighting.verdict}`, sighting.verdict)}
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}

export function Earlier({ looks, zone }: { looks: Whole["earlier"]; zone: string }) {
  const { t } = useTranslation();
  return (
    <section className="rv-strip" aria-label={t("review.earlier")}>
      <h3>{t("review.earlier")}</h3>
      <div className="rv-frames">
        {looks.length === 0 && <p className="muted">{t("review.noEarlier")}</p>}
        {looks.map((look) => {
          const said = Object.entries(look.findings).map(([kind, verdict]) => `${t(`kinds.${kind}`, kind)}: ${t(`verdicts.${verdict}`, verdict)}`);
          const outcome = look.outcome === "inspected" ? said.join(", ") || t("outcomes.inspected") : t(`causes.${look.cause ?? ""}`, t(`outcomes.${look.outcome}`, look.outcome));
          return (
            <figure key={look.visit}>
              {look.picture?.url ? <Image src={look.picture.url} alt={`${moment(look.at, zone)} ${outcome}`} width={120} height={68} /> : <span className="rv-blank">{t("review.notKept")}</span>}
              <figcaption>
                {moment(look.at, zone)}
                <br />
                {outcome}
              </figcaption>
            </figure>
          );
        })}
      </div>
    </section>
  );
}
