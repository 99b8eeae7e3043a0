import { parseFields, readLog } from "@headgate/rehearse";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LONGEST_LINE } from "../../src/log/lines.ts";
import { readAll } from "./reading.ts";

const START = Date.UTC(2030, 0, 1);

/** A line of NDJSON, some seconds after the start. */
function ndjson(second: number, path = `/${second}`): string {
  return `${JSON.stringify({ time: START + second * 1000, method: "GET", path })}\n`;
}

/** The same as an access log has it. */
function combined(second: number, path = `/${second}`): string {
  const clock = `${String(Math.floor(second / 60)).padStart(2, "0")}:${String(second % 60).padStart(2, "0")}`;
  return `192.0.2.1 - - [01/Jan/2030:00:${clock} +0000] "GET ${path} HTTP/1.1" 200 5 "-" "curl"\n`;
}

function har(...seconds: number[]): string {
  const entries = seconds.map((second) => ({
    startedDateTime: new Date(START + second * 1000).toISOString(),
    time: 12,
    request: {
      method: "GET",
      url: `https://api.example.com/${second}?a=b`,
      headers: [{ name: "X-Key", value: "k" }],
      bodySize: -1,
    },
    response: { status: 200 },
  }));
  return JSON.stringify({ log: { version: "1.2", entries } }, null, 1);
}

const targets = (requests: readonly { target: string }[]): string[] => requests.map(({ target }) => target);

const COMBINED_LINE = '192.0.2.1 - - [01/Jan/2030:00:00:00 +0000] "GET / HTTP/1.1" 200 0 "-" "-"\n';

describe("the format of a log", () => {
  test.each([
    ["ndjson", ndjson(1) + ndjson(2), ["/1", "/2"]],
    ["combined", combined(1) + combined(2), ["/1", "/2"]],
    ["har", har(1, 2), ["/1?a=b", "/2?a=b"]],
  ] as const)("is told by how it begins: %s", async (format, content, expected) => {
    const guessed = await readAll([content]);
    expect(targets(guessed.requests)).toEqual(expected);
    expect(guessed).toEqual(await readAll([content], { format }));
    expect(guessed.report.faults).toEqual([]);
  });

  test("of a HAR gives what its entries tell", async () => {
    const { requests, report } = await readAll([har(3)]);
    expect(requests).toEqual([
      {
        time: START + 3000,
        method: "GET",
        target: "/3?a=b",
        headers: { "x-key": "k" },
        ip: undefined,
        bytes: undefined,
        status: 200,
        durationMs: 12,
      },
    ]);
    expect(report.lines).toBe(1);
  });

  test.each([
    ["written for people", JSON.stringify({ $schema: "x", ...JSON.parse(har(1, 2)) }, null, 2)],
    ["in one line, after something else", JSON.stringify({ $schema: "x", ...JSON.parse(har(1, 2)) })],
  ])("may be HAR, whatever it begins with: %s", async (_, content) => {
    expect(targets((await readAll([content])).requests)).toEqual(["/1?a=b", "/2?a=b"]);
  });

  test("is NDJSON where a line has a log of its own", async () => {
    const line = ndjson(1).replace("{", '{"log":"listening",');
    expect(targets((await readAll([line])).requests)).toEqual(["/1"]);
  });
});

describe("what is wrong with a log", () => {
  test("is counted, and the first few of each kind told with their lines", async () => {
    const lines = [ndjson(1), "nonsense\n", ...Array.from({ length: 9 }, () => "{}\n"), "\n", ndjson(2)];
    const { requests, report } = await readAll([lines.join("")], { format: "ndjson" });
    expect(targets(requests)).toEqual(["/1", "/2"]);
    expect(report.lines).toBe(12);
    const [fault] = report.faults;
    expect(fault).toMatchObject({ kind: "unparsable", count: 10 });
    expect(fault?.examples).toHaveLength(5);
    expect(fault?.examples.slice(0, 2)).toEqual([
      { file: "log1", line: 2, why: "it is not JSON" },
      { file: "log1", line: 3, why: '"time" is missing' },
    ]);
  });

  test("shows nothing of the line, which may hold a secret", async () => {
    const { report } = await readAll([`Bearer sk_secret\n${combined(1, "/?key=sk_secret")}-sk_secret-\n`]);
    expect(JSON.stringify(report)).not.toContain("secret");
  });

  test("may be times that run backwards: those requests come at the latest time before them", async () => {
    const { requests, report } = await readAll([ndjson(5) + ndjson(3) + ndjson(6) + ndjson(5)]);
    expect(requests.map(({ time }) => time - START)).toEqual([5000, 5000, 6000, 6000]);
    expect(report.faults).toEqual([
      {
        kind: "time-backwards",
        count: 2,
        examples: [
          { file: "log1", line: 2, why: "it is 2s earlier than a line before it" },
          { file: "log1", line: 4, why: "it is 1s earlier than a line before it" },
        ],
      },
    ]);
  });

  test("may be a line without end, which is not kept in memory", async () => {
    const long = "x".repeat(3 * LONGEST_LINE);
    const { requests, report } = await readAll([`${ndjson(1)}${long}\n${ndjson(2)}${long}`]);
    expect(targets(requests)).toEqual(["/1", "/2"]);
    expect(report.faults).toMatchObject([{ kind: "too-long", count: 2, examples: [{ line: 2 }, { line: 4 }] }]);
  });

  test.each([
    ["nothing", "", "empty"],
    ["blank lines", "\n\n  \n", "empty"],
    ["another format", "a,b,c\n1,2,3\n", "other-format"],
    ["bytes", Buffer.from([0, 255, 10, 13, 0]), "other-format"],
    ["a HAR without entries", '{"log":{"entries":[]}}', "empty"],
    ["a HAR that is cut off", har(1, 2).slice(0, -30), "truncated"],
    ["a HAR that is no JSON", '{"log":{"entries":[}', "other-format"],
    ["a HAR that is nothing but nested", `{"log":{"entries":${"[".repeat(1_000_000)}`, "other-format"],
    ["lines that begin with a host and its port", `example.com:443 ${COMBINED_LINE}`, "other-format"],
    ["what a container wrote", '{"log":"listening","stream":"stdout"}\n', "other-format"],
  ] as const)("may be the whole file: %s", async (_, content, kind) => {
    const { report } = await readAll([content]);
    expect(report.faults.map((fault) => fault.kind)).toContain(kind);
  });

  test("is not that a file begins with a byte order mark", async () => {
    const { requests, report } = await readAll([`\ufeff${COMBINED_LINE}`]);
    expect(requests.map(({ ip }) => ip)).toEqual(["192.0.2.1"]);
    expect(report.faults).toEqual([]);
  });

  test("may be that nothing is a request: then the rest of a long file is not read", async () => {
    const { report } = await readAll(["nonsense\n".repeat(500_000)]);
    expect(report.lines).toBeLessThan(100_000);
    expect(report.faults.map(({ kind }) => kind)).toEqual(["unparsable", "other-format"]);
    const why = `none of its first ${report.lines} lines is in its format, and the rest was not read; `;
    expect(report.faults[1]?.examples[0]?.why).toContain(why);
  });

  test("is fatal where it is asked to be", async () => {
    const strict = readAll([ndjson(1), ndjson(3) + ndjson(2)], { isStrict: true });
    await expect(strict).rejects.toMatchObject({
      code: "HG_LOG_FAULT",
      message: expect.stringMatching(/log2:2: it is 1s earlier than a line before it$/),
    });
  });
});

describe("requests that are not in the order of their times", () => {
  test("are put in order, of a HAR", async () => {
    const { requests, report } = await readAll([har(5, 3, 4, 3)]);
    expect(targets(requests)).toEqual(["/3?a=b", "/3?a=b", "/4?a=b", "/5?a=b"]);
    expect(report.faults).toEqual([]);
  });

  test("are put in order, of a log that is written when answers end", async () => {
    const line = (ended: number, tookSeconds: number): string =>
      `${START / 1000 + ended} ${tookSeconds} GET /${ended}\n`;
    const fields = parseFields("$msec $request_time $request_method $request_uri");
    const { requests, report } = await readAll([line(10, 1) + line(11, 11) + line(12, 0)], { fields });
    expect(requests.map(({ time, target }) => [(time - START) / 1000, target])).toEqual([
      [0, "/11"],
      [9, "/10"],
      [12, "/12"],
    ]);
    expect(report.faults).toEqual([]);
  });
});

test("of a HAR, what no server is asked for is left out and counted, also where it is read strictly", async () => {
  const urls = [
    "data:text/css,a",
    "https://a.example/1",
    "blob:https://a.example/x",
    "wss://a.example/2",
    "about:blank",
  ];
  const entries = urls.map((url) => ({ startedDateTime: "2030-01-01T00:00:00Z", request: { method: "GET", url } }));
  const { requests, report } = await readAll([JSON.stringify({ log: { entries } })], { isStrict: true });
  expect(targets(requests)).toEqual(["/1", "/2"]);
  expect(report.lines).toBe(2);
  expect(report.faults).toMatchObject([
    { kind: "not-http", count: 3, examples: [{ line: 1 }, { line: 3 }, { line: 5 }] },
  ]);
});

test("many logs are one, in the order of their times", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(fc.nat({ max: 999 }), { minLength: 1, maxLength: 30 }), { minLength: 1, maxLength: 5 }),
      async (logs) => {
        const sorted = logs.map((seconds) => seconds.toSorted((a, b) => a - b));
        const contents = sorted.map((seconds, i) => seconds.map((second) => ndjson(second, `/${i}`)).join(""));
        const { requests } = await readAll(contents);
        // Of equal times the log that is named first goes first, and each log stays in its order.
        const expected = sorted
          .flatMap((seconds, i) => seconds.map((second) => ({ second, target: `/${i}` })))
          .toSorted((a, b) => a.second - b.second);
        expect(requests.map(({ time, target }) => ({ second: (time - START) / 1000, target }))).toEqual(expected);
      },
    ),
    { numRuns: 20 },
  );
});

test("a log that is not there is an error that says so", async () => {
  const batches = readLog(["/nowhere/access.log"]).batches[Symbol.asyncIterator]();
  await expect(batches.next()).rejects.toMatchObject({
    code: "HG_LOG_UNREADABLE",
    message: "/nowhere/access.log: there is no such file",
  });
});
