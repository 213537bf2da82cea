// The text of a letter's draft, to be changed before a person issues it. What the case says itself cannot be changed here.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Form, Input, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/client";
import { Failed } from "../../parts/Failed";
import { Loading } from "../../parts/Loading";
import { letters, type LetterEdit, type LetterWhole } from "./api";

const LONG = ["requirement", "consequences"] as const;
const SHORT = ["signer", "contact", "phone"] as const;

interface Written extends Record<(typeof LONG)[number] | (typeof SHORT)[number], string> {
  new_due: string;
  cc: string;
}

export function LetterText({ letter, close }: { letter: number; close: () => void }) {
  const { t } = useTranslation();
  const found = useQuery({ queryKey: ["letter", letter], queryFn: () => letters.one(letter), refetchInterval: false, staleTime: Infinity, gcTime: 0 });
  if (found.data) return <Draft whole={found.data} close={close} />;
  return (
    <Modal open title={t("cases.editLetter")} footer={null} onCancel={close}>
      {found.error ? <Failed error={found.error} again={() => void found.refetch()} /> : <Loading />}
    </Modal>
  );
}

function Draft({ whole, close }: { whole: LetterWhole; close: () => void }) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [form] = Form.useForm<Written>();
  const before = written(whole);
  const save = useMutation({
    mutationFn: (said: Written) => letters.edit(whole.id, whole.version, changes(before, said)),
    onSuccess: close,
    onSettled: () => queries.invalidateQueries({ queryKey: ["case"] }),
  });
  return (
    <Modal open width={680} title={t("cases.editLetter")} okText={t("cases.save")} confirmLoading={save.isPending} onOk={() => form.submit()} onCancel={close} maskClosable={false}>
      <Form form={form} layout="vertical" initialValues={before} onFinish={(said) => save.mutate(said)}>
        {LONG.map((name) => (
          <Form.Item key={name} name={name} label={t(`cases.letter.${name}`)} rules={[{ required: true, whitespace: true, message: t("cases.needed") }]}>
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 10 }} maxLength={4000} />
          </Form.Item>
        ))}
        <Form.Item name="new_due" label={t("cases.letter.new_due")} rules={[{ required: true, message: t("cases.needed") }]}>
          <Input type="date" />
        </Form.Item>
        <Form.Item name="cc" label={t("cases.letter.cc")}>
          <Input.TextArea autoSize={{ minRows: 1, maxRows: 6 }} />
        </Form.Item>
        {SHORT.map((name) => (
          <Form.Item key={name} name={name} label={t(`cases.letter.${name}`)}>
            <Input maxLength={200} />
          </Form.Item>
        ))}
      </Form>
      {save.error && <Alert type="error" showIcon message={save.error instanceof ApiError && save.error.status === 412 ? t("cases.letterStale") : save.error.message} />}
    </Modal>
  );
}

function written({ fields }: LetterWhole): Written {
  const text = (name: string) => String(fields[name] ?? "");
  return {
    requirement: text("requirement"),
    consequences: text("consequences"),
    signer: text("signer"),
    contact: text("contact"),
    phone: text("phone"),
    new_due: text("new_due"),
    cc: Array.isArray(fields["cc"]) ? fields["cc"].join("\n") : "",
  };
}

/** Only what was changed: what is left out stays as it is. */
export function changes(before: Written, said: Written): LetterEdit {
  const found: LetterEdit = {};
  for (const name of [...LONG, ...SHORT, "new_due"] as const) if (said[name] !== before[name]) found[name] = said[name];
  if (said.cc !== before.cc) found.cc = said.cc.split("\n").map((line) => line.trim()).filter(Boolean);
  return found;
}
