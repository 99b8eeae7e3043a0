import { expect, test } from "vitest";
import { NdjsonFormat } from "../../src/log/ndjson.ts";

function read(line: string, headersWanted?: ReadonlySet<string>): unknown {
  const bytes = Buffer.from(line);
  return new NdjsonFormat(headersWanted).read(bytes, 0, bytes.length);
}

test("a line of NDJSON tells all that a request has", () => {
  const line = `{"time":"2030-01-01T00:00:00.500Z","method":"get","path":"/v1?a=b","ip":"192.0.2.1",
    "headers":{"Authorization":"Bearer x","X-Many":["a","b"]},"bytes":12,"status":201,"duration":3.5,"more":{}}`;
  expect(read(line)).toEqual({
    time: 1893456000500,
    method: "GET",
    target: "/v1?a=b",
    ip: "192.0.2.1",
    headers: { authorization: "Bearer x", "x-many": "a, b" },
    bytes: 12,
    status: 201,
    durationMs: 3.5,
  });
  expect(read(line, new Set(["x-many"]))).toMatchObject({ headers: { "x-many": "a, b" } });
});

test.each([
  ["1893456000500", 1893456000500],
  ["1893456000500.9", 1893456000500],
  ['"2030-01-01T00:00:00.5Z"', 1893456000500],
  ['"2030-01-01T01:00:00.5+01:00"', 1893456000500],
  ['"2030-01-01T00:00:00.500"', 1893456000500],
])("times are epoch ms, or ISO 8601 and in UTC unless they say otherwise: %s", (time, epochMs) => {
  expect(read(`{"time":${time},"method":"GET","path":"/"}`)).toMatchObject({ time: epochMs });
});

test.each([
  ["{", "it is not JSON"],
  ["[]", "it is not a JSON object"],
  ["null", "it is not a JSON object"],
  ['{"method":"GET","path":"/"}', '"time" is missing'],
  ['{"time":"yesterday","method":"GET","path":"/"}', '"time" is neither ISO 8601 nor epoch ms'],
  ['{"time":-1,"method":"GET","path":"/"}', '"time" is neither ISO 8601 nor epoch ms'],
  ['{"time":8.64e15,"method":"GET","path":"/"}', '"time" is neither ISO 8601 nor epoch ms'],
  ['{"time":1e300,"method":"GET","path":"/"}', '"time" is neither ISO 8601 nor epoch ms'],
  ['{"time":1,"path":"/"}', '"method" is missing, or not a text'],
  ['{"time":1,"method":"GET","path":7}', '"path" is missing, or not a text'],
  ['{"time":1,"method":"GET","path":"/","ip":7}', '"ip" is not an address'],
  ['{"time":1,"method":"GET","path":"/","ip":"nonsense"}', '"ip" is not an address'],
  ['{"time":1,"method":"GET","path":"/","ip":"192.0.2.256"}', '"ip" is not an address'],
  ['{"time":1,"method":"GET","path":"/","ip":"2001:db8::g"}', '"ip" is not an address'],
  ['{"time":1,"method":"GET","path":"/","ip":""}', '"ip" is not an address'],
  ['{"time":1,"method":"GET","path":"/","bytes":-1}', '"bytes" is not a whole number'],
  ['{"time":1,"method":"GET","path":"/","status":"200"}', '"status" is not a whole number'],
  ['{"time":1,"method":"GET","path":"/","duration":"1s"}', '"duration" is not a number of ms'],
])("a line that tells no request says why: %s", (line, why) => {
  expect(read(line)).toBe(why);
});

test.each(["192.0.2.1", "192.0.2.1:443", "2001:db8::1", "[2001:db8::1]:443", "fe80::1%eth0", "::ffff:192.0.2.1"])(
  "an address is taken as a gate would read it: %s",
  (ip) => {
    expect(read(JSON.stringify({ time: 1, method: "GET", path: "/", ip }))).toMatchObject({ ip });
  },
);

test("a header called like something that objects have is a header like any other", () => {
  const request = read('{"time":1,"method":"GET","path":"/","headers":{"__proto__":"a","constructor":"b"}}');
  expect(Object.keys((request as { headers: object }).headers)).toEqual(["__proto__", "constructor"]);
});
