// Cases by 13710: what is due first first; a row opens the case with its clocks and trail.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Button, Empty, Input, Segmented, Space, Table, Tag } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router-dom";
import { api, type CaseFilter, type CaseLine } from "../../api/client";
import { moment } from "../../format";
import { addWords } from "../../i18n";
import * as words from "../../i18n/cases";
import { CaseDrawer } from "./CaseDrawer";
import { Failed } from "../../parts/Failed";
import { Light } from "../../parts/Light";
import { useMe } from "../../shell/me";
import "./cases.css";

const OPEN: CaseFilter = { stage: ["received", "assigned", "handling", "supervised"] };
const VIEWS = {
  open: OPEN,
  red: { ...OPEN, light: ["red"] },
  yellow: { ...OPEN, light: ["yellow"] },
  suspended: { ...OPEN, suspended: true },
  all: {},
} satisfies Record<string, CaseFilter>;
type View = keyof typeof VIEWS;

addWords("cases", words);

export default function CasesPage() {
  const zone = useMe().county.timezone;
  const { t } = useTranslation();
  const [view, setView] = useState<View>("open");
  const [text, setText] = useState("");
  const [asked, setAsked] = useSearchParams();
  // The address says which case is open, so that a link leads to it.
  const chosen = asked.get("number");
  const setChosen = (number: string | null) => setAsked(number === null ? {} : { number });
  const wanted: CaseFilter = { ...VIEWS[view], ...(text ? { text } : {}) };
  const counts = useQuery({ queryKey: ["cases", "counts"], queryFn: () => api.caseCounts(OPEN) });
  const pages = useInfiniteQuery({
    queryKey: ["cases", wanted],
    queryFn: ({ pageParam }) => api.cases(wanted, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const count = (light: string) => counts.data?.lights[light];
  const label = (name: string, number: number | undefined) => (number === undefined ? name : `${name} ${number}`);
  return (
    <>
      <Space wrap style={{ marginBottom: 8 }}>
        <Segmented<View>
          aria-label={t("cases.light")}
          value={view}
          onChange={setView}
          options={[
            { value: "open", label: label(t("cases.open"), counts.data?.total) },
            { value: "red", label: label(t("cases.lights.red"), count("red")) },
            { value: "yellow", label: label(t("cases.lights.yellow"), count("yellow")) },
            { value: "suspended", label: t("cases.suspended") },
            { value: "all", label: t("cases.all") },
          ]}
        />
        <Input.Search allowClear placeholder={t("cases.search")} aria-label={t("cases.search")} onSearch={setText} style={{ width: 320, maxWidth: "80vw" }} />
      </Space>
      {pages.error && !pages.data && <Failed error={pages.error} again={() => void pages.refetch()} />}
      <Table<CaseLine>
        size="small"
        rowKey="number"
        loading={pages.isPending}
        dataSource={pages.data?.pages.flatMap((page) => page.cases) ?? []}
        pagination={false}
        scroll={{ x: "max-content" }}
        locale={{ emptyText: <Empty description={t("cases.none")} /> }}
        onRow={(c) => ({
          onClick: () => setChosen(c.number),
          onKeyDown: (e) => e.key === "Enter" && setChosen(c.number),
          tabIndex: 0,
          style: { cursor: "pointer" },
        })}
        columns={[
          { title: t("cases.light"), render: (_, c) => <Light light={c.shown_light} /> },
          { title: t("cases.number"), dataIndex: "number" },
          {
            title: t("cases.stage"),
            render: (_, c) => (
              <>
                {t(`cases.stages.${c.stage}`)} {c.suspended && <Tag color="purple">{t("cases.suspended")}</Tag>}
              </>
            ),
          },
          {
            title: t("cases.due"),
            render: (_, c) => (
              <>
                {moment(c.resolve_due, zone)} {c.provisional && <Tag title={t("cases.provisionalWhy")}>{t("cases.provisional")}</Tag>}
              </>
            ),
          },
          { title: t("cases.unit"), render: (_, c) => c.unit?.name ?? <span className="muted">{t("cases.nobody")}</span> },
          {
            title: t("cases.subject"),
            render: (_, c) => (
              <>
                {c.severity === "major" && <Tag color="red">{t("cases.major")}</Tag>}
                {c.title}
              </>
            ),
          },
          { title: t("cases.place"), render: (_, c) => `${c.division.name} ${c.address}` },
          { title: t("cases.opened"), render: (_, c) => moment(c.opened_at, zone) },
        ]}
      />
      {pages.hasNextPage && (
        <Button block onClick={() => void pages.fetchNextPage()} loading={pages.isFetchingNextPage} style={{ marginTop: 8 }}>
          {t("cases.more")}
        </Button>
      )}
      <CaseDrawer number={chosen} zone={zone} onClose={() => setChosen(null)} onOpen={setChosen} />
    </>
  );
}
