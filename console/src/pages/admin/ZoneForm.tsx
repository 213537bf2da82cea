// The chosen zone in words: its name and kind, and its points as a list that the arrow keys move.
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { CheckField, ChoiceField, TextField } from "./fields";
import { ZONE_KINDS, type Zone, type ZoneKind } from "./geometry";

interface Props {
  zone: Zone;
  others: Zone[];
  set: (zone: Zone) => void;
  remove: () => void;
  /** A key on a point, or on the whole zone (null): whether it moved something. */
  press: (index: number | null, key: string, far: boolean) => boolean;
  split: (index: number) => void;
  less: (index: number) => void;
}

const share = (value: number) => `${(100 * value).toFixed(1)} %`;

export function ZoneForm({ zone, others, set, remove, press, split, less }: Props) {
  const { t } = useTranslation();
  const arrows = (index: number | null) => (event: React.KeyboardEvent) => {
    if (press(index, event.key, event.shiftKey)) event.preventDefault();
    else if (event.key === "Delete" && index !== null) less(index);
  };
  return (
    <fieldset className="ad-form ad-zone">
      <legend>{t("admin.zones.one", { name: zone.name })}</legend>
      <TextField
        label={t("admin.zones.name")}
        hint={t("admin.zones.nameHint")}
        value={zone.name}
        set={(name) => /^[a-z][a-z0-9_]{0,62}$/.test(name) && others.every((other) => other.name !== name) && set({ ...zone, name })}
      />
      <ChoiceField
        label={t("admin.zones.kind")}
        value={zone.kind}
        options={ZONE_KINDS.map((kind) => ({ value: kind, label: t(`admin.zones.kinds.${kind}`) }))}
        set={(kind) => {
          const { signals: _, ...rest } = zone;
          set({ ...(kind === "road" ? zone : rest), kind: kind as ZoneKind });
        }}
      />
      {zone.kind === "road" && (
        <CheckField
          label={t("admin.zones.signals")}
          value={zone.signals === true}
          set={(on) => {
            const { signals: _, ...rest } = zone;
            set(on ? { ...rest, signals: true } : rest);
          }}
        />
      )}
      <ol className="ad-points" aria-label={t("admin.zones.pointList")}>
        <li>
          <button type="button" className="ad-point" onKeyDown={arrows(null)}>
            {t("admin.zones.whole")}
          </button>
        </li>
        {zone.polygon.map(([x, y], i) => (
          <li key={i}>
            <button type="button" className="ad-point" onKeyDown={arrows(i)}>
              {t("admin.zones.point", { number: i + 1, x: share(x), y: share(y) })}
            </button>
            <Button size="small" aria-label={t("admin.zones.splitOne", { number: i + 1 })} onClick={() => split(i)}>
              +
            </Button>
            <Button size="small" disabled={zone.polygon.length <= 3} aria-label={t("admin.zones.lessOne", { number: i + 1 })} onClick={() => less(i)}>
              −
            </Button>
          </li>
        ))}
      </ol>
      <Button danger onClick={remove}>
        {t("admin.zones.remove")}
      </Button>
    </fieldset>
  );
}
