// Asking for a copy of a kept file and following it until it is there.
import { client, read } from "../../api/client";
import type { components } from "../../api/schema";

export type Export = components["schemas"]["Export"];
export type ExportOrder = components["schemas"]["ExportOrder"];

export const recipients = () => read(client.GET("/api/v1/export-recipients"));
export const order = (evidence: number, body: ExportOrder) =>
  read<Export>(client.POST("/api/v1/evidence/{evidence_id}/exports", { params: { path: { evidence_id: evidence } }, body }));
export const one = (number: string) => read<Export>(client.GET("/api/v1/exports/{number}", { params: { path: { number } } }));
