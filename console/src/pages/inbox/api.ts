// What the inbox asks of the API.
import type { components } from "../../api/schema";
import { client, read } from "../../api/client";

export type Matter = components["schemas"]["InboxMatter"];
export type Answer = components["schemas"]["InboxAnswer"];
export type Counts = components["schemas"]["InboxCounts"];
export type Photo = components["schemas"]["InboxPhoto"];

export const inbox = {
  list: (cursor?: string) => read(client.GET("/api/v1/inbox", { params: { query: { limit: 30, ...(cursor ? { cursor } : {}) } } })),
  counts: () => read<Counts>(client.GET("/api/v1/inbox/counts")),
  one: (alert: string) => read<Matter>(client.GET("/api/v1/inbox/{alert_id}", { params: { path: { alert_id: alert } } })),
  answer: (alert: string, key: string, body: Answer) =>
    read<Matter>(client.POST("/api/v1/inbox/{alert_id}/answers", { params: { path: { alert_id: alert } }, headers: { "Idempotency-Key": key }, body })),
  bring: (alert: string, key: string, photo: Blob) => {
    const form = new FormData();
    form.append("file", photo, "photo.jpg");
    return read<Photo>(
      client.POST("/api/v1/inbox/{alert_id}/photos", {
        params: { path: { alert_id: alert } },
        headers: { "Idempotency-Key": key },
        body: form as never,
        bodySerializer: (body) => body as unknown as FormData,
      }),
    );
  },
};
