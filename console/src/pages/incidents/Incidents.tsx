// What was found, newest first; a row opens the incident with its evidence.
import { useQuery } from "@tanstack/react-query";
import { Empty, Table, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Incident } from "../../api/client";
import { moment } from "../../format";
import { CaseTag } from "../../parts/CaseTag";
import { Failed } from "../../parts/Failed";
import { IncidentDrawer } from "./IncidentDrawer";

export function Incidents({ zone }: { zone: string }) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const incidents = useQuery({ queryKey: ["incidents"], queryFn: api.incidents });
  if (incidents.error && !incidents.data) return <Failed error={incidents.error} again={() => void incidents.refetch()} />;
  return (
    <>
      <Table<Incident>
        size="small"
        rowKey="id"
        loading={incidents.isPending}
        dataSource={incidents.data ?? []}
        pagination={{ pageSize: 20, hideOnSinglePage: true }}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty description={t("noIncidents")} /> }}
        onRow={(i) => ({
          onClick: () => setChosen(i.id),
          onKeyDown: (e) => e.key === "Enter" && setChosen(i.id),
          tabIndex: 0,
          style: { cursor: "pointer" },
        })}
        columns={[
          { title: t("kind"), render: (_, i) => t(`kinds.${i.kind}`, i.kind) },
          { title: t("camera"), render: (_, i) => i.camera_name ?? i.camera },
          {
            title: t("verdict"),
            render: (_, i) => <Tag color={i.verdict === "flagged" ? "red" : "gold"}>{t(`verdicts.${i.verdict}`, i.verdict)}</Tag>,
          },
          {
            title: t("judged"),
            render: (_, i) => (i.review ? <Tag color="blue">{t(`reviewed.${i.review}`, i.review)}</Tag> : <Tag>{t("notReviewed")}</Tag>),
          },
          { title: t("state"), render: (_, i) => t(`states.${i.state}`, i.state) },
          { title: t("case"), render: (_, i) => <CaseTag case={i.case} /> },
          { title: t("firstSeen"), render: (_, i) => moment(i.first_seen_at, zone) },
          { title: t("lastSeen"), render: (_, i) => moment(i.last_seen_at, zone) },
          { title: t("looks"), dataIndex: "looks", align: "right" },
          { title: t("summary"), dataIndex: "summary" },
        ]}
      />
      <IncidentDrawer id={chosen} zone={zone} onClose={() => setChosen(null)} />
    </>
  );
}
