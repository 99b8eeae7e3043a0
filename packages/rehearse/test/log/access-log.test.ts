import { parseFields } from "@headgate/rehearse";
import { describe, expect, test } from "vitest";
import { COMBINED } from "../../src/log/access-fields.ts";
import { AccessLogFormat } from "../../src/log/access-log.ts";

const TIME = Date.UTC(2000, 9, 10, 20, 55, 36);

function read(line: string, fields = COMBINED, headersWanted?: ReadonlySet<string>): unknown {
  const bytes = Buffer.from(`before${line}after`, "latin1");
  return new AccessLogFormat(fields, headersWanted).read(bytes, 6, bytes.length - 5);
}

describe("a line of an access log", () => {
  test("tells a request, in the combined format", () => {
    const line =
      '198.51.100.7 - frank [10/Oct/2000:13:55:36 -0700] "GET /a?b=c HTTP/1.1" 200 2326 "https://e.example/" "curl/8"';
    expect(read(line)).toEqual({
      time: TIME,
      method: "GET",
      target: "/a?b=c",
      ip: "198.51.100.7",
      status: 200,
      bytes: undefined,
      durationMs: undefined,
      headers: { referer: "https://e.example/", "user-agent": "curl/8" },
    });
  });

  test("may be in the common format, which ends earlier", () => {
    const line = '::1 - - [10/Oct/2000:13:55:36 -0700] "POST / HTTP/1.0" 304 -';
    expect(read(line)).toMatchObject({ time: TIME, method: "POST", target: "/", ip: "::1", status: 304, headers: {} });
  });

  test("keeps only the headers that are wanted", () => {
    const line = '::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1 "-" "curl/8"';
    expect(read(line, COMBINED, new Set(["user-agent"]))).toMatchObject({ headers: { "user-agent": "curl/8" } });
    expect(read(line, COMBINED, new Set())).toMatchObject({ headers: {} });
  });

  test.each([
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a\\x22b HTTP/1.1" 200 1', '/a"b'],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a\\"b HTTP/1.1" 200 1', '/a"b'],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a\\\\b HTTP/1.1" 200 1', "/a\\b"],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "GET /a b HTTP/1.1" 200 1', "/a b"],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "OPTIONS * HTTP/1.1" 200 1', "*"],
  ])("has its target as it was sent: %s", (line, target) => {
    expect(read(line)).toMatchObject({ target });
  });

  test.each([
    ["", "it is not in the format of the log"],
    ["hello", "it is not in the format of the log"],
    ['{"time":1}', "it is not in the format of the log"],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HT', "it is not in the format of the log"],
    [
      '::1 - - [10/Okt/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1',
      "its time is not written as 10/Oct/2000:13:55:36 -0700",
    ],
    [
      '::1 - - [31/Feb/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1',
      "its time is not written as 10/Oct/2000:13:55:36 -0700",
    ],
    [
      '::1 - - [31/Dec/1969:16:59:59 -0700] "GET / HTTP/1.1" 200 1',
      "its time is not written as 10/Oct/2000:13:55:36 -0700",
    ],
    [
      '203.0.113.5, 10.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" 200 1',
      "its address is none; --fields says what lines hold",
    ],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "-" 400 0', "its request is not a method and a path"],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "\\x16\\x03\\x01" 400 0', "its request is not a method and a path"],
    ['::1 - - [10/Oct/2000:13:55:36 -0700] "GET / HTTP/1.1" OK 1', "its status is not a number"],
  ])("is told from one that is none: %s", (line, why) => {
    expect(read(line)).toBe(why);
  });
});

describe("a format of one's own", () => {
  test("is written as nginx's log_format", () => {
    const fields = parseFields(
      '$remote_addr|$msec|$request_method|$request_uri|$status|$content_length|$request_time|"$http_x_api_key"',
    );
    expect(read('192.0.2.1|1893456000.123|PUT|/v1/x|201|77|0.250|"k\\x20y"', fields)).toEqual({
      // 0.25 s before: nginx writes when the answer had ended.
      time: 1893455999873,
      method: "PUT",
      target: "/v1/x",
      ip: "192.0.2.1",
      status: 201,
      bytes: 77,
      durationMs: 250,
      headers: { "x-api-key": "k y" },
    });
  });

  test("may tell times in ISO 8601, and begin with a text", () => {
    const fields = parseFields('access: $time_iso8601 "$request"');
    expect(read('access: 2030-01-01T00:00:00+00:00 "GET / HTTP/1.1"', fields)).toMatchObject({ time: 1893456000000 });
    expect(read('error: 2030-01-01T00:00:00+00:00 "GET / HTTP/1.1"', fields)).toBe(
      "it is not in the format of the log",
    );
  });

  test.each([
    ['$remote_addr "$request"', "no field tells the time: $time_local, $time_iso8601 or $msec"],
    ["$msec $status", "no field tells what was asked for: $request, or $request_method and $request_uri"],
    ["$msec$status $request", "nothing stands between $msec and the next field"],
    ["", "no field tells the time: $time_local, $time_iso8601 or $msec"],
  ])("that cannot be read is refused: %s", (format, why) => {
    expect(() => parseFields(format)).toThrow(
      expect.objectContaining({ code: "HG_LOG_FIELDS", message: expect.stringContaining(why) }),
    );
  });
});
