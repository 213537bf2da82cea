// The draft in one line along the lower edge of every tab: how much is changed, look at it, throw it away.
import { Button } from "antd";
import { Suspense, lazy, useState } from "react";
import { useTranslation } from "react-i18next";
import { useDesk } from "./desk";

const PreviewSheet = lazy(() => import("./PreviewSheet"));

export function DraftBar() {
  const { t } = useTranslation();
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const [asked, setAsked] = useState(false);
  const [saved, setSaved] = useState<number | null>(null);
  const count = desk.draft.operations.length;
  return (
    <div className={count > 0 ? "ad-bar full" : "ad-bar"} role="region" aria-label={t("admin.draft.title")}>
      <span role="status" className="ad-said">
        {count > 0 ? t("admin.draft.count", { count }) : saved !== null ? t("admin.draft.saved", { id: saved }) : t("admin.draft.none")}
        {count > 0 && desk.draft.base !== desk.state.sha256 && <span className="ad-warn"> {t("admin.draft.moved")}</span>}
      </span>
      {count > 0 && asked && (
        <>
          <span>{t("admin.draft.sure")}</span>
          <Button
            danger
            onClick={() => {
              setAsked(false);
              desk.discard();
            }}
          >
            {t("admin.draft.discard")}
          </Button>
          <Button onClick={() => setAsked(false)}>{t("admin.draft.keep")}</Button>
        </>
      )}
      {count > 0 && !asked && (
        <>
          <Button onClick={() => setAsked(true)}>{t("admin.draft.discard")}</Button>
          <Button type="primary" onClick={() => setOpen(true)}>
            {t("admin.draft.preview")}
          </Button>
        </>
      )}
      {open && (
        <Suspense>
          <PreviewSheet
            close={() => setOpen(false)}
            done={(revision) => {
              setSaved(revision);
              setOpen(false);
            }}
          />
        </Suspense>
      )}
    </div>
  );
}
