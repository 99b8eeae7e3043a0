import { html, type Markup } from "../report/markup.ts";
import { formatCount } from "../report/quantities.ts";

/** One bar of a chart. */
export interface Bar {
  readonly label: string;
  readonly count: number;
  /** Drawn as what would be refused, and is not. */
  readonly isShadow: boolean;
}

/** Bars below each other, the longest as wide as there is room. */
export function barsFigure(title: string, bars: readonly Bar[]): Markup {
  const most = Math.max(1, ...bars.map(({ count }) => count));
  return html`<figure class="bars">
<figcaption>${title}</figcaption>
<ul>
${bars.map(
  ({ label, count, isShadow }) => html`<li>
<span class="label">${label}</span>
<svg aria-hidden="true"><rect class="${isShadow ? "shadow" : "refused"}" width="${percent(count, most)}%" height="100%" rx="2"/></svg>
<span class="count">${formatCount(count)}</span>
</li>`,
)}
</ul>
</figure>`;
}

/** What is more than nothing shows, be it ever so little. */
function percent(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(0.5, Math.round((count / most) * 1000) / 10);
}
