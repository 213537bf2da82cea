// Where the rotation stands in a few figures, and what is wrong with the system.
import { useQuery } from "@tanstack/react-query";
import { Alert, Card, Statistic } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Status } from "../../api/client";
import { duration } from "../../format";
import { Failed } from "../../parts/Failed";
import { useSentences } from "../../shell/Problems";

export function Standing() {
  const { t } = useTranslation();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });
  const sentences = useSentences(status.data);
  return (
    <>
      {status.error && !status.data && <Failed error={status.error} again={() => void status.refetch()} />}
      {sentences.map((sentence) => (
        <Alert key={sentence} type="warning" showIcon message={sentence} />
      ))}
      <Figures status={status.data} />
      {status.data && (
        <span className="muted">
          {t("model")}: {status.data.model ?? t("modelNone")} · {status.data.version}
        </span>
      )}
    </>
  );
}

// Shown from the start, so that the table below does not jump when the figures come.
function Figures({ status }: { status: Status | undefined }) {
  const { t } = useTranslation();
  const now = status?.rotation;
  const red = (bad: boolean) => (bad ? { valueStyle: { color: "var(--bad)" } } : {});
  return (
    <section className="figures">
      <Card>
        <Statistic title={t("cameras")} value={now?.cameras ?? "–"} />
      </Card>
      <Card>
        <Statistic title={t("running")} value={now?.running ?? "–"} />
      </Card>
      <Card>
        <Statistic title={t("late")} value={now?.late ?? "–"} {...red((now?.late ?? 0) > 0)} />
      </Card>
      <Card>
        <Statistic title={t("away")} value={now?.away ?? "–"} {...red((now?.away ?? 0) > 0)} />
      </Card>
      <Card>
        <Statistic title={t("worstGap")} value={duration(now?.worst_gap_s)} />
      </Card>
      <Card>
        <Statistic title={t("load")} value={now ? Math.round(now.load * 100) : "–"} suffix="%" {...red((now?.load ?? 0) > 1)} />
      </Card>
    </section>
  );
}
