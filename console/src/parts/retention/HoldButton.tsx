// Opens the dialog that keeps an incident's evidence beyond its day; nothing for whoever may not.
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../shell/me";

const HoldDialog = lazy(() => import("./HoldDialog").then((part) => ({ default: part.HoldDialog })));

export function HoldButton({ incident }: { incident: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [held, setHeld] = useState<string | null>(null);
  if (!useMe().may.includes("retention.hold")) return null;
  return (
    <>
      <Button size="small" onClick={() => setOpen(true)}>
        {t("keepBeyond")}
      </Button>
      <span role="status" className="muted">
        {/* Another incident may stand here by now. */}
        {held === incident && t("keptBeyond")}
      </span>
      {open && (
        <Suspense>
          <HoldDialog
            about={{ kind: "incident", ref: incident }}
            close={() => setOpen(false)}
            done={() => {
              setOpen(false);
              setHeld(incident);
            }}
          />
        </Suspense>
      )}
    </>
  );
}
