// Makes a move in a case: the ones that are possible now, each asking for what it needs.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Form, Input, InputNumber, Select, Space } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, api, type CaseWhole, type MoveRequest } from "../../api/client";
import { useMe } from "../../shell/me";
import { by } from "./api";

const NOT_HERE = ["attach", "letter", "recompute"];
const ALSO: Record<string, string[]> = { assign: ["co_units"], evaluate: ["satisfaction", "text"], note: ["text"], return: ["document"], transfer: ["document"], withdraw: ["document"], resume: ["text"] };
const OPTIONS: Record<string, string[]> = { severity: ["general", "major"], grade: ["excellent", "good", "fair", "poor"], clock: ["feedback", "resolve"] };
const WORDS: Record<string, string> = { severity: "severities", grade: "grades", clock: "names" };
const LABELS: Record<string, string> = { co_units: "coUnits" };

export function CaseMove({ case_ }: { case_: CaseWhole }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const [form] = Form.useForm();
  const [move, setMove] = useState<string | null>(null);
  const make = useMutation({
    mutationFn: (asked: MoveRequest) => api.move(case_.number, case_.version, asked),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["case"] }), queries.invalidateQueries({ queryKey: ["cases"] })]),
  });
  const possible = case_.moves.filter((m) => !NOT_HERE.includes(m.move));
  const needed = possible.find((m) => m.move === move)?.needs ?? [];
  const fields = [...needed, ...(move ? (ALSO[move] ?? []) : [])];
  const submit = (said: Record<string, unknown>) => {
    make.mutate({ ...said, ...lists(said), move, by: by(me) } as MoveRequest);
  };
  return (
    <Form form={form} layout="vertical" onFinish={submit} className="case-move">
      <Space wrap align="end">
        <Form.Item label={t("cases.next")}>
          <Select
            aria-label={t("cases.next")}
            style={{ minWidth: 180 }}
            placeholder={t("cases.choose")}
            value={move}
            onChange={setMove}
            options={possible.map((m) => ({ value: m.move, label: t(`cases.moves.${m.move}`) }))}
          />
        </Form.Item>
        {fields.map((name) => (
          <Form.Item key={name} name={name} label={t(`cases.${LABELS[name] ?? name}`)} rules={[{ required: needed.includes(name) }]}>
            {OPTIONS[name] ? (
              <Select style={{ minWidth: 120 }} options={OPTIONS[name].map((value) => ({ value, label: t(`cases.${WORDS[name]}.${value}`) }))} />
            ) : name === "satisfaction" ? (
              <InputNumber min={1} max={5} />
            ) : name === "until" ? (
              <Input type="date" />
            ) : name === "plan" || name === "text" ? (
              <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} style={{ minWidth: 260 }} maxLength={4000} />
            ) : (
              <Input maxLength={200} />
            )}
          </Form.Item>
        ))}
        {move && (
          <Form.Item>
            <Button type="primary" htmlType="submit" loading={make.isPending}>
              {t("cases.do")}
            </Button>{" "}
            <span className="muted">{t("cases.as", { name: me.shown || me.name })}</span>
          </Form.Item>
        )}
      </Space>
      {make.error && (
        <Alert type="error" showIcon message={make.error instanceof ApiError && make.error.status === 412 ? t("cases.stale") : make.error.message} />
      )}
    </Form>
  );
}

// What is typed as text and sent as lists.
function lists(said: Record<string, unknown>): Partial<MoveRequest> {
  const found: Partial<MoveRequest> = {};
  if (typeof said["co_units"] === "string") found.co_units = said["co_units"].split(/[\s,，、]+/).filter(Boolean);
  if (typeof said["plan"] === "string")
    found.plan = said["plan"]
      .split("\n")
      .filter((line) => line.trim())
      .map((line) => {
        const [what = "", unit = "", by = ""] = line.split("|").map((part) => part.trim());
        return { what, unit, by };
      });
  return found;
}
