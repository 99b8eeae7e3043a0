import { html, type Markup } from "./markup.ts";
import type { ReportTable } from "./report-table.ts";

/** A table with a heading. Its first column says what a row is about. */
export function htmlTable({ title, columns, rows, empty, note }: ReportTable): Markup {
  if (rows.length === 0) return html`<section><h2>${title}</h2><p>${empty}</p></section>`;
  return html`<section>
<h2>${title}</h2>
<div class="scroll" tabindex="0" role="region" aria-label="${title}">
<table>
<thead><tr>${columns.map(({ heading, isNumber }) => html`<th scope="col" class="${isNumber ? "number" : "text"}">${heading}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => htmlRow(cells, columns))}
</tbody>
</table>
</div>
${note === undefined ? "" : html`<p class="detail">${note}</p>`}
</section>`;
}

function htmlRow(cells: readonly string[], columns: ReportTable["columns"]): Markup {
  const [first = "", ...others] = cells;
  return html`<tr><th scope="row">${first}</th>${others.map(
    (cell, i) => html`<td class="${columns[i + 1]?.isNumber ? "number" : "text"}">${cell}</td>`,
  )}</tr>`;
}
