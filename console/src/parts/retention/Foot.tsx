// The end of a form about a hold: what belongs to no field, and the two buttons.
import { useTranslation } from "react-i18next";

export function Foot({ wrong, sending, action, close }: { wrong: string | undefined; sending: boolean; action: string; close: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <p className="export-error" role="alert">
        {wrong}
      </p>
      <div className="export-actions">
        <button type="button" onClick={close}>
          {t("retention.cancel")}
        </button>
        <button type="submit" className="export-main" aria-disabled={sending}>
          {sending ? t("retention.sending") : action}
        </button>
      </div>
    </>
  );
}
