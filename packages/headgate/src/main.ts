/** What it takes to read the sources; older ones would fail at the first of them, with a stack trace. */
const OLDEST_NODE = 24;

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
  const { version, execPath } = process;
  const advice = "Put a newer one first on PATH, or run `npm install node` beside headgate.";
  process.stderr.write(
    `headgate: HG_NODE_VERSION Headgate needs Node ${OLDEST_NODE} or newer; this is ${version} (${execPath}). ${advice}\n`,
  );
  process.exitCode = 2;
} else {
  const { run } = await import("./run.ts");
  process.exitCode = await run(process.argv.slice(2));
}
