// The board: where the rotation stands, what was found, who was told.
import { useQuery } from "@tanstack/react-query";
import { Alert, Card, ConfigProvider, Segmented, Spin, Statistic, Tabs, Tag } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { Suspense, lazy, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { api, type Status } from "./api/client";
import { duration } from "./format";
import type { Language } from "./i18n";
import { useLive } from "./live";
import { Alerts } from "./views/Alerts";
import { Dispatch } from "./views/Dispatch";
import { Incidents } from "./views/Incidents";
import { Rotation } from "./views/Rotation";
import { SpotChecks } from "./views/SpotChecks";

// Loaded when it is opened: the first page stays small.
const Cases = lazy(() => import("./views/Cases").then((m) => ({ default: m.Cases })));

export function App() {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const live = useLive();
  const status = useQuery({ queryKey: ["status"], queryFn: api.status });

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = t("title");
  }, [language, t]);

  const choose = (next: Language) => {
    localStorage.setItem("language", next);
    void i18n.changeLanguage(next);
  };
  const zone = status.data?.county.timezone ?? "Asia/Shanghai";
  return (
    <ConfigProvider locale={language === "zh" ? zhCN : enUS} theme={{ token: { colorPrimary: "#13518f" } }}>
      <header className="bar">
        <h1>
          {status.data?.county.name[language]} {t("title")}
        </h1>
        {status.data?.synthetic && <Tag color="magenta">{t("synthetic")}</Tag>}
        {status.data?.demo && !status.data.synthetic && <Tag color="purple">{t("demo")}</Tag>}
        <span className="space" />
        <span role="status">
          <span className={live ? "dot" : "dot off"} />
          {live ? t("live") : t("offline")}
        </span>
        <Segmented<Language>
          aria-label="language"
          options={[
            { label: "中文", value: "zh" },
            { label: "English", value: "en" },
          ]}
          value={language}
          onChange={choose}
        />
      </header>
      <main className="board">
        {status.error && <Alert type="error" showIcon message={t("failed")} description={status.error.message} />}
        {status.data && <Problems status={status.data} />}
        {status.data && <Figures status={status.data} />}
        <Card>
          <Tabs
            items={[
              { key: "rotation", label: t("rotation"), children: <Rotation zone={zone} /> },
              { key: "incidents", label: t("incidents"), children: <Incidents zone={zone} /> },
              { key: "alerts", label: t("alerts"), children: <Alerts zone={zone} /> },
              { key: "dispatch", label: t("dispatch"), children: <Dispatch zone={zone} /> },
              { key: "cases", label: t("cases.title"), children: <Suspense fallback={<Spin />}><Cases zone={zone} /></Suspense> },
              { key: "spot-checks", label: t("spotChecks"), children: <SpotChecks zone={zone} /> },
            ]}
          />
        </Card>
        {status.data && (
          <span className="muted">
            {t("model")}: {status.data.model ?? t("modelNone")} · {status.data.version}
          </span>
        )}
      </main>
    </ConfigProvider>
  );
}

function Problems({ status }: { status: Status }) {
  const { t } = useTranslation();
  return (
    <>
      {status.rotation.warning && <Alert type="warning" showIcon message={`${t("warning")}: ${status.rotation.warning}`} />}
      {Object.entries(status.problems).map(([subject, sentence]) => (
        <Alert key={subject} type="error" showIcon message={`${t(`problem.${subject}`, subject)}: ${subject === "model" && !status.model ? t("modelNone") : sentence}`} />
      ))}
    </>
  );
}

function Figures({ status }: { status: Status }) {
  const { t } = useTranslation();
  const now = status.rotation;
  const red = (bad: boolean) => (bad ? { valueStyle: { color: "#cf1322" } } : {});
  return (
    <section className="figures">
      <Card>
        <Statistic title={t("cameras")} value={now.cameras} />
      </Card>
      <Card>
        <Statistic title={t("running")} value={now.running} />
      </Card>
      <Card>
        <Statistic title={t("late")} value={now.late} {...red(now.late > 0)} />
      </Card>
      <Card>
        <Statistic title={t("away")} value={now.away} {...red(now.away > 0)} />
      </Card>
      <Card>
        <Statistic title={t("worstGap")} value={duration(now.worst_gap_s)} />
      </Card>
      <Card>
        <Statistic title={t("load")} value={Math.round(now.load * 100)} suffix="%" {...red(now.load > 1)} />
      </Card>
    </section>
  );
}
