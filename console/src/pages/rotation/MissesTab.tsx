// Misses: which deadlines passed without an attempt, and the shift lead who signs them off, many at once, with a note.
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { Alert, Button, Input, Segmented, Table } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { moment } from "../../format";
import { Empty } from "../../parts/Empty";
import { Failed } from "../../parts/Failed";
import { useMe } from "../../shell/me";
import { board, type MissedLook } from "./api";

const MOST = 500;

export function MissesTab({ zone, open }: { zone: string; open: (camera: string) => void }) {
  const { t } = useTranslation();
  const signs = useMe().may.includes("miss.sign_off");
  const queries = useQueryClient();
  const [signed, setSigned] = useState(false);
  const [chosen, setChosen] = useState<string[]>([]);
  const [note, setNote] = useState("");
  const misses = useInfiniteQuery({
    queryKey: ["misses", "list", signed],
    queryFn: ({ pageParam }) => board.misses(signed, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? undefined,
  });
  const signing = useMutation({
    mutationFn: () => board.signOff(chosen, note.trim()),
    onSuccess: async () => {
      setChosen([]);
      setNote("");
      await queries.invalidateQueries({ queryKey: ["misses"] });
    },
  });
  const rows = misses.data?.pages.flatMap((page) => page.items) ?? [];
  const show = (next: boolean) => {
    setSigned(next);
    setChosen([]);
    signing.reset();
  };
  const ready = chosen.length > 0 && note.trim() !== "" && !signing.isPending;
  return (
    <>
      <div className="rotation-tools">
        <Segmented
          aria-label={t("rotation.tabs.misses")}
          value={signed ? "signed" : "unsigned"}
          onChange={(key) => show(key === "signed")}
          options={(["unsigned", "signed"] as const).map((key) => ({ value: key, label: t(`rotation.misses.${key}`) }))}
        />
        {!signed && !signs && <span className="muted">{t("rotation.misses.forbidden")}</span>}
      </div>
      {!signed && signs && (
        <form
          className="rotation-sign"
          onSubmit={(event) => {
            event.preventDefault();
            if (ready) signing.mutate();
          }}
        >
          <span role="status">{signing.data ? t("rotation.misses.done", { count: signing.data.signed }) : t("rotation.misses.chosen", { count: chosen.length })}</span>
          <Input value={note} maxLength={1000} onChange={(event) => setNote(event.target.value)} placeholder={t("rotation.misses.note")} aria-label={t("rotation.misses.note")} />
          <Button type="primary" htmlType="submit" disabled={!ready} loading={signing.isPending} title={note.trim() === "" ? t("rotation.misses.needNote") : ""}>
            {t("rotation.misses.sign")}
          </Button>
        </form>
      )}
      {signing.error && <Alert type="error" showIcon message={signing.error.message} />}
      {misses.error && !misses.data && <Failed error={misses.error} again={() => void misses.refetch()} />}
      <Table<MissedLook>
        size="small"
        className="rotation-table"
        rowKey="id"
        loading={misses.isPending}
        dataSource={rows}
        pagination={false}
          locale={{ emptyText: misses.isPending ? <div className="nothing" /> : <Empty title={t(signed ? "rotation.misses.noneSigned" : "rotation.misses.none")} {...(signed ? {} : { hint: t("rotation.misses.noneHow") })} /> }}
        {...(!signed && signs
          ? {
              rowSelection: {
                selectedRowKeys: chosen,
                onChange: (keys: React.Key[]) => {
                  signing.reset();
                  setChosen(keys.map(String).slice(0, MOST));
                },
                getCheckboxProps: (row: MissedLook) => ({ "aria-label": t("rotation.misses.choose", { name: row.name ?? row.look }) }) as object,
              },
            }
          : {})}
        columns={[
          { title: t("rotation.misses.deadline"), render: (_, row) => moment(row.deadline, zone) },
          {
            title: t("camera"),
            render: (_, row) => (
              <Button type="link" className="rotation-link" onClick={() => open(row.camera)}>
                {row.name ?? row.look}
              </Button>
            ),
          },
          { title: t("rotation.misses.cause"), render: (_, row) => (row.cause ? t(`causes.${row.cause}`, row.cause) : "") },
          ...(signed
            ? [
                {
                  title: t("rotation.misses.signature"),
                  render: (_: unknown, row: MissedLook) => (
                    <>
                      {row.signed?.who} · {row.signed?.note} <span className="muted">{moment(row.signed?.at, zone)}</span>
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
      {misses.hasNextPage && (
        <Button block onClick={() => void misses.fetchNextPage()} loading={misses.isFetchingNextPage}>
          {t("rotation.misses.more")}
        </Button>
      )}
    </>
  );
}
