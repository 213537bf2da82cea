// Who was told what: what waits for an answer, and every push.
import { Tabs } from "antd";
import { useTranslation } from "react-i18next";
import { useMe } from "../../shell/me";
import { Alerts } from "./Alerts";
import { Dispatch } from "./Dispatch";

export default function DispatchPage() {
  const { t } = useTranslation();
  const zone = useMe().county.timezone;
  return (
    <Tabs
      items={[
        { key: "dispatch", label: t("openDispatch"), children: <Dispatch zone={zone} /> },
        { key: "alerts", label: t("alertList"), children: <Alerts zone={zone} /> },
      ]}
    />
  );
}
