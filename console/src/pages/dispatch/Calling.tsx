// Writes down a telephone call: who was called, whether somebody was reached, what was said.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Modal, Radio } from "antd";
import { useTranslation } from "react-i18next";
import "../../parts/said";
import { dispatch, type CallMade, type Matter } from "./api";

const OUTCOMES = ["reached", "no_answer", "busy", "wrong_number"] as const;

export function Calling({ matter, whom, number, close }: { matter: Matter; whom: string; number: string; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<CallMade>();
  const write = useMutation({
    mutationFn: (said: CallMade) => dispatch.call(matter, { number: said.number.trim(), outcome: said.outcome, whom: said.whom?.trim() || null, note: said.note?.trim() || null }),
    onSuccess: close,
    onSettled: () => queries.invalidateQueries({ queryKey: ["dispatches"] }),
  });
  return (
    <Modal open title={t("dispatch.recordCall")} okText={t("dispatch.write")} onOk={() => form.submit()} confirmLoading={write.isPending} onCancel={close} destroyOnHidden>
      <Form form={form} layout="vertical" onFinish={(said) => write.mutate(said)} initialValues={{ whom, number, outcome: "reached" }}>
        <Form.Item name="whom" label={t("dispatch.whom")}>
          <Input maxLength={120} />
        </Form.Item>
        <Form.Item name="number" label={t("dispatch.number")} rules={[{ required: true, whitespace: true, message: t("dispatch.numberNeeded") }]}>
          <Input maxLength={40} inputMode="tel" />
        </Form.Item>
        <Form.Item name="outcome" label={t("dispatch.outcome")} extra={t("dispatch.outcomeHint")}>
          <Radio.Group options={OUTCOMES.map((value) => ({ value, label: t(`said.outcomes.${value}`) }))} />
        </Form.Item>
        <Form.Item name="note" label={t("dispatch.note")}>
          <Input.TextArea maxLength={2000} autoSize={{ minRows: 2, maxRows: 6 }} />
        </Form.Item>
      </Form>
      {write.error && <Alert type="error" showIcon message={write.error.message} />}
    </Modal>
  );
}
