// A name in both languages; both are kept together, as the file has them.
import { useTranslation } from "react-i18next";
import type { Entry } from "./api";
import { TextField, text } from "./fields";

export function NameFields({ name, changed, set }: { name: unknown; changed: boolean; set: (name: unknown) => void }) {
  const { t } = useTranslation();
  const both = (name ?? {}) as Entry;
  return (
    <>
      <TextField label={t("admin.nameZh")} value={text(both["zh"])} changed={changed} set={(zh) => set({ ...both, zh })} />
      <TextField label={t("admin.nameEn")} value={text(both["en"])} changed={changed} set={(en) => set({ ...both, en })} />
    </>
  );
}
