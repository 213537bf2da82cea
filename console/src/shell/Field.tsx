// One labelled line of a sign-in or password form.
import { EyeInvisibleOutlined, EyeOutlined } from "@ant-design/icons";
import { useState, type InputHTMLAttributes } from "react";
import { useTranslation } from "react-i18next";

export function Field({ label, secret = false, ...input }: { label: string; secret?: boolean } & InputHTMLAttributes<HTMLInputElement>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  return (
    <div className="field">
      <label htmlFor={input.id}>{label}</label>
      <span className="field-line">
        <input {...input} type={secret && !shown ? "password" : "text"} required {...(input.autoFocus ? { "data-first": "" } : {})} autoCapitalize="none" spellCheck={false} />
        {secret && (
          <button type="button" aria-label={t("shell.show")} aria-pressed={shown} onClick={() => setShown(!shown)}>
            {shown ? <EyeOutlined /> : <EyeInvisibleOutlined />}
          </button>
        )}
      </span>
    </div>
  );
}
