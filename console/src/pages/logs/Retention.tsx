// What is kept and for how long: classes with what goes next, what stays and why, the disk, holds, the purge's runs.
import { useQuery } from "@tanstack/react-query";
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";
import { bytes, moment } from "../../format";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { Grid, type Column } from "../../parts/Grid";
import { Loading } from "../../parts/Loading";
import { retention, type Retention } from "../../parts/retention/api";
import { because, metInWords, nameOf } from "../../parts/retention/said";
import { useMe } from "../../shell/me";
import { Holds } from "./Holds";
import { Runs } from "./Runs";
import "./retention.css";

/** Events say when something changed; each answer walks through thousands of things, so it is not asked for every few seconds. */
const AGAIN_MS = 60_000;

export function RetentionLog() {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  const found = useQuery({ queryKey: ["retention"], queryFn: retention.read, refetchInterval: AGAIN_MS });
  if (!found.data) return found.error ? <Failed error={found.error} again={() => void found.refetch()} /> : <Loading lines={16} />;
  const time = moment(new Date(found.dataUpdatedAt).toISOString(), zone);
  return (
    <div className="kept">
      <div className="kept-top">
        <span role="status" className={found.error ? "log-refused" : "unseen"}>
          {found.error && t("retention.stale", { time })}
        </span>
        {found.error ? (
          <Button size="small" onClick={() => void found.refetch()}>
            {t("retry")}
          </Button>
        ) : (
          <span className="muted">{t("retention.asOf", { time })}</span>
        )}
      </div>
      {found.data.problem && <Alert className="kept-wide" type="error" showIcon message={t("retention.problem")} description={metInWords(found.data.problem, t)} />}
      <Classes of={found.data} />
      <div className="kept-side">
        <Disk of={found.data.space} />
        <Stays of={found.data.causes} />
      </div>
      <Holds of={found.data.holds} />
      <Runs of={found.data.runs} />
    </div>
  );
}

function Classes({ of }: { of: Retention }) {
  const { t } = useTranslation();
  const columns: Column<Retention["classes"][number]>[] = [
    {
      title: t("retention.class"),
      value: (row) => (
        <>
          {nameOf(row.key, t)}
          <span className="log-below">{t(`retention.classes.${row.key}.what`, "")}</span>
        </>
      ),
    },
    { title: t("retention.term"), value: (row) => t("retention.days", { count: row.days }) },
    { title: t("retention.floor"), value: (row) => t("retention.days", { count: row.floor_days }) },
    { title: t("retention.due"), value: (row) => row.due },
    { title: t("retention.size"), value: (row) => (row.due_bytes > 0 ? bytes(row.due_bytes) : "–") },
    { title: t("retention.held"), value: (row) => row.held },
  ];
  return (
    <section aria-labelledby="kept-classes">
      <h2 id="kept-classes">{t("retention.classesTitle")}</h2>
      <p className="muted">{t("retention.classesHow")}</p>
      {of.more && <Alert type="info" showIcon message={t("retention.more")} />}
      <Grid label={t("retention.classesTitle")} columns={columns} rows={of.classes} keyOf={(row) => row.key} />
    </section>
  );
}

function Disk({ of }: { of: Retention["space"] }) {
  const { t } = useTranslation();
  const figures = [
    ["free", bytes(of.free_bytes)],
    ["growth", of.growth_bytes_a_day > 0 ? bytes(of.growth_bytes_a_day) : t("retention.noGrowth")],
    ["daysLeft", of.days_left === null ? t("retention.notFilling") : t("retention.days", { count: of.days_left })],
  ] as const;
  return (
    <section aria-labelledby="kept-disk">
      <h2 id="kept-disk">{t("retention.disk")}</h2>
      <dl className="kept-figures">
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`retention.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Stays({ of }: { of: Retention["causes"] }) {
  const { t } = useTranslation();
  const columns: Column<Retention["causes"][number]>[] = [
    { title: t("retention.why"), value: (row) => because(row.why, t) },
    { title: t("retention.items"), value: (row) => row.items },
  ];
  return (
    <section aria-labelledby="kept-stays">
      <h2 id="kept-stays">{t("retention.staysTitle")}</h2>
      {of.length === 0 ? (
        <Empty title={t("retention.nothingStays")} hint={t("retention.nothingStaysHow")} />
      ) : (
        <Grid label={t("retention.staysTitle")} columns={columns} rows={of} keyOf={(row) => row.why} />
      )}
    </section>
  );
}
