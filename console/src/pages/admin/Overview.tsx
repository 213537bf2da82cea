// Where the configuration stands: which file is in force, what is odd in it, what it holds, who changed it last.
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Link } from "react-router-dom";
import { moment } from "../../format";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { useMe } from "../../shell/me";
import { registry } from "./api";
import { entriesOf, useDesk } from "./desk";
import { Problems } from "./Diff";

export function Overview() {
  const { t } = useTranslation();
  const { state } = useDesk();
  const zone = useMe().county.timezone;
  const revisions = useQuery({ queryKey: ["registry", "revisions", "last"], queryFn: () => registry.revisions(null) });
  const cards = [
    { to: "/admin/cameras", name: "cameras", count: state.cameras },
    ...["categories", "rules", "routes"].map((name) => ({ to: name === "routes" ? "/admin/routes" : "/admin/rules", name, count: entriesOf(state, name).length })),
  ];
  return (
    <div className="ad-overview">
      <ul className="ad-cards">
        {cards.map((card) => (
          <li key={card.name}>
            <Link to={card.to}>
              <strong>{card.count}</strong> {t(`admin.counts.${card.name}`)}
            </Link>
          </li>
        ))}
      </ul>
      <section className="ad-box">
        <h2>{t("admin.file")}</h2>
        <p>
          {state.file ?? "–"} · {t("admin.revision", { id: state.revision ?? "–" })} · <code>{state.sha256.slice(0, 12)}</code>
        </p>
        {state.warnings.length > 0 ? (
          <>
            <h3>{t("admin.warnings")}</h3>
            <Problems problems={state.warnings} />
          </>
        ) : (
          <p className="muted">{t("admin.noWarnings")}</p>
        )}
      </section>
      <section className="ad-box">
        <h2>{t("admin.lastChanges")}</h2>
        {revisions.data ? (
          <ol className="ad-last">
            {revisions.data.items.slice(0, 8).map((revision) => (
              <li key={revision.id}>
                <strong>{t("admin.revision", { id: revision.id })}</strong> {moment(revision.at, zone)} · {t(`admin.kinds.${revision.kind ?? "unknown"}`)}
                {revision.who && ` · ${revision.who}`}
                {revision.reason && ` · ${revision.reason}`}
              </li>
            ))}
          </ol>
        ) : revisions.error ? (
          <Failed error={revisions.error} again={() => void revisions.refetch()} />
        ) : (
          <Loading lines={4} />
        )}
        <Link to="/admin/revisions">{t("admin.allRevisions")}</Link>
      </section>
    </div>
  );
}
