// A secret that is shown this once: to be copied and handed on by another way than this screen.
import { Alert, Button } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../shell/Dialog";

export function Secret({ title, label, how, secret, close }: { title: string; label: string; how: string; secret: string; close: () => void }) {
  const { t } = useTranslation();
  const line = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = () => {
    // The clipboard's own interface is kept from pages that came over plain HTTP; what is selected can be copied all the same.
    line.current?.select();
    setCopied(document.execCommand("copy"));
  };
  return (
    <Dialog title={title}>
      <div className="ad-sheet">
        <Alert type="warning" showIcon message={t("admin.once")} description={how} />
        <div className="ad-field">
          <label htmlFor="admin-secret">{label}</label>
          <input id="admin-secret" ref={line} readOnly value={secret} onFocus={(event) => event.target.select()} />
        </div>
        <Button type="primary" data-first onClick={copy}>
          {t("admin.copy")}
        </Button>
        <span role="status">{copied && t("admin.copied")}</span>
        <Button onClick={close}>{t("admin.kept")}</Button>
      </div>
    </Dialog>
  );
}
