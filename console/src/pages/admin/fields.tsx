// The fields of the configuration forms: what the browser has itself, labelled, marked where the draft has changed it.
import { useEffect, useId, useState, type ReactNode } from "react";
import { useTranslation } from "react-i18next";

export interface Option {
  value: string;
  label: string;
}

interface FieldProps {
  label: string;
  changed?: boolean;
  hint?: string;
}

function Labelled({ id, label, changed, hint, children }: FieldProps & { id: string; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className={changed ? "ad-field changed" : "ad-field"}>
      <label htmlFor={id}>
        {label}
        {changed && <span className="ad-changed"> {t("admin.changed")}</span>}
      </label>
      {children}
      {hint && <span className="muted">{hint}</span>}
    </div>
  );
}

interface TypedProps {
  value: string;
  set: (value: string) => void;
  id?: string;
  label?: string;
  type?: "text" | "date" | "time" | "datetime-local";
  placeholder?: string;
  pattern?: string;
  list?: string;
  disabled?: boolean;
  /** Speak at each letter: for forms that only a button sends on. */
  eager?: boolean;
}

/** A line that speaks when it is left or Enter is pressed, not at each letter; Escape takes back what was typed. */
export function Typed({ value, set, id, label, type = "text", placeholder, pattern, list, disabled, eager = false }: TypedProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const say = () => text !== value && set(text.trim());
  return (
    <input
      id={id}
      aria-label={label}
      type={type}
      value={text}
      placeholder={placeholder}
      pattern={pattern}
      list={list}
      disabled={disabled}
      spellCheck={false}
      autoComplete="off"
      onChange={(event) => {
        setText(event.target.value);
        if (eager) set(event.target.value);
      }}
      onBlur={say}
      onKeyDown={(event) => {
        if (event.key === "Enter") say();
        if (event.key === "Escape" && text !== value) {
          event.stopPropagation();
          event.preventDefault();
          setText(value);
        }
      }}
    />
  );
}

export function TextField({ label, changed = false, hint, ...typed }: FieldProps & Omit<TypedProps, "id" | "label">) {
  const id = useId();
  return (
    <Labelled id={id} label={label} changed={changed} {...(hint ? { hint } : {})}>
      <Typed id={id} {...typed} />
    </Labelled>
  );
}

export function LongField({ label, changed = false, value, set }: FieldProps & { value: string; set: (value: string) => void }) {
  const id = useId();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <Labelled id={id} label={label} changed={changed}>
      <textarea id={id} rows={3} value={text} onChange={(event) => setText(event.target.value)} onBlur={() => text !== value && set(text.trim())} />
    </Labelled>
  );
}

export function ChoiceField({ label, changed = false, value, set, options, none }: FieldProps & { value: string; set: (value: string) => void; options: Option[]; none?: string }) {
  const id = useId();
  return (
    <Labelled id={id} label={label} changed={changed}>
      <select id={id} value={value} onChange={(event) => set(event.target.value)}>
        {none !== undefined && <option value="">{none}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Labelled>
  );
}

export function CheckField({ label, changed = false, value, set }: FieldProps & { value: boolean; set: (value: boolean) => void }) {
  const { t } = useTranslation();
  return (
    <label className={changed ? "ad-check changed" : "ad-check"}>
      <input type="checkbox" checked={value} onChange={(event) => set(event.target.checked)} />
      {label}
      {changed && <span className="ad-changed"> {t("admin.changed")}</span>}
    </label>
  );
}

/** Some of several, in the order of the options. */
export function SeveralField({ label, changed = false, value, set, options }: FieldProps & { value: string[]; set: (value: string[]) => void; options: Option[] }) {
  const { t } = useTranslation();
  const unknown = value.filter((key) => options.every((option) => option.value !== key)).map((key) => ({ value: key, label: key }));
  return (
    <fieldset className={changed ? "ad-several changed" : "ad-several"}>
      <legend>
        {label}
        {changed && <span className="ad-changed"> {t("admin.changed")}</span>}
      </legend>
      {[...options, ...unknown].map((option) => (
        <label key={option.value} className="ad-check">
          <input
            type="checkbox"
            checked={value.includes(option.value)}
            onChange={(event) => set(event.target.checked ? [...value, option.value] : value.filter((key) => key !== option.value))}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}

/** Words with commas or blanks between them, as a list. */
export function ListField({ value, set, ...rest }: FieldProps & { value: string[]; set: (value: string[]) => void; placeholder?: string }) {
  return <TextField {...rest} value={value.join(", ")} set={(text) => set(text.split(/[\s,;，；、]+/).filter(Boolean))} />;
}

export const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
export const text = (value: unknown): string => (typeof value === "string" || typeof value === "number" ? String(value) : "");
