// Who was told what, and what they answered.
import { useQuery } from "@tanstack/react-query";
import { Empty, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Alert } from "../../api/client";
import { moment } from "../../format";
import type { Language } from "../../i18n";
import { Failed } from "../../parts/Failed";

const colours: Record<string, string> = { queued: "default", sent: "processing", received: "cyan", accepted: "green", refused: "red" };

export function Alerts({ zone }: { zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const alerts = useQuery({ queryKey: ["alerts"], queryFn: api.alerts });
  if (alerts.error && !alerts.data) return <Failed error={alerts.error} again={() => void alerts.refetch()} />;
  return (
    <Table<Alert>
      size="small"
      rowKey="id"
      loading={alerts.isPending}
      dataSource={alerts.data ?? []}
      pagination={{ pageSize: 20, hideOnSinglePage: true }}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: <Empty description={t("noAlerts")} /> }}
      columns={[
        { title: t("created"), render: (_, a) => moment(a.created_at, zone) },
        { title: t("department"), render: (_, a) => a.department_name?.[language] ?? a.department },
        { title: t("kind"), render: (_, a) => t(`kinds.${a.kind}`, a.kind) },
        {
          title: t("state"),
          render: (_, a) => (
            <>
              <Tag>{t(`types.${a.type}`, a.type)}</Tag>
              <Tag color={colours[a.state] ?? "green"}>{t(`states.${a.state}`, a.state)}</Tag>
              {!a.reviewed && <Tag color="gold">{t("unreviewed")}</Tag>}
            </>
          ),
        },
        { title: t("received"), render: (_, a) => moment(a.received_at, zone) || "–" },
        { title: t("ackBy"), render: (_, a) => moment(a.ack_by, zone) },
        { title: t("summary"), dataIndex: "summary" },
      ]}
    />
  );
}
