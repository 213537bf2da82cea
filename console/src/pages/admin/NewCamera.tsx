// A new camera: what it must have. The rest is set on its own page once it is saved.
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "../../shell/Dialog";
import { useDesk, useOptions } from "./desk";
import { ChoiceField, SeveralField, TextField } from "./fields";

export function NewCamera({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const desk = useDesk();
  const platforms = useOptions("platforms");
  const categories = useOptions("categories");
  const [entry, setEntry] = useState({ id: "", name: "", platform: platforms[0]?.value ?? "", source: "", credential: "", categories: [] as string[], address: "" });
  const set = (part: Partial<typeof entry>) => setEntry((was) => ({ ...was, ...part }));
  const known = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/.test(entry.id);
  const ready = known && entry.name && entry.source && entry.address && entry.categories.length > 0;
  const add = () => {
    const { address, credential, ...rest } = entry;
    desk.put({ op: "add", path: ["cameras"], value: { ...rest, ...(credential ? { credential } : {}), place: { address } } });
    close();
  };
  return (
    <Dialog title={t("admin.cameras.add")} cancel={close}>
      <div className="ad-form">
        <TextField eager label={t("admin.camera.id")} hint={t("admin.camera.idHint")} value={entry.id} set={(id) => set({ id })} />
        <TextField eager label={t("admin.camera.name")} value={entry.name} set={(name) => set({ name })} />
        <ChoiceField label={t("platform")} value={entry.platform} options={platforms} set={(platform) => set({ platform })} />
        <SeveralField label={t("category")} value={entry.categories} options={categories} set={(chosen) => set({ categories: chosen })} />
        <TextField eager label={t("admin.camera.source")} hint={t("admin.camera.sourceHint")} value={entry.source} set={(source) => set({ source })} />
        <TextField eager label={t("admin.camera.credential")} hint={t("admin.camera.credentialHint")} value={entry.credential} set={(credential) => set({ credential })} />
        <TextField eager label={t("admin.camera.address")} value={entry.address} set={(address) => set({ address })} />
        <Button type="primary" disabled={!ready} onClick={add}>
          {t("admin.toDraft")}
        </Button>
        <Button onClick={close}>{t("shell.cancel")}</Button>
      </div>
    </Dialog>
  );
}
