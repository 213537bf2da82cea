// Which incidents go where: the routes in their order, which decides, and a dry run that says who would be told.
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { KINDS, type Entry } from "./api";
import { entriesOf, useDesk, useOptions } from "./desk";
import { DryRunForm } from "./DryRunForm";
import { ChoiceField, ListField, SeveralField, TextField, list, text } from "./fields";
import { isTouched, section } from "./draft";
import { Windows } from "./Windows";

export default function RouteTable() {
  const { t } = useTranslation();
  const desk = useDesk();
  const original = entriesOf(desk.state, "routes");
  const routes = section(original, "routes", desk.draft.operations);
  const departments = useOptions("departments");
  const [open, setOpen] = useState<number | null>(null);
  const [held, setHeld] = useState<number | null>(null);
  // The order counts and routes have no ids: they are kept as one list.
  const set = (next: Entry[]) => desk.edit({ entry: ["routes"], field: [], value: next, original });
  const move = (from: number, to: number) => {
    const moved = routes[from];
    if (moved === undefined || to < 0 || to >= routes.length || from === to) return;
    const rest = routes.filter((_, i) => i !== from);
    set([...rest.slice(0, to), moved, ...rest.slice(to)]);
    setOpen(null);
  };
  const departmentName = (id: unknown) => departments.find((option) => option.value === id)?.label ?? text(id);
  return (
    <div className="ad-two">
      <section className="ad-box">
        <h2>{t("admin.counts.routes")}</h2>
        <p className="muted">{t("admin.route.how")}</p>
        {isTouched(["routes"], desk.draft.operations) && (
          <p>
            <span className="ad-changed">{t("admin.changed")}</span>{" "}
            <Button size="small" onClick={() => desk.drop(["routes"])}>
              {t("admin.takeBackAll")}
            </Button>
          </p>
        )}
        <ol className="ad-entries ad-routes">
          {routes.map((route, i) => (
            <li
              key={i}
              className={held === i ? "held" : ""}
              onDragOver={(event) => held !== null && event.preventDefault()}
              onDrop={(event) => {
                event.preventDefault();
                if (held !== null) move(held, i);
                setHeld(null);
              }}
            >
              <div className="ad-entry">
                <span className="ad-grip" draggable aria-hidden onDragStart={() => setHeld(i)} onDragEnd={() => setHeld(null)}>
                  ⠿
                </span>
                <button
                  type="button"
                  aria-expanded={open === i}
                  onClick={() => setOpen(open === i ? null : i)}
                  onKeyDown={(event) => {
                    if (!event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
                    event.preventDefault();
                    move(i, i + (event.key === "ArrowUp" ? -1 : 1));
                  }}
                >
                  {i + 1}. {text(route["name"]) || t(`kinds.${text(route["kind"])}`, text(route["kind"]))} → {departmentName(route["to"])}
                  <span className="muted"> {conditions(route).join(" · ")}</span>
                </button>
                <Button size="small" disabled={i === 0} aria-label={t("admin.route.up", { number: i + 1 })} onClick={() => move(i, i - 1)}>
                  ↑
                </Button>
                <Button size="small" disabled={i === routes.length - 1} aria-label={t("admin.route.down", { number: i + 1 })} onClick={() => move(i, i + 1)}>
                  ↓
                </Button>
                <Button size="small" aria-label={t("admin.route.removeOne", { number: i + 1 })} onClick={() => set(routes.filter((_, other) => other !== i))}>
                  {t("admin.remove")}
                </Button>
              </div>
              {open === i && <RouteForm route={route} set={(next) => set(routes.map((one, other) => (other === i ? next : one)))} />}
            </li>
          ))}
        </ol>
        <Button
          onClick={() => {
            set([...routes, { kind: "fireworks", to: departments[0]?.value ?? "" }]);
            setOpen(routes.length);
          }}
        >
          {t("admin.route.add")}
        </Button>
      </section>
      <section className="ad-box">
        <DryRunForm />
      </section>
    </div>
  );
}

/** What a route is limited to, as keys. */
function conditions(route: Entry): string[] {
  return ["categories", "cameras", "rules", "places"].flatMap((name) => list(route[name]));
}

function RouteForm({ route, set }: { route: Entry; set: (route: Entry) => void }) {
  const { t } = useTranslation();
  const categories = useOptions("categories");
  const departments = useOptions("departments");
  const rules = useOptions("rules");
  const give = (name: string) => (value: unknown) => {
    const { [name]: _, ...rest } = route;
    set(value === "" || (Array.isArray(value) && value.length === 0) ? rest : { ...rest, [name]: value });
  };
  const several = (name: string) => ({ value: list(route[name]), set: give(name) });
  return (
    <div className="ad-form">
      <TextField label={t("admin.route.name")} value={text(route["name"])} set={give("name")} />
      <ChoiceField label={t("kind")} value={text(route["kind"])} options={KINDS.map((kind) => ({ value: kind, label: t(`kinds.${kind}`) }))} set={give("kind")} />
      <ChoiceField label={t("admin.route.to")} value={text(route["to"])} options={departments} set={give("to")} />
      <ChoiceField label={t("admin.route.fallback")} none={t("admin.none")} value={text(route["fallback"])} options={departments} set={give("fallback")} />
      <SeveralField label={t("admin.route.copies")} options={departments} {...several("copy_to")} />
      <SeveralField label={t("category")} options={categories} {...several("categories")} />
      <SeveralField label={t("admin.counts.rules")} options={rules} {...several("rules")} />
      <ListField label={t("admin.rule.cameras")} {...several("cameras")} />
      <ListField label={t("admin.rule.places")} {...several("places")} />
      <Windows windows={(route["windows"] as Entry[] | undefined) ?? []} changed={false} set={give("windows")} />
    </div>
  );
}
