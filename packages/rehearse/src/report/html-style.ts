import { html, type Markup } from "./markup.ts";

/**
 * Blue and vermilion are told apart by every kind of eye (M. Okabe, K. Ito, "Color Universal Design", 2008); shades are
 * such that text on its ground has a contrast of 4.5 and more, dark and light.
 */
export const STYLE: Markup = html`
:root {
  color-scheme: light dark;
  --ground: #ffffff; --panel: #f5f7f9; --line: #d8dee4; --text: #1c2127; --detail: #57606a;
  --admitted: #5b9bd0; --refused: #c8471b; --shadow: #e0a030; --refused-text: #b23a10; --shade: #00000030;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181c; --panel: #1c2228; --line: #343c45; --text: #e6e9ec; --detail: #a2abb5;
    --admitted: #3f7fb5; --refused: #f0703a; --shadow: #c99a3c; --refused-text: #ff8a5c; --shade: #000000a0;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 2.5rem 1.25rem 4rem; max-width: 68rem;
  background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif;
}
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 0.75rem; font-size: 1.125rem; overflow-wrap: anywhere; }
.detail, header p, footer, dd.detail { color: var(--detail); font-size: 0.875rem; }
header p { margin: 0.25rem 0 0; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.25rem, 1fr)); gap: 0.75rem; margin: 1.75rem 0 0; }
dl div { padding: 0.75rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 0.5rem; }
dt { color: var(--detail); font-size: 0.875rem; }
dd { margin: 0; }
dd.value { font-size: 1.5rem; line-height: 1.3; font-variant-numeric: tabular-nums; }
dd.value.refusal { color: var(--refused-text); }
figure { margin: 2rem 0 0; min-width: 0; }
figcaption { margin-bottom: 0.75rem; font-weight: 600; }
figcaption .detail, .legend { font-weight: 400; }
.legend { margin-left: 0.75rem; font-size: 0.875rem; white-space: nowrap; }
.legend::before { content: ""; display: inline-block; width: 0.75em; height: 0.75em; margin-right: 0.35em; border-radius: 2px; }
.legend.admitted::before { background: var(--admitted); }
.legend.refused::before { background: var(--refused); }
.legend.shadow::before { background: var(--shadow); }
path.admitted, rect.admitted { fill: var(--admitted); }
path.refused, rect.refused { fill: var(--refused); }
path.shadow, rect.shadow { fill: var(--shadow); }
.grid { stroke: var(--line); vector-effect: non-scaling-stroke; }
.timeline { padding-bottom: 1.5rem; }
.plot { position: relative; margin-left: 3rem; height: 13rem; }
.low .plot { height: 5.5rem; }
.plot svg { display: block; width: 100%; height: 100%; overflow: visible; }
.plot span { position: absolute; color: var(--detail); font-size: 0.75rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
.y span { right: calc(100% + 0.5rem); transform: translateY(50%); }
.x span { top: calc(100% + 0.375rem); transform: translateX(-50%); }
.x .last { transform: translateX(-100%); }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 3rem; }
.bars ul { margin: 0; padding: 0; list-style: none; }
.bars li { display: grid; grid-template-columns: minmax(0, 13rem) 1fr 4rem; align-items: center; gap: 0.75rem; padding: 0.125rem 0; font-size: 0.875rem; }
.bars .label { overflow-wrap: anywhere; }
.bars .count { text-align: right; font-variant-numeric: tabular-nums; }
.bars svg { width: 100%; height: 0.875rem; }
/* A shadow at the edge says that there is more to the right; the ground that covers it scrolls away with the table. */
.scroll {
  overflow-x: auto;
  background:
    linear-gradient(to left, var(--ground) 40%, transparent) right / 2rem 100% no-repeat local,
    linear-gradient(to left, var(--shade), transparent) right / 0.75rem 100% no-repeat;
}
table { width: 100%; border-collapse: collapse; font-size: 0.875rem; }
th, td { padding: 0.4rem 0.75rem; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
thead th { color: var(--detail); font-weight: 400; }
tbody th { min-width: 8rem; font-weight: 500; white-space: normal; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { padding-left: 0; }
th:last-child, td:last-child { padding-right: 0; }
section > .detail { margin: 0.5rem 0 0; }
.warning { margin: 1.75rem 0 0; padding: 0.75rem 1rem; border-left: 4px solid var(--refused); background: var(--panel); font-weight: 600; }
summary { cursor: pointer; margin-top: 0.5rem; color: var(--detail); font-size: 0.875rem; }
details .scroll { max-height: 24rem; overflow-y: auto; }
li { overflow-wrap: anywhere; }
footer { margin-top: 3rem; }
@media (max-width: 40rem) {
  .x span:not(:nth-child(4n + 1)) { display: none; }
  .bars li { grid-template-columns: minmax(0, 10rem) 1fr 4rem; }
  th, td { padding-inline: 0.5rem; }
}
@media print { body { max-width: none; } .scroll { overflow: visible; } }
`;
