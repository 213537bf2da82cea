// What the cases page asks beside what other pages ask too: files of a case, the text of a letter's draft.
import type { components } from "../../api/schema";
import { client, read } from "../../api/client";
import type { Me } from "../../api/session";

export type Attachment = components["schemas"]["AttachmentView"];
export type LetterWhole = components["schemas"]["LetterWhole"];
export type LetterEdit = components["schemas"]["LetterEdit"];

/** Who does it: the account says so by itself; where nobody signs in, the name that stands above. */
export function by(me: Me): string | null {
  return me.csrf === null ? me.shown || me.name : null;
}

export const file = {
  bring: (number: string, brought: File) => {
    const form = new FormData();
    form.append("file", brought, brought.name);
    return read<Attachment>(
      client.POST("/api/v1/cases/{number}/attachments", {
        params: { path: { number } },
        body: form as never,
        bodySerializer: (body) => body as unknown as FormData,
      }),
    );
  },
  remove: (number: string, id: string, because: string) =>
    read<Attachment>(client.DELETE("/api/v1/cases/{number}/attachments/{attachment_id}", { params: { path: { number, attachment_id: id }, query: { because } } })),
};

export const letters = {
  one: (letter: number) => read<LetterWhole>(client.GET("/api/v1/letters/{letter_id}", { params: { path: { letter_id: letter } } })),
  edit: (letter: number, version: number, body: LetterEdit) =>
    read<LetterWhole>(client.PATCH("/api/v1/letters/{letter_id}", { params: { path: { letter_id: letter }, header: { "if-match": `"${version}"` } }, body })),
};
