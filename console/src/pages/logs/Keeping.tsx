// What is kept and for how long, what stays beyond its day and why, and the proof of what went.
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { Failed } from "../../parts/Failed";
import { Grid, type Column } from "../../parts/Grid";
import { HoldDialog, LiftDialog } from "../../parts/keeping/HoldDialog";
import { keeping, size, type Class, type Hold, type Retention, type Run } from "../../parts/keeping/api";
import { Loading } from "../../parts/Loading";
import { plainly } from "../../parts/said";
import { useMe } from "../../shell/me";
import { Problems } from "./Audit";

/** Further ahead last week's growth says nothing. */
const FORESEEN_DAYS = 730;

export function KeepingLog() {
  const { t, i18n } = useTranslation();
  const found = useQuery({ queryKey: ["retention"], queryFn: keeping.all });
  if (!found.data) return found.error ? <Failed error={found.error} again={() => void found.refetch()} /> : <Loading lines={12} />;
  const kept = found.data;
  return (
    <div className="ledger">
      {found.error && <Failed error={found.error} again={() => void found.refetch()} />}
      {kept.problem && <Alert type="error" showIcon message={plainly(kept.problem, i18n.language)} />}
      <Terms of={kept} />
      <Holds of={kept.holds} />
      <Runs of={kept.runs} />
      <section aria-labelledby="disk">
        <h2 id="disk">{t("keeping.disk")}</h2>
        <p>
          {t("keeping.diskSays", { free: size(kept.space.free_bytes), growth: size(Math.max(0, kept.space.growth_bytes_a_day)) })}{" "}
          {kept.space.days_left !== null && kept.space.days_left <= FORESEEN_DAYS && t("keeping.diskDays", { days: kept.space.days_left })}
        </p>
      </section>
    </div>
  );
}

function Terms({ of }: { of: Retention }) {
  const { t } = useTranslation();
  const columns: Column<Class>[] = [
    { title: t("keeping.class"), value: (row) => t(`keeping.classes.${row.key}`, row.key) },
    { title: t("keeping.days"), value: (row) => row.days },
    { title: t("keeping.floor"), value: (row) => row.floor_days },
    { title: t("keeping.due"), value: (row) => (row.due === 0 ? "–" : t("keeping.dueOf", { count: row.due, size: size(row.due_bytes) })) },
    { title: t("keeping.held"), value: (row) => row.held || "–" },
  ];
  return (
    <section aria-labelledby="terms">
      <h2 id="terms">{t("keeping.terms")}</h2>
      <p className="muted">{t("keeping.termsHow")}</p>
      <Grid label={t("keeping.terms")} columns={columns} rows={of.classes} keyOf={(row) => row.key} />
      {of.more && <p>{t("keeping.more")}</p>}
      <h3>{t("keeping.causes")}</h3>
      {of.causes.length === 0 ? <p className="muted">{t("keeping.noCauses")}</p> : <Problems of={of.causes.map((cause) => `${cause.why} × ${cause.items}`)} />}
    </section>
  );
}

function Holds({ of }: { of: Hold[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const [lifting, setLifting] = useState<Hold | null>(null);
  const may = me.may.includes("retention.hold");
  const columns: Column<Hold>[] = [
    { title: t("keeping.what"), value: (row) => `${t(`keeping.kinds.${row.kind}`, row.kind)} ${row.ref}` },
    { title: t("keeping.why"), words: true, value: (row) => row.reason },
    { title: t("keeping.by"), words: true, value: (row) => row.by },
    { title: t("keeping.since"), words: true, value: (row) => moment(row.at, me.county.timezone) },
    ...(may
      ? [
          {
            title: t("keeping.lift"),
            words: true,
            value: (row: Hold) => (
              <Button size="small" aria-label={t("keeping.liftOne", { ref: row.ref })} onClick={() => setLifting(row)}>
                {t("keeping.lift")}
              </Button>
            ),
          },
        ]
      : []),
  ];
  return (
    <section aria-labelledby="holds">
      <h2 id="holds">{t("keeping.holds")}</h2>
      {of.length === 0 ? <p className="muted">{t("keeping.noHolds")}</p> : <Grid label={t("keeping.holds")} columns={columns} rows={of} keyOf={(row) => String(row.id)} />}
      {may && (
        <Button className="log-more" onClick={() => setAsking(true)}>
          {t("keeping.hold")}…
        </Button>
      )}
      {asking && <HoldDialog close={() => setAsking(false)} />}
      {lifting && <LiftDialog hold={lifting} close={() => setLifting(null)} />}
    </section>
  );
}

function Runs({ of }: { of: Run[] }) {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const columns: Column<Run>[] = [
    { title: t("keeping.run"), value: (row) => row.id },
    { title: t("keeping.at"), words: true, value: (row) => moment(row.started_at, zone) },
    { title: t("keeping.by"), words: true, value: (row) => row.by },
    { title: t("keeping.items"), value: (row) => row.items },
    { title: t("keeping.deleted"), value: (row) => row.deleted },
    { title: t("keeping.size"), value: (row) => size(row.bytes) },
    { title: t("keeping.stayed"), value: (row) => row.held },
    { title: t("keeping.wrong"), words: true, value: (row) => [...row.problems, ...(row.left ? [t("keeping.left")] : [])].join("; ") || "–" },
    { title: t("keeping.hash"), words: true, value: (row) => (row.hash ? <code>{row.hash}</code> : t("keeping.notEnded")) },
  ];
  return (
    <section aria-labelledby="runs">
      <h2 id="runs">{t("keeping.runs")}</h2>
      {of.length === 0 ? <p className="muted">{t("keeping.noRuns")}</p> : <Grid label={t("keeping.runs")} columns={columns} rows={of} keyOf={(row) => String(row.id)} />}
    </section>
  );
}
