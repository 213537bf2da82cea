// The supervision letters of a case: a draft is read, then issued or dropped by a person.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Popconfirm, Space, Tag, Typography } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, type CaseWhole } from "../../api/client";
import { moment } from "../../format";
import { useMe } from "../../shell/me";
import { by } from "./api";
import { LetterText } from "./LetterText";

type Letter = CaseWhole["letters"][number];

export function CaseLetters({ letters, zone }: { letters: Letter[]; zone: string }) {
  const { t } = useTranslation();
  return (
    <>
      <Typography.Title level={5}>{t("cases.letters")}</Typography.Title>
      {letters.length === 0 && <p className="muted">{t("cases.noLetters")}</p>}
      {letters.map((letter) => (
        <OneLetter key={letter.id} letter={letter} zone={zone} />
      ))}
    </>
  );
}

function OneLetter({ letter, zone }: { letter: Letter; zone: string }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const me = useMe();
  const [reason, setReason] = useState("");
  const [editing, setEditing] = useState(false);
  const decide = useMutation({
    mutationFn: (what: "issue" | "drop") => api.decideLetter(letter.id, letter.version, what, { by: by(me), reason }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["case"] }),
  });
  const colour = letter.state === "draft" ? "gold" : letter.state === "issued" ? "red" : "default";
  return (
    <section style={{ marginBottom: 8 }}>
      <Space wrap>
        <Tag color={colour}>{t(`cases.${letter.state}`)}</Tag>
        <span>
          {letter.doc_no ?? ""} {t(`cases.names.${letter.clock}`)} → {letter.to.name}
        </span>
        <span className="muted">
          {moment(letter.decided_at ?? letter.drafted_at, zone)} {letter.decided_by ?? ""} {letter.reason ?? ""}
        </span>
        {letter.state !== "dropped" && (
          <>
            <a href={`/api/v1/letters/${letter.id}/file?format=pdf`} target="_blank" rel="noreferrer">
              PDF
            </a>
            <a href={`/api/v1/letters/${letter.id}/file?format=docx`}>DOCX</a>
          </>
        )}
        {letter.state === "draft" && me.may.includes("letter.issue") && (
          <>
            <Button size="small" onClick={() => setEditing(true)}>
              {t("cases.editLetter")}
            </Button>
            <Popconfirm title={t("cases.issueSure")} onConfirm={() => decide.mutate("issue")}>
              <Button size="small" type="primary" loading={decide.isPending}>
                {t("cases.issue")}
              </Button>
            </Popconfirm>
            <Popconfirm
              title={t("cases.dropSure")}
              description={<Input aria-label={t("cases.reason")} value={reason} onChange={(e) => setReason(e.target.value)} />}
              onConfirm={() => decide.mutate("drop")}
            >
              <Button size="small">{t("cases.drop")}</Button>
            </Popconfirm>
          </>
        )}
      </Space>
      {editing && <LetterText letter={letter.id} close={() => setEditing(false)} />}
      {decide.error && <Alert type="error" showIcon message={decide.error.message} />}
    </section>
  );
}
