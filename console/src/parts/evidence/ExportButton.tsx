// Opens the dialog that asks for a copy; nothing for whoever may not.
import { Button } from "antd";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import type { EvidenceFile } from "../../api/client";
import { useMe } from "../../shell/me";

const ExportDialog = lazy(() => import("./ExportDialog").then((part) => ({ default: part.ExportDialog })));

export function ExportButton({ file, ...about }: { file: EvidenceFile; incident?: string; case?: string }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  if (!useMe().may.includes("evidence.export")) return null;
  return (
    <>
      <Button size="small" aria-label={`${t("exportCopy")}: ${t(`roles.${file.role}`, file.role)}`} onClick={() => setOpen(true)}>
        {t("exportCopy")}
      </Button>
      {open && (
        <Suspense>
          <ExportDialog file={file} {...about} close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
