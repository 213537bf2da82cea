// One incident: the clip and the key frame of each sighting, what people judged, who was told.
import { useQuery } from "@tanstack/react-query";
import { Descriptions, Drawer, Space, Spin, Tag, Timeline, Typography } from "antd";
import { useTranslation } from "react-i18next";
import { api, type IncidentWhole } from "../../api/client";
import { moment } from "../../format";
import { CaseTag } from "../../parts/CaseTag";
import { Evidence } from "../../parts/Evidence";
import { Failed } from "../../parts/Failed";
import { HoldButton } from "../../parts/retention/HoldButton";

export function IncidentDrawer({ id, zone, onClose }: { id: string | null; zone: string; onClose: () => void }) {
  const { t } = useTranslation();
  const incident = useQuery({
    queryKey: ["incident", id],
    queryFn: () => api.incident(id ?? ""),
    enabled: id !== null,
    // Links are signed anew with every answer: asking again while a clip plays would start it over.
    refetchInterval: false,
    refetchOnWindowFocus: false,
  });
  return (
    <Drawer open={id !== null} onClose={onClose} width="min(920px, 100vw)" title={incident.data ? t(`kinds.${incident.data.kind}`) : t("incidentList")}>
      {incident.error && <Failed error={incident.error} again={() => void incident.refetch()} />}
      {incident.isPending && id !== null && <Spin />}
      {incident.data && <Whole incident={incident.data} zone={zone} />}
    </Drawer>
  );
}

function Whole({ incident, zone }: { incident: IncidentWhole; zone: string }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <Typography.Paragraph strong>{incident.summary}</Typography.Paragraph>
      <Descriptions
        size="small"
        column={2}
        items={[
          { key: "camera", label: t("camera"), children: incident.camera_name ?? incident.camera },
          { key: "state", label: t("state"), children: t(`states.${incident.state}`, incident.state) },
          { key: "first", label: t("firstSeen"), children: moment(incident.first_seen_at, zone) },
          { key: "last", label: t("lastSeen"), children: moment(incident.last_seen_at, zone) },
          { key: "verdict", label: t("verdict"), children: t(`verdicts.${incident.verdict}`, incident.verdict) },
          { key: "review", label: t("judged"), children: incident.review ? t(`reviewed.${incident.review}`) : t("notReviewed") },
          { key: "case", label: t("case"), children: <CaseTag case={incident.case} /> },
        ]}
      />
      <Space style={{ marginTop: 8 }}>
        <HoldButton incident={incident.id} />
      </Space>
      <Typography.Title level={5}>{t("sightings")}</Typography.Title>
      {incident.sightings.map((s) => (
        <section key={s.visit}>
          <Tag color={s.verdict === "flagged" ? "red" : "gold"}>{t(`verdicts.${s.verdict}`, s.verdict)}</Tag>
          {moment(s.at, zone)} <span className="muted">{i18n.language === "zh" ? s.reason_zh : String(s.finding["reason"] ?? "")}</span>
          <div className="evidence">
            {s.evidence.map((file) => (
              <Evidence key={file.sha256} file={file} incident={incident.id} />
            ))}
          </div>
        </section>
      ))}
      <Typography.Title level={5}>{t("reviews")}</Typography.Title>
      {incident.reviews.length === 0 && <p className="muted">{t("notReviewed")}</p>}
      <Timeline
        items={incident.reviews.map((r) => ({
          key: r.at,
          children: `${moment(r.at, zone)} ${r.reviewer}: ${t(`reviewed.${r.verdict}`, r.verdict)}${r.reason ? ` – ${r.reason}` : ""}`,
        }))}
      />
      <Typography.Title level={5}>{t("alertList")}</Typography.Title>
      {incident.alerts.length === 0 && <p className="muted">{t("noAlerts")}</p>}
      <Timeline
        items={incident.alerts.map((a) => ({
          key: a.id,
          children: (
            <>
              {moment(a.created_at, zone)} → {a.department_name?.zh ?? a.department}: {t(`types.${a.type}`, a.type)} <Tag>{t(`states.${a.state}`, a.state)}</Tag>
              {a.acks.map((k) => (
                <div key={k.at + k.status} className="muted">
                  {moment(k.at, zone)} {t(`states.${k.status}`, k.status)} {k.note}
                  {k.problem}
                </div>
              ))}
            </>
          ),
        }))}
      />
    </>
  );
}
