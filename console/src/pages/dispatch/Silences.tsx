// What is held back, why and until when; a shift lead begins and ends it here.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Drawer, Form, Input, Popconfirm, Select, Tag } from "antd";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { useMe } from "../../shell/me";
import { dispatch, type Matter, type NewSilence, type Silence } from "./api";

const HOURS = [1, 2, 4, 8, 24];

interface Written {
  kind: string | null;
  camera: string | null;
  hours: number;
  reason: string;
}

/** `of`: a matter to begin from, or only the list; null: closed. */
export function Silences({ of, zone, close }: { of: Matter | "list" | null; zone: string; close: () => void }) {
  const { t } = useTranslation();
  const me = useMe();
  const queries = useQueryClient();
  const found = useQuery({ queryKey: ["silences"], queryFn: () => dispatch.silences(false), enabled: of !== null });
  const changed = () => Promise.all([queries.invalidateQueries({ queryKey: ["silences"] }), queries.invalidateQueries({ queryKey: ["dispatches"] })]);
  const end = useMutation({ mutationFn: (id: number) => dispatch.endSilence(id), onSettled: changed });
  const lead = me.may.includes("dispatch.silence");
  return (
    <Drawer open={of !== null} onClose={close} title={t("dispatch.silences")} width="min(560px, 100vw)" destroyOnHidden>
      <p className="muted">{t("dispatch.silenceHint")}</p>
      {lead && of !== null && <Begin matter={of === "list" ? null : of} done={changed} />}
      {found.error && <Failed error={found.error} again={() => void found.refetch()} />}
      {found.data?.length === 0 && <Empty title={t("dispatch.noSilence")} />}
      <ul className="silences">
        {(found.data ?? []).map((one) => (
          <li key={one.id}>
            <strong>{parts(one).map((part) => t(`kinds.${part}`, part)).join(" · ")}</strong> {one.holds > 0 && <Tag color="gold">{t("dispatch.holds", { count: one.holds })}</Tag>}
            <div>{one.reason}</div>
            <div className="muted">{t("dispatch.until", { by: one.by, time: moment(one.ends_at, zone) })}</div>
            {lead && (
              <Popconfirm title={t("dispatch.endSure")} onConfirm={() => end.mutate(one.id)}>
                <Button size="small">{t("dispatch.endSilence")}</Button>
              </Popconfirm>
            )}
          </li>
        ))}
      </ul>
      {end.error && <Alert type="error" showIcon message={end.error.message} />}
    </Drawer>
  );
}

function Begin({ matter, done }: { matter: Matter | null; done: () => Promise<unknown> }) {
  const { t } = useTranslation();
  const [form] = Form.useForm<Written>();
  const begin = useMutation({
    mutationFn: (said: Written) => {
      const body: NewSilence = { kind: (said.kind ?? null) as "congestion" | null, camera: said.camera?.trim() || null, reason: said.reason.trim(), ends_at: new Date(Date.now() + said.hours * 3_600_000).toISOString() };
      return dispatch.silence(body);
    },
    onSuccess: () => form.resetFields(["reason"]),
    onSettled: done,
  });
  return (
    <Form form={form} layout="vertical" onFinish={(said) => begin.mutate(said)} initialValues={{ kind: matter?.kind ?? null, camera: matter?.camera ?? null, hours: 2 }}>
      <Form.Item name="kind" label={t("kind")}>
        <Select allowClear options={["congestion", "fireworks", "fishing"].map((value) => ({ value, label: t(`kinds.${value}`) }))} />
      </Form.Item>
      <Form.Item name="camera" label={t("dispatch.cameraId")} extra={matter?.camera_name}>
        <Input maxLength={64} />
      </Form.Item>
      <Form.Item name="hours" label={t("dispatch.howLong")}>
        <Select options={HOURS.map((value) => ({ value, label: t("dispatch.hours", { count: value }) }))} />
      </Form.Item>
      <Form.Item name="reason" label={t("dispatch.reason")} rules={[{ required: true, whitespace: true, message: t("dispatch.reasonNeeded") }]}>
        <Input maxLength={500} />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={begin.isPending}>
        {t("dispatch.beginSilence")}
      </Button>
      {begin.error && <Alert type="error" showIcon message={begin.error.message} />}
    </Form>
  );
}

function parts(one: Silence): string[] {
  return [one.kind, one.category, one.camera, one.place].filter((part) => part !== null);
}
