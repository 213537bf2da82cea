// One case: its clocks and lights, what was done, its letters and attachments, and what can be done now.
import { useQuery } from "@tanstack/react-query";
import { Button, Descriptions, Drawer, Spin, Table, Tag, Timeline, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type CaseWhole } from "../../api/client";
import { moment } from "../../format";
import { CaseFiles } from "./CaseFiles";
import { CaseLetters } from "./CaseLetters";
import { CaseMove } from "./CaseMove";
import { Failed } from "../../parts/Failed";
import { Light } from "../../parts/Light";

type Clock = CaseWhole["clocks"][number];

export function CaseDrawer({ number, zone, onClose, onOpen }: { number: string | null; zone: string; onClose: () => void; onOpen: (number: string) => void }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["case", number], queryFn: () => api.case(number ?? ""), enabled: number !== null });
  return (
    <Drawer open={number !== null} onClose={onClose} width="min(920px, 100vw)" title={`${t("cases.title")} ${number ?? ""}`} destroyOnHidden>
      {found.error && <Failed error={found.error} again={() => void found.refetch()} />}
      {found.isPending && number !== null && <Spin />}
      {found.data && <Whole case_={found.data} zone={zone} onOpen={onOpen} />}
    </Drawer>
  );
}

function Whole({ case_, zone, onOpen }: { case_: CaseWhole; zone: string; onOpen: (number: string) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <Typography.Paragraph strong>
        <Light light={case_.shown_light} />
        {case_.severity === "major" && <Tag color="red">{t("cases.major")}</Tag>}
        {case_.title}
      </Typography.Paragraph>
      <Descriptions
        size="small"
        column={{ xs: 1, md: 2 }}
        items={[
          { key: "stage", label: t("cases.stage"), children: <>{t(`cases.stages.${case_.stage}`)} {case_.suspended && <Tag color="purple">{t("cases.suspended")}</Tag>}</> },
          { key: "unit", label: t("cases.unit"), children: [case_.unit?.name ?? t("cases.nobody"), ...case_.co_units.map((u) => u.name)].join("、") },
          { key: "kind", label: t("kind"), children: `${t(`cases.kinds.${case_.kind}`, case_.kind)} · ${t(`cases.sources.${case_.source}`, case_.source)}` },
          { key: "place", label: t("cases.place"), children: `${case_.division.name} ${case_.address}` },
          { key: "opened", label: t("cases.opened"), children: moment(case_.opened_at, zone) },
          ...(case_.incident ? [{ key: "incident", label: t("cases.incident"), children: case_.incident }] : []),
          ...(case_.grade ? [{ key: "grade", label: t("cases.grade"), children: `${t(`cases.grades.${case_.grade}`, case_.grade)} ${case_.satisfaction ?? ""}` }] : []),
          ...(case_.merged_into ? [{ key: "into", label: t("cases.mergedInto"), children: <Other number={case_.merged_into} onOpen={onOpen} /> }] : []),
          ...(case_.merged_from.length ? [{ key: "from", label: t("cases.mergedFrom"), children: case_.merged_from.map((n) => <Other key={n} number={n} onOpen={onOpen} />) }] : []),
        ]}
      />
      {case_.description !== case_.title && <Typography.Paragraph style={{ whiteSpace: "pre-wrap" }}>{case_.description}</Typography.Paragraph>}
      <Typography.Title level={5}>{t("cases.clocks")}</Typography.Title>
      <Clocks clocks={case_.clocks} zone={zone} />
      {case_.moves.length > 0 && <CaseMove key={`${case_.number}:${case_.version}`} case_={case_} />}
      <Typography.Title level={5}>{t("cases.trail")}</Typography.Title>
      <Timeline items={case_.events.map((e) => ({ key: e.seq, children: <Done event={e} zone={zone} /> }))} />
      <CaseLetters letters={case_.letters} zone={zone} />
      <Typography.Title level={5}>{t("cases.attachments")}</Typography.Title>
      <CaseFiles case_={case_} zone={zone} />
      <p className="muted">{t("cases.versions", { policy: case_.policy_version, calendar: case_.calendar_version })}</p>
    </>
  );
}

function Clocks({ clocks, zone }: { clocks: Clock[]; zone: string }) {
  const { t } = useTranslation();
  return (
    <Table<Clock>
      size="small"
      rowKey="name"
      pagination={false}
      scroll={{ x: "max-content" }}
      dataSource={clocks}
      columns={[
        { title: t("cases.clock"), render: (_, c) => t(`cases.names.${c.name}`) },
        { title: t("cases.light"), render: (_, c) => <Light light={c.light} /> },
        {
          title: t("cases.dueAt"),
          render: (_, c) => (
            <>
              {moment(c.due, zone)} {c.provisional && <Tag title={t("cases.provisionalWhy")}>{t("cases.provisional")}</Tag>}
              {c.due !== c.original_due && <div className="muted">{`${t("cases.original")} ${moment(c.original_due, zone)}`}</div>}
            </>
          ),
        },
        {
          title: t("cases.doneAt"),
          render: (_, c) => (c.stopped_at ? moment(c.stopped_at, zone) : c.paused_at ? `${t("cases.pausedAt")} ${moment(c.paused_at, zone)}` : ""),
        },
      ]}
    />
  );
}

function Done({ event, zone }: { event: CaseWhole["events"][number]; zone: string }) {
  const { t } = useTranslation();
  const said = (name: string) => (typeof event.said[name] === "string" ? event.said[name] : null);
  const plan = Array.isArray(event.said["plan"]) ? (event.said["plan"] as { what: string; unit: string; by: string }[]) : [];
  const parts = [
    said("unit"),
    said("text"),
    said("doc_no"),
    said("name"),
    said("until"),
    event.reason && `${t("cases.reason")}: ${event.reason}`,
    event.approver && `${t("cases.approver")}: ${event.approver}`,
    event.document && `${t("cases.document")}: ${event.document}`,
    ...plan.map((step) => `${step.by} ${step.unit}: ${step.what}`),
  ].filter(Boolean);
  return (
    <>
      {moment(event.at, zone)} <strong>{t(`cases.moves.${event.move}`)}</strong> {event.by}
      {parts.map((part) => (
        <div key={part} className="muted">
          {part}
        </div>
      ))}
    </>
  );
}

function Other({ number, onOpen }: { number: string; onOpen: (number: string) => void }) {
  return (
    <Button type="link" size="small" onClick={() => onOpen(number)}>
      {number}
    </Button>
  );
}
