// Clear looks drawn by chance, for people to see what the detectors overlook.
import { useQuery } from "@tanstack/react-query";
import { Empty, Spin, Table, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type SpotCheck } from "../../api/client";
import { moment, percent } from "../../format";
import { Evidence } from "../../parts/Evidence";
import { Failed } from "../../parts/Failed";

export function SpotChecks({ zone }: { zone: string }) {
  const { t } = useTranslation();
  // Links are signed anew with every answer: asking again while a clip plays would start it over.
  const checks = useQuery({ queryKey: ["spot-checks"], queryFn: api.spotChecks, refetchInterval: false, refetchOnWindowFocus: false });
  if (checks.error && !checks.data) return <Failed error={checks.error} again={() => void checks.refetch()} />;
  if (!checks.data) return <Spin />;
  const { waiting, figures } = checks.data;
  return (
    <>
      <Typography.Paragraph>
        {t("spotFigures", { drawn: figures.drawn, answered: figures.answered, overlooked: figures.overlooked, unclear: figures.unclear })}{" "}
        {figures.share !== null && figures.low !== null && figures.high !== null
          ? t("spotShare", { share: percent(figures.share), low: percent(figures.low), high: percent(figures.high) })
          : t("spotNone")}
      </Typography.Paragraph>
      <Table<SpotCheck>
        size="small"
        rowKey="id"
        dataSource={waiting}
        pagination={{ pageSize: 20, hideOnSinglePage: true }}
        locale={{ emptyText: <Empty description={t("noSpotChecks")} /> }}
        expandable={{
          expandedRowRender: (c) => (
            <>
              <div className="evidence">
                {c.evidence.map((file) => (
                  <Evidence key={file.sha256} file={file} />
                ))}
              </div>
              <span className="muted">
                {t("spotAnswer")} <Typography.Text code copyable>{`patrol ledger check ${c.id} --answer clear`}</Typography.Text>
              </span>
            </>
          ),
        }}
        columns={[
          { title: t("number"), dataIndex: "id" },
          { title: t("camera"), render: (_, c) => c.camera_name ?? c.camera },
          { title: t("seenAt"), render: (_, c) => moment(c.at, zone) },
        ]}
      />
    </>
  );
}
