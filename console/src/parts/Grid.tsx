// A table of numbers: a head that stays, the first column as row headings, numbers to the right.
import type { ReactNode } from "react";
import "./grid.css";

export interface Column<Row> {
  title: string;
  value: (row: Row) => ReactNode;
  /** Words, not numbers: to the left. */
  words?: boolean;
}

export function Grid<Row>({ label, columns, rows, keyOf, strong }: { label: string; columns: Column<Row>[]; rows: Row[]; keyOf: (row: Row) => string; strong?: (row: Row) => boolean }) {
  return (
    <div className="grid-box" role="region" aria-label={label} tabIndex={0}>
      <table className="grid">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.title} scope="col" className={column.words ? "words" : undefined}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className={strong?.(row) ? "strong" : undefined}>
              {columns.map((column, place) =>
                place === 0 ? (
                  <th key={column.title} scope="row">
                    {column.value(row)}
                  </th>
                ) : (
                  <td key={column.title} className={column.words ? "words" : undefined}>
                    {column.value(row)}
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
