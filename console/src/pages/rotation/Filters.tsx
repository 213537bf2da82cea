// Which cameras are wanted: by how they stand, category, platform, name. The board and the wall share it.
import { Input, Select } from "antd";
import { useTranslation } from "react-i18next";
import type { Language } from "../../i18n";
import type { BoardLooks } from "./api";
import { ONLY, type Wanted } from "./choose";

export function Filters({ looks, wanted, choose, text = true }: { looks: BoardLooks | undefined; wanted: Wanted; choose: (next: Wanted) => void; text?: boolean }) {
  const { t, i18n } = useTranslation();
  const language = i18n.language as Language;
  const every = "";
  const options = (groups: BoardLooks["categories"], all: string) => [{ value: every, label: all }, ...groups.map((g) => ({ value: g.key, label: g.name[language] }))];
  return (
    <>
      <Select
        aria-label={t("rotation.only.label")}
        value={wanted.only}
        onChange={(only) => choose({ ...wanted, only })}
        options={ONLY.map((key) => ({ value: key, label: t(`rotation.only.${key}`) }))}
        className="rotation-select"
      />
      <Select
        aria-label={t("category")}
        value={wanted.category ?? every}
        onChange={(key) => choose({ ...wanted, category: key || null })}
        options={options(looks?.categories ?? [], t("rotation.every.category"))}
        className="rotation-select"
      />
      <Select
        aria-label={t("platform")}
        value={wanted.platform ?? every}
        onChange={(key) => choose({ ...wanted, platform: key || null })}
        options={options(looks?.platforms ?? [], t("rotation.every.platform"))}
        className="rotation-select"
      />
      {text && (
        <Input allowClear value={wanted.text} onChange={(event) => choose({ ...wanted, text: event.target.value })} placeholder={t("rotation.search")} aria-label={t("rotation.search")} className="rotation-search" />
      )}
    </>
  );
}
