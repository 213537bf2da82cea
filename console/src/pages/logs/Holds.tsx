// What is held beyond its day, why and by whom; a shift lead holds and lifts here.
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { Empty } from "../../parts/Empty";
import type { Hold } from "../../parts/retention/api";
import { HoldDialog } from "../../parts/retention/HoldDialog";
import { heldThing } from "../../parts/retention/said";
import { useMe } from "../../shell/me";
import { Columns } from "../admin/Columns";
import { LiftDialog } from "./LiftDialog";

export function Holds({ of }: { of: Hold[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const holds = me.may.includes("retention.hold");
  const [asking, setAsking] = useState<"hold" | Hold | null>(null);
  const [said, setSaid] = useState("");
  const done = (sentence: "put" | "liftedNow") => (hold: Hold) => {
    setAsking(null);
    setSaid(t(`retention.${sentence}`, { what: heldThing(hold, t) }));
  };
  return (
    <section className="kept-wide" aria-labelledby="kept-holds">
      <h2 id="kept-holds">{t("retention.holdsTitle")}</h2>
      <p className="muted">{t("retention.holdsHow")}</p>
      {holds && (
        <div className="kept-tools">
          <Button type="primary" onClick={() => setAsking("hold")}>
            {t("retention.holdSomething")}
          </Button>
          <span role="status">{said}</span>
        </div>
      )}
      {of.length === 0 ? (
        <Empty title={t("retention.noHolds")} hint={t("retention.noHoldsHow")} />
      ) : (
        <table className="kept-holds">
          <caption className="unseen">{t("retention.holdsTitle")}</caption>
          <Columns words="retention" names={["what", "reason", "by", "since", ...(holds ? ["do"] : [])]} />
          <tbody>
            {of.map((hold) => (
              <tr key={hold.id}>
                <th scope="row">
                  {t(`retention.kinds.${hold.kind}`, hold.kind)} <code>{hold.ref}</code>
                </th>
                <td data-label={t("retention.reason")}>{hold.reason}</td>
                <td data-label={t("retention.by")}>{hold.by}</td>
                <td data-label={t("retention.since")}>{moment(hold.at, me.county.timezone)}</td>
                {holds && (
                  <td data-label={t("retention.do")}>
                    <Button size="small" aria-label={t("retention.liftOne", { what: heldThing(hold, t) })} onClick={() => setAsking(hold)}>
                      {t("retention.lift")}
                    </Button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {asking === "hold" && <HoldDialog close={() => setAsking(null)} done={done("put")} />}
      {asking !== null && asking !== "hold" && <LiftDialog hold={asking} close={() => setAsking(null)} done={done("liftedNow")} />}
    </section>
  );
}
