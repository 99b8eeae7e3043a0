/** The style sheet of the pages: dark and light as the reader's system is, narrow and wide, and for paper. */
export const STYLE = `:root {
  color-scheme: light dark;
  --paper: #ffffff;
  --ink: #1c1e21;
  --faint: #5a6068;
  --line: #e1e4e8;
  --raised: #f6f7f9;
  --link: #0b57d0;
}

@media (prefers-color-scheme: dark) {
  :root {
    --paper: #131518;
    --ink: #e4e6ea;
    --faint: #a0a7b1;
    --line: #2b2f36;
    --raised: #1b1e23;
    --link: #8ab4f8;
  }
}

* {
  box-sizing: border-box;
}

html {
  scroll-padding-top: 1.5rem;
}

body {
  margin: 0;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.6 system-ui, sans-serif;
  text-size-adjust: 100%;
}

a {
  color: var(--link);
  text-underline-offset: 0.15em;
  text-decoration-thickness: 0.06em;
}

:focus-visible {
  outline: 2px solid var(--link);
  outline-offset: 2px;
}

.skip {
  position: absolute;
  left: -100vw;
}

.skip:focus {
  left: 1rem;
  top: 1rem;
  background: var(--paper);
  padding: 0.5rem;
}

.frame {
  display: grid;
  grid-template-columns: minmax(0, 1fr);
  max-width: 68rem;
  margin: 0 auto;
  padding: 0 1.25rem;
}

nav {
  padding: 1.25rem 0 0.75rem;
  border-bottom: 1px solid var(--line);
}

nav p {
  margin: 0 0 0.5rem;
  font-weight: 600;
}

nav ul {
  display: flex;
  flex-wrap: wrap;
  gap: 0.1rem 1rem;
  list-style: none;
  margin: 0;
  padding: 0;
}

nav a {
  display: block;
  padding: 0.15rem 0;
  color: var(--faint);
  text-decoration: none;
}

nav a:hover {
  color: var(--ink);
  text-decoration: underline;
}

nav a[aria-current] {
  color: var(--ink);
  font-weight: 600;
}

main {
  min-width: 0;
  max-width: 46rem;
  padding-bottom: 3rem;
}

h1,
h2,
h3 {
  line-height: 1.25;
  text-wrap: balance;
}

h1 {
  font-size: 2rem;
  font-weight: 650;
  letter-spacing: -0.015em;
  margin: 2rem 0 1rem;
}

h2 {
  font-size: 1.35rem;
  font-weight: 650;
  margin: 2.75rem 0 0.75rem;
}

h3 {
  font-size: 1.05rem;
  font-weight: 600;
  margin: 2rem 0 0.5rem;
}

p,
ul {
  margin: 0.75rem 0;
}

main ul {
  padding-left: 1.25rem;
}

main li {
  margin: 0.35rem 0;
}

code,
pre {
  font-family: ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  font-size: 0.875em;
}

:not(pre) > code {
  background: var(--raised);
  border-radius: 0.25rem;
  padding: 0.1em 0.25em;
  overflow-wrap: anywhere;
}

.code {
  position: relative;
  margin: 1rem 0;
}

pre {
  margin: 0;
  padding: 0.9rem 1rem;
  overflow-x: auto;
  background: var(--raised);
  border: 1px solid var(--line);
  border-radius: 0.5rem;
  line-height: 1.5;
  tab-size: 2;
}

.code button {
  position: absolute;
  top: 0.5rem;
  right: 0.5rem;
  padding: 0.1rem 0.55rem;
  font: inherit;
  font-size: 0.8rem;
  color: var(--ink);
  background: var(--paper);
  border: 1px solid var(--line);
  border-radius: 0.35rem;
  cursor: pointer;
}

@media (hover: hover) {
  .code button {
    opacity: 0;
  }

  .code:hover button,
  .code button:focus-visible {
    opacity: 1;
  }
}

.table {
  overflow-x: auto;
  margin: 1rem 0;
}

table {
  width: 100%;
  border-collapse: collapse;
  font-size: 0.95rem;
  line-height: 1.45;
}

th,
td {
  text-align: left;
  vertical-align: top;
  padding: 0.5rem 1rem 0.5rem 0;
  border-bottom: 1px solid var(--line);
}

th {
  color: var(--faint);
  font-weight: 600;
  font-size: 0.85rem;
  white-space: nowrap;
}

th:first-child:nth-last-child(3) {
  width: 29%;
}

th:nth-child(3):last-child {
  width: 28%;
}

@media (max-width: 40rem) {
  table {
    font-size: 0.875rem;
  }

  th,
  td {
    padding-right: 0.75rem;
  }
}

footer {
  margin-top: 4rem;
  padding-top: 1rem;
  border-top: 1px solid var(--line);
  color: var(--faint);
  font-size: 0.875rem;
}

@media (min-width: 56rem) {
  .frame {
    grid-template-columns: 12rem minmax(0, 1fr);
    gap: 0 3.5rem;
  }

  nav {
    position: sticky;
    top: 0;
    align-self: start;
    padding: 2.25rem 0;
    border: 0;
  }

  nav ul {
    display: block;
  }

  nav li {
    margin: 0.2rem 0;
  }
}

@media print {
  :root {
    --paper: #ffffff;
    --ink: #000000;
    --faint: #444444;
    --line: #bbbbbb;
    --raised: #ffffff;
    --link: #000000;
  }

  nav,
  .skip,
  .code button {
    display: none;
  }

  main {
    max-width: none;
  }

  pre {
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  h2,
  h3 {
    break-after: avoid;
  }

  pre,
  table {
    break-inside: avoid;
  }
}
`;
