// What was found, and the clear looks that people check.
import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useMe } from "../../shell/me";
import { Incidents } from "./Incidents";
import { SpotChecks } from "./SpotChecks";

export default function IncidentsPage() {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  return (
    <Tabs
      items={[
        { key: "incidents", label: t("incidentList"), children: <Incidents zone={zone} /> },
        { key: "spot-checks", label: t("spotChecks"), children: <SpotChecks zone={zone} /> },
      ]}
    />
  );
}
