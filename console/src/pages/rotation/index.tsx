// Every look of the rotation, the most pressing first.
import { useQuery } from "@tanstack/react-query";
import { Empty, Input, Table, Tag, Tooltip } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type Look } from "../../api/client";
import { duration, moment } from "../../format";
import type { Language } from "../../i18n";
import { Failed } from "../../parts/Failed";
import { useMe } from "../../shell/me";
import { Standing } from "./Standing";
import "./style.css";

const colours: Record<string, string> = { inspected: "green", unusable: "orange", unreachable: "red", missed: "volcano" };
const states: Record<string, string> = { running: "processing", late: "error", away: "error", due: "warning" };

export default function RotationPage() {
  const zone = useMe().county.timezone;
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const [wanted, setWanted] = useState("");
  const looks = useQuery({ queryKey: ["looks"], queryFn: api.looks });
  const rows = useMemo(() => {
    const word = wanted.trim().toLowerCase();
    return (looks.data ?? []).filter((l) => !word || `${l.key} ${l.name} ${l.place}`.toLowerCase().includes(word));
  }, [looks.data, wanted]);
  return (
    <>
      <div className="standing">
        <Standing />
        {looks.error && !looks.data && <Failed error={looks.error} again={() => void looks.refetch()} />}
      </div>
      <Input.Search allowClear placeholder={t("search")} aria-label={t("search")} onChange={(e) => setWanted(e.target.value)} style={{ maxWidth: 360, marginBottom: 8 }} />
      <Table<Look>
        size="small"
        rowKey="key"
        loading={looks.isPending}
        dataSource={rows}
        pagination={{ pageSize: 20, hideOnSinglePage: true }}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty description={t("empty")} /> }}
        columns={[
          {
            title: t("camera"),
            render: (_, l) => (
              <>
                {l.name}
                {l.preset ? ` / ${l.preset}` : ""} <div className="muted">{l.key}</div>
              </>
            ),
          },
          { title: t("category"), render: (_, l) => l.category[language] },
          { title: t("platform"), render: (_, l) => l.platform[language] },
          { title: t("state"), render: (_, l) => <Tag color={states[l.state] ?? "default"}>{t(`states.${l.state}`, l.state)}</Tag> },
          { title: t("lastInspected"), render: (_, l) => moment(l.last_inspected_at, zone) || t("never") },
          { title: t("due"), render: (_, l) => <Tooltip title={`${t("period")} ${duration(l.period_s)}`}>{moment(l.deadline, zone)}</Tooltip> },
          {
            title: t("last"),
            render: (_, l) =>
              l.last_outcome ? (
                <Tag color={colours[l.last_outcome] ?? "default"}>
                  {t(`outcomes.${l.last_outcome}`, l.last_outcome)}
                  {l.last_cause ? ` · ${t(`causes.${l.last_cause}`, l.last_cause)}` : ""}
                </Tag>
              ) : (
                t("never")
              ),
          },
        ]}
      />
    </>
  );
}
