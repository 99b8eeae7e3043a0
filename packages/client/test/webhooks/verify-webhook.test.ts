import { createHmac, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { RawBody } from "../../src/webhooks/raw-body.ts";
import type { WebhookHeaders } from "../../src/webhooks/signed-headers.ts";
import { type VerifyWebhookOptions, verifyWebhook } from "../../src/webhooks/verify-webhook.ts";
import { WebhookError } from "../../src/webhooks/webhook-error.ts";

const NOW = Date.parse("2031-01-01T00:00:00.500Z");
const MINUTE_MS = 60_000;
const BODY = '{"type":"event.created","timestamp":"2031-01-01T00:00:00Z","data":{"name":"é 🎉"}}';
const SECRET = secretOf(32);

function secretOf(bytes: number): string {
  return `whsec_${randomBytes(bytes).toString("base64")}`;
}

/** The headers of a message as the library for senders signs it. */
function signed(body = BODY, { secret = SECRET, at = NOW, id = "msg_1" } = {}): Record<string, string> {
  return {
    "webhook-id": id,
    "webhook-timestamp": String(Math.floor(at / 1000)),
    "webhook-signature": new Webhook(secret).sign(id, new Date(at), body),
  };
}

/** The code that a message is refused with; undefined where it is taken. */
async function refusal(
  source: Request | { headers: WebhookHeaders; body: RawBody },
  secret: string | readonly string[] = SECRET,
  options: VerifyWebhookOptions = {},
): Promise<string | undefined> {
  try {
    await verifyWebhook(source, secret, { now: NOW, ...options });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(WebhookError);
    return (error as WebhookError).code;
  }
}

describe("a message that was signed", () => {
  test("is taken from a Request, and read", async () => {
    const request = new Request("http://x/", { method: "POST", headers: signed(), body: BODY });
    expect(await verifyWebhook(request, SECRET, { now: NOW })).toEqual({
      id: "msg_1",
      timestamp: NOW - 500,
      payload: JSON.parse(BODY),
    });
  });

  test.for([
    ["text", BODY],
    ["a Buffer", Buffer.from(BODY)],
    ["bytes", new TextEncoder().encode(BODY)],
    ["an ArrayBuffer", new TextEncoder().encode(BODY).buffer],
    ["a stream of Node's", Readable.from(Buffer.from(BODY))],
    ["a stream of text", Readable.from(BODY)],
  ] as const)("is taken with its body as %s", async ([, body]) => {
    expect(await refusal({ headers: signed(), body })).toBe(undefined);
  });

  test("is taken with its headers as Node has them, in any case", async () => {
    const headers = Object.fromEntries(Object.entries(signed()).map(([name, value]) => [name.toUpperCase(), value]));
    expect(await refusal({ headers: { ...headers, other: ["a", "b"] }, body: BODY })).toBe(undefined);
  });

  test("is taken with headers of a library's own class", async () => {
    const all = new Headers(signed());
    const headers = { get: (name: string) => all.get(name) } as Headers;
    expect(await refusal({ headers, body: BODY })).toBe(undefined);
    expect(await refusal({ headers: { ...signed(), get: "text" }, body: BODY })).toBe(undefined);
  });

  test("is taken whatever it says, as the library for receivers takes it", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.json(),
        fc.string({ minLength: 1, unit: fc.constantFrom(..."abz09_-/") }),
        async (body, id) => {
          expect(await refusal({ headers: signed(body, { id }), body })).toBe(undefined);
        },
      ),
    );
  });
});

describe("a message is refused", () => {
  test("where anything that is signed is another", async () => {
    const headers = signed();
    const other = { "webhook-id": "msg_2", "webhook-timestamp": String(Math.floor(NOW / 1000) + 1) };
    for (const [name, value] of Object.entries(other)) {
      expect(await refusal({ headers: { ...headers, [name]: value }, body: BODY })).toBe("HG_WEBHOOK_SIGNATURE");
    }
    expect(await refusal({ headers, body: `${BODY} ` })).toBe("HG_WEBHOOK_SIGNATURE");
    expect(await refusal({ headers, body: JSON.stringify(JSON.parse(BODY), null, 1) })).toBe("HG_WEBHOOK_SIGNATURE");
    expect(await refusal({ headers, body: BODY }, secretOf(32))).toBe("HG_WEBHOOK_SIGNATURE");
  });

  test("with any one character of its signature changed", async () => {
    const headers = signed();
    const signature = headers["webhook-signature"] as string;
    for (let at = 0; at < signature.length; at++) {
      const changed = signature.slice(0, at) + (signature[at] === "A" ? "B" : "A") + signature.slice(at + 1);
      expect(await refusal({ headers: { ...headers, "webhook-signature": changed }, body: BODY })).toBe(
        "HG_WEBHOOK_SIGNATURE",
      );
    }
  });

  test("when it is more than five minutes from now, before and after", async () => {
    const at = (ms: number): Promise<string | undefined> =>
      refusal({ headers: signed(BODY, { at: NOW + ms }), body: BODY });
    expect(await at(-5 * MINUTE_MS + 500)).toBe(undefined);
    expect(await at(-5 * MINUTE_MS - 1000)).toBe("HG_WEBHOOK_TIME");
    expect(await at(5 * MINUTE_MS)).toBe(undefined);
    expect(await at(5 * MINUTE_MS + 1000)).toBe("HG_WEBHOOK_TIME");
    expect(await refusal({ headers: signed(), body: BODY }, SECRET, { toleranceMs: Number.NaN })).toBe(
      "HG_WEBHOOK_TIME",
    );
  });

  test.for([
    ["webhook-id", undefined],
    ["webhook-id", ""],
    ["webhook-id", "msg.1"],
    ["webhook-id", "msg 1"],
    ["webhook-id", ["msg_1", "msg_1"]],
    ["webhook-timestamp", undefined],
    ["webhook-timestamp", "now"],
    ["webhook-timestamp", "1.5e9"],
    ["webhook-timestamp", "-1"],
    ["webhook-timestamp", "9".repeat(13)],
    ["webhook-signature", undefined],
  ] as const)("with %s being %j", async ([name, value]) => {
    expect(await refusal({ headers: { ...signed(), [name]: value }, body: BODY })).toBe("HG_WEBHOOK_UNSIGNED");
  });

  test.for(["v1,", "v1", "v1a,AAAA", "v2,AAAA", "v1,%%%", `v1,${"A".repeat(64)}`, " ", "v1,AAAA v1,BBBB"])(
    "with signatures that are none: %j",
    async (signature) => {
      const headers = { ...signed(), "webhook-signature": signature };
      expect(await refusal({ headers, body: BODY })).toBe("HG_WEBHOOK_SIGNATURE");
    },
  );

  test("with 413 when its body is larger than it may be, and the rest is not read", async () => {
    let pulled = 0;
    const body = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(1000));
      },
    });
    const request = new Request("http://x/", { method: "POST", headers: signed(), body, duplex: "half" });
    const error = await verifyWebhook(request, SECRET, { now: NOW, maxBytes: 10_000 }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "HG_WEBHOOK_TOO_LARGE", status: 413 });
    expect(pulled).toBeLessThan(20);
    expect(await refusal({ headers: signed(), body: BODY }, SECRET, { maxBytes: 10 })).toBe("HG_WEBHOOK_TOO_LARGE");
  });

  test("by the clock as it is set now, and not as it was when the process began", async () => {
    onTestFinished(() => void vi.useRealTimers());
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    await verifyWebhook({ headers: signed(), body: BODY }, SECRET);
    vi.setSystemTime(NOW + 6 * MINUTE_MS);
    await expect(verifyWebhook({ headers: signed(), body: BODY }, SECRET)).rejects.toMatchObject({
      code: "HG_WEBHOOK_TIME",
    });
  });

  test("when it is signed, but is not JSON in UTF-8", async () => {
    expect(await refusal({ headers: signed("{"), body: "{" })).toBe("HG_WEBHOOK_JSON");
    expect(await refusal({ headers: signed(""), body: "" })).toBe("HG_WEBHOOK_JSON");
  });
});

test("what the receiver did wrong is told to it, with 500: a body that is parsed, or read already", async () => {
  for (const body of [JSON.parse(BODY), undefined]) {
    const error = await verifyWebhook({ headers: signed(), body }, SECRET, { now: NOW }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ code: "HG_WEBHOOK_BODY", status: 500 });
  }
  const request = new Request("http://x/", { method: "POST", headers: signed(), body: BODY });
  await request.text();
  expect(await refusal(request)).toBe("HG_WEBHOOK_BODY");
});

test("a message is taken or refused as the library for receivers does, whatever its time, signatures and body", async () => {
  const now = NOW - 500;
  const others = ["v1,", "v1", "v1a,x", "", `v1,${randomBytes(32).toString("base64")}`];
  const signatures = fc.array(fc.constantFrom("right", ...others), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      signatures,
      fc.integer({ min: -400, max: 400 }),
      fc.boolean(),
      async (given, seconds, isChanged) => {
        const right = signed(BODY, { at: now + seconds * 1000 });
        const list = given.map((each) => (each === "right" ? (right["webhook-signature"] as string) : each)).join(" ");
        const headers = { ...right, "webhook-signature": list };
        const body = isChanged ? `${BODY}\n` : BODY;
        const isTaken = (await refusal({ headers, body }, SECRET, { now })) === undefined;
        vi.useFakeTimers({ toFake: ["Date"], now });
        try {
          if (isTaken) expect(new Webhook(SECRET).verify(body, headers)).toEqual(JSON.parse(BODY));
          else expect(() => new Webhook(SECRET).verify(body, headers)).toThrow();
        } finally {
          vi.useRealTimers();
        }
      },
    ),
    { numRuns: 300 },
  );
});

describe("secrets", () => {
  test("may be several while one is replaced, on either side", async () => {
    const [old, next] = [secretOf(24), secretOf(64)];
    const both = [old, next].map((secret) => signed(BODY, { secret })["webhook-signature"]);
    const headers = { ...signed(), "webhook-signature": `v1a,x ${both.join(" ")}` };
    for (const secret of [old, next, [SECRET, next]])
      expect(await refusal({ headers, body: BODY }, secret)).toBe(undefined);
    expect(await refusal({ headers: signed(BODY, { secret: old }), body: BODY }, [next, old])).toBe(undefined);
  });

  const key = randomBytes(33);
  test.for([
    ["short ones", secretOf(23)],
    ["long ones", secretOf(65)],
    ["ones without the prefix", SECRET.slice(6)],
    ["ones with the version before", `v1,${SECRET}`],
    ["base64 for URLs", `whsec_${Buffer.from(key.fill(255)).toString("base64url")}`],
    ["base64 without its padding", `whsec_${key.subarray(0, 32).toString("base64").replace("=", "")}`],
    ["nothing", ""],
  ] as const)("are never %s, and the error does not show them", async ([, secret]) => {
    const error = await verifyWebhook({ headers: signed(), body: BODY }, secret).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "HG_WEBHOOK_SECRET", status: 500 });
    if (secret !== "") expect((error as Error).message).not.toContain(secret.slice(-8));
  });

  test("are needed: with none at all every message is refused", async () => {
    expect(await refusal({ headers: signed(), body: BODY }, [])).toBe("HG_WEBHOOK_SIGNATURE");
  });
});

test("no more than eight signatures are looked at", async () => {
  const right = signed()["webhook-signature"] as string;
  const wrong = `v1,${createHmac("sha256", "wrong").update("").digest("base64")}`;
  const headersWith = (count: number) => ({
    ...signed(),
    "webhook-signature": [...Array(count).fill(wrong), right].join(" "),
  });
  expect(await refusal({ headers: headersWith(7), body: BODY })).toBe(undefined);
  expect(await refusal({ headers: headersWith(8), body: BODY })).toBe("HG_WEBHOOK_SIGNATURE");
});
