// Categories and rules: how often each class of places is looked at, what is forbidden there, and on which days of the year.
import { Button } from "antd";
import { useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { KINDS, type Entry } from "./api";
import { CategoryForm } from "./CategoryForm";
import { entriesOf, nameOf, useDesk } from "./desk";
import { identity, isRemoved, isTouched, section } from "./draft";
import { ChoiceField, TextField } from "./fields";
import { RuleForm } from "./RuleForm";
import { YearView } from "./YearView";

export default function Rules() {
  const { t } = useTranslation();
  const [rule, setRule] = useState<string | null>(null);
  return (
    <div className="ad-two">
      <section className="ad-box">
        <h2>{t("admin.counts.categories")}</h2>
        <Entries name="categories" form={(entry, original) => <CategoryForm entry={entry} original={original} />} />
        <NewCategory />
      </section>
      <section className="ad-box">
        <h2>{t("admin.counts.rules")}</h2>
        <Entries name="rules" form={(entry, original) => <RuleForm entry={entry} original={original} year={() => setRule(identity(entry))} />} />
        <NewRule />
      </section>
      <section className="ad-box ad-whole">
        <YearView rule={rule} choose={setRule} />
      </section>
    </div>
  );
}

/** The entries of a section, each opening into its form. */
function Entries({ name, form }: { name: string; form: (entry: Entry, original: Entry) => ReactNode }) {
  const { t, i18n } = useTranslation();
  const desk = useDesk();
  const known = entriesOf(desk.state, name);
  const [open, setOpen] = useState<string | null>(null);
  return (
    <ul className="ad-entries">
      {section(known, name, desk.draft.operations).map((entry) => {
        const id = identity(entry) ?? "";
        const original = known.find((one) => identity(one) === id) ?? {};
        const removed = isRemoved([name, id], desk.draft.operations);
        return (
          <li key={id} className={isTouched([name, id], desk.draft.operations) ? "changed" : ""}>
            <div className="ad-entry">
              <button type="button" aria-expanded={open === id} disabled={removed} onClick={() => setOpen(open === id ? null : id)}>
                {removed ? <s>{nameOf(entry, i18n.language)}</s> : nameOf(entry, i18n.language)} <span className="muted">{id}</span>
              </button>
              {isTouched([name, id], desk.draft.operations) && (
                <Button size="small" onClick={() => desk.drop([name, id])}>
                  {t("admin.takeBack")}
                </Button>
              )}
              {!removed && (
                <Button size="small" aria-label={t("admin.cameras.removeOne", { name: nameOf(entry, i18n.language) })} onClick={() => desk.put({ op: "remove", path: [name, id] })}>
                  {t("admin.remove")}
                </Button>
              )}
            </div>
            {open === id && !removed && form(entry, original)}
          </li>
        );
      })}
    </ul>
  );
}

const KEY = /^[a-z][a-z0-9_]{0,62}$/;

/** Asks for what every new entry needs: a key and its names, and what `children` asks for besides. */
function NewEntry({ name, title, more, ready, children, cleared }: { name: string; title: string; more: Entry; ready: boolean; children?: ReactNode; cleared?: () => void }) {
  const { t } = useTranslation();
  const desk = useDesk();
  const [entry, setEntry] = useState({ id: "", zh: "", en: "" });
  const taken = section(entriesOf(desk.state, name), name, desk.draft.operations).some((one) => identity(one) === entry.id);
  const add = () => {
    desk.put({ op: "add", path: [name], value: { [name === "categories" ? "key" : "id"]: entry.id, name: { zh: entry.zh, en: entry.en }, ...more } });
    setEntry({ id: "", zh: "", en: "" });
    cleared?.();
  };
  return (
    <details className="ad-new">
      <summary>{title}</summary>
      <div className="ad-form">
        <TextField eager label={t("admin.key")} hint={t("admin.keyHint")} value={entry.id} set={(id) => setEntry({ ...entry, id })} />
        <TextField eager label={t("admin.nameZh")} value={entry.zh} set={(zh) => setEntry({ ...entry, zh })} />
        <TextField eager label={t("admin.nameEn")} value={entry.en} set={(en) => setEntry({ ...entry, en })} />
        {children}
        <Button type="primary" disabled={!KEY.test(entry.id) || taken || !entry.zh || !entry.en || !ready} onClick={add}>
          {t("admin.toDraft")}
        </Button>
      </div>
    </details>
  );
}

function NewCategory() {
  const { t } = useTranslation();
  return <NewEntry name="categories" title={t("admin.category.add")} more={{ period: "2h", dwell: "20s", priority: "medium" }} ready />;
}

function NewRule() {
  const { t } = useTranslation();
  const [kind, setKind] = useState<string>("fireworks");
  const [source, setSource] = useState("");
  return (
    <NewEntry name="rules" title={t("admin.rule.add")} more={{ kind, source }} ready={source !== ""} cleared={() => setSource("")}>
      <ChoiceField label={t("kind")} value={kind} options={KINDS.map((key) => ({ value: key, label: t(`kinds.${key}`) }))} set={setKind} />
      <TextField eager label={t("admin.rule.source")} hint={t("admin.rule.sourceHint")} value={source} set={setSource} />
    </NewEntry>
  );
}
