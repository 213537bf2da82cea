// The head of a table: one column a word, said by a heading that screen readers tie to its cells.
import { useTranslation } from "react-i18next";

export function Columns({ words, names }: { words: string; names: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {t(`${words}.${name}`)}
          </th>
        ))}
      </tr>
    </thead>
  );
}
