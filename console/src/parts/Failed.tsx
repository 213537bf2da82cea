// What stands in place of a table that could not be read.
import { Alert, Button } from "antd";
import { useTranslation } from "react-i18next";

export function Failed({ error, again }: { error: Error; again: () => void }) {
  const { t } = useTranslation();
  return <Alert type="error" showIcon message={t("failed")} description={error.message} action={<Button onClick={again}>{t("retry")}</Button>} />;
}
