import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { afterEach, describe, expect, test, vi } from "vitest";
import { signedHeaders } from "../../src/webhooks/signature.ts";
import { isSecret, mintSecret } from "../../src/webhooks/webhook-secret.ts";
import { START } from "../rig.ts";

const ID = "msg_01k5j8y3m2q4r6s8t0v2w4x6z8";
const BODY = '{"type":"event.created","data":{"name":"é 🎉"}}';

afterEach(() => {
  vi.useRealTimers();
});

/** Whether a receiver with this secret takes it at that time, as the library for receivers says. */
function isTaken(secret: string, headers: Record<string, string>, body: string, now: number): boolean {
  vi.useFakeTimers({ toFake: ["Date"], now });
  try {
    new Webhook(secret).verify(body, headers);
    return true;
  } catch {
    return false;
  }
}

function headersOf(
  secrets: { secret: string; previousSecret?: string; previousUntil?: number },
  body = BODY,
  now = START,
): Record<string, string> {
  const { secret, previousSecret, previousUntil } = secrets;
  return signedHeaders({ secret, previousSecret, previousUntil }, ID, body, now);
}

describe("a signed message", () => {
  const secret = mintSecret();

  test("is taken by receivers, whatever it says", () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 0, max: 999 }), (body, ms) => {
        const headers = headersOf({ secret }, body, START + ms);
        expect(headers["webhook-timestamp"]).toBe(String(START / 1_000));
        expect(isTaken(secret, headers, body, START)).toBe(true);
      }),
    );
  });

  test("is refused where its body, its id, its time or the secret is another", () => {
    const headers = headersOf({ secret });
    expect(isTaken(secret, headers, BODY, START)).toBe(true);
    expect(isTaken(secret, headers, `${BODY} `, START)).toBe(false);
    expect(isTaken(secret, { ...headers, "webhook-id": "msg_2" }, BODY, START)).toBe(false);
    expect(isTaken(secret, { ...headers, "webhook-timestamp": String(START / 1_000 + 1) }, BODY, START)).toBe(false);
    expect(isTaken(mintSecret(), headers, BODY, START)).toBe(false);
  });

  test("is refused when it is 6 minutes old, and taken when it is 4", () => {
    const headers = headersOf({ secret });
    expect(isTaken(secret, headers, BODY, START + 4 * 60_000)).toBe(true);
    expect(isTaken(secret, headers, BODY, START + 6 * 60_000)).toBe(false);
  });
});

test("after a rotation both secrets sign until the old one's end, and then the new one alone", () => {
  const [secret, previousSecret] = [mintSecret(), mintSecret()];
  const rotated = { secret, previousSecret, previousUntil: START + 1_000 };
  const during = headersOf(rotated, BODY, START + 999);
  expect(during["webhook-signature"]).toMatch(/^v1,[\w+/]{43}= v1,[\w+/]{43}=$/);
  expect(isTaken(secret, during, BODY, START)).toBe(true);
  expect(isTaken(previousSecret, during, BODY, START)).toBe(true);
  const after = headersOf(rotated, BODY, START + 1_000);
  expect(isTaken(secret, after, BODY, START)).toBe(true);
  expect(isTaken(previousSecret, after, BODY, START)).toBe(false);
});

describe("a secret", () => {
  test("is new each time, and one that is taken", () => {
    const secrets = Array.from({ length: 100 }, mintSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(isSecret(secret)).toBe(true);
  });

  test("has 24 to 64 bytes", () => {
    for (const [bytes, isTaken] of [
      [23, false],
      [24, true],
      [25, true],
      [64, true],
      [65, false],
    ] as const) {
      expect(isSecret(`whsec_${randomBytes(bytes).toString("base64")}`), String(bytes)).toBe(isTaken);
    }
  });

  test("is written in one way only", () => {
    const base64 = Buffer.alloc(25, 0xfb).toString("base64");
    expect(isSecret(`whsec_${base64}`)).toBe(true);
    for (const other of [
      base64,
      `v1,whsec_${base64}`,
      `WHSEC_${base64}`,
      `whsec_${base64.replaceAll("=", "")}`,
      `whsec_${base64.replaceAll("+", "-").replaceAll("/", "_")}`,
      `whsec_ ${base64}`,
      `whsec_${base64}\n`,
      "whsec_",
      "",
    ]) {
      expect(isSecret(other), other).toBe(false);
    }
  });
});
