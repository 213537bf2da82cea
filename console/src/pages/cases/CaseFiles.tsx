// Photos and documents of a case: bring some, look at them, take one out with a reason that stays.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Popconfirm } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CaseWhole } from "../../api/client";
import { moment } from "../../format";
import { useMe } from "../../shell/me";
import { file, type Attachment } from "./api";

const ACCEPTED = "image/jpeg,image/png,image/webp,application/pdf,.docx,.xlsx,.txt,video/mp4";

export function CaseFiles({ case_, zone }: { case_: CaseWhole; zone: string }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const [refused, setRefused] = useState<string[]>([]);
  const changed = () => queries.invalidateQueries({ queryKey: ["case"] });
  const bring = useMutation({
    mutationFn: async (files: File[]) => {
      const no: string[] = [];
      // One after the other: the slow line of a township office carries one at a time best.
      for (const one of files) await file.bring(case_.number, one).catch((error: Error) => no.push(`${one.name}: ${error.message}`));
      setRefused(no);
    },
    onSettled: changed,
  });
  const kept = case_.attachments.filter((one) => one.removed === null);
  return (
    <section aria-label={t("cases.attachments")}>
      {kept.length === 0 && <p className="muted">{t("cases.noAttachments")}</p>}
      <ul className="case-files">
        {kept.map((one) => (
          <OneFile key={one.id} number={case_.number} one={one} zone={zone} changed={changed} />
        ))}
      </ul>
      {me.may.includes("attachment.add") && (
        <label className="case-bring">
          <span>{t(bring.isPending ? "cases.bringing" : "cases.bring")}</span>
          <input
            type="file"
            multiple
            accept={ACCEPTED}
            disabled={bring.isPending}
            onChange={(e) => {
              bring.mutate([...(e.target.files ?? [])]);
              e.target.value = "";
            }}
          />
        </label>
      )}
      {refused.length > 0 && <Alert type="error" showIcon message={t("cases.notKept")} description={refused.map((line) => <div key={line}>{line}</div>)} />}
    </section>
  );
}

function OneFile({ number, one, zone, changed }: { number: string; one: Attachment; zone: string; changed: () => Promise<void> }) {
  const { t } = useTranslation();
  const me = useMe();
  const [because, setBecause] = useState("");
  const remove = useMutation({ mutationFn: () => file.remove(number, one.id, because.trim()), onSettled: changed });
  const address = `/api/v1/cases/${number}/attachments/${one.id}`;
  return (
    <li>
      {one.thumbnail && (
        <a href={address} target="_blank" rel="noreferrer">
          <img src={`${address}/thumbnail`} alt={one.name} loading="lazy" />
        </a>
      )}
      <div>
        <a href={address}>{one.name}</a>
        <div className="muted">
          {Math.ceil(one.bytes / 1024)} KiB · {one.by} {moment(one.at, zone)}
          {one.lat !== null && one.lon !== null && ` · ${one.lat.toFixed(5)}, ${one.lon.toFixed(5)}`}
        </div>
        {remove.error && <Alert type="error" showIcon message={remove.error.message} />}
      </div>
      {me.may.includes("attachment.remove") && (
        <Popconfirm
          title={t("cases.removeSure")}
          description={<Input aria-label={t("cases.reason")} maxLength={500} value={because} onChange={(e) => setBecause(e.target.value)} />}
          okButtonProps={{ disabled: because.trim() === "" }}
          onConfirm={() => remove.mutate()}
        >
          <Button size="small" loading={remove.isPending}>
            {t("cases.remove")}
          </Button>
        </Popconfirm>
      )}
    </li>
  );
}
