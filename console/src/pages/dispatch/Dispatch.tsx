// What departments were told and have not dealt with: who is on duty there, who was called, what is overdue.
import { useQuery } from "@tanstack/react-query";
import { Empty, Table, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { api, type Dispatch as Matter } from "../../api/client";
import { moment } from "../../format";
import type { Language } from "../../i18n";
import { CaseTag } from "../../parts/CaseTag";
import { Failed } from "../../parts/Failed";

export function Dispatch({ zone }: { zone: string }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const matters = useQuery({ queryKey: ["dispatches"], queryFn: api.dispatches });
  if (matters.error && !matters.data) return <Failed error={matters.error} again={() => void matters.refetch()} />;
  return (
    <Table<Matter>
      size="small"
      rowKey="id"
      loading={matters.isPending}
      dataSource={matters.data ?? []}
      pagination={{ pageSize: 20, hideOnSinglePage: true }}
      scroll={{ x: "max-content" }}
      locale={{ emptyText: <Empty description={t("noDispatch")} /> }}
      columns={[
        { title: t("told"), render: (_, m) => moment(m.opened_at, zone) },
        {
          title: t("department"),
          render: (_, m) => (
            <>
              {m.department_name?.[language] ?? m.department} <Tag>{t(`parts.${m.role}`, m.role)}</Tag>
            </>
          ),
        },
        {
          title: t("state"),
          render: (_, m) => (
            <>
              <Tag color={m.state === "refused" ? "red" : "processing"}>{t(`states.${m.state}`, m.state)}</Tag>
              {m.rung > 0 && (
                <Tag color="red">
                  {t("overdue")}: {t(`steps.${m.escalations.at(-1)?.step ?? "received"}`)}
                </Tag>
              )}
            </>
          ),
        },
        { title: t("case"), render: (_, m) => <CaseTag case={m.case} /> },
        { title: t("next"), render: (_, m) => moment(m.due_at, zone) },
        { title: t("onDuty"), render: (_, m) => m.contacts.map((c) => (
            <div key={c.name}>
              <Person name={c.name} phone={c.phone} />
            </div>
          )) },
        {
          title: t("called"),
          render: (_, m) =>
            m.escalations.slice(-3).map((e) => (
              <div key={e.at + e.rung}>
                {moment(e.at, zone)} {t(`rungs.${e.who}`, e.who)} <Person name={e.whom} phone={e.phone} />
              </div>
            )),
        },
        { title: t("summary"), dataIndex: "summary" },
      ]}
    />
  );
}

// The telephone rings where the operator sits: a softphone or a mobile takes tel: links.
function Person({ name, phone }: { name: string; phone: string | null }) {
  return (
    <span>
      {name} {phone !== null && <a href={`tel:${phone.replace(/[^0-9+]/g, "")}`}>{phone}</a>}
    </span>
  );
}
