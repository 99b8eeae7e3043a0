import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { slotOf } from "../../src/connect/slot.ts";
import { hasRedis, type RedisServer, startRedis } from "../servers/redis-server.ts";

const server = hasRedis ? await startRedis({ settings: { "cluster-enabled": "yes", "cluster-port": "0" } }) : undefined;
afterAll(() => server?.end());

describe.skipIf(server === undefined)("the slot of a key", () => {
  test("is the one that Redis says, braces or not, in any script", () => {
    const text = fc.string({ unit: fc.constantFrom("{", "}", "a", "é", "漢", "😀", "0", " "), maxLength: 12 });
    const keys = [...fc.sample(text, 300), ...fc.sample(fc.string({ unit: "binary-ascii", minLength: 1 }), 100)]
      .filter((key) => !key.includes("\0"))
      .map((key) => `k${key}`);
    // All in one program: a process for each key would take minutes.
    const program =
      "local slots = {} for index, key in ipairs(ARGV) do slots[index] = redis.call('cluster', 'keyslot', key) end return slots";
    const slots = (server as RedisServer)
      .cli("eval", program, "0", ...keys)
      .split("\n")
      .map(Number);
    expect(keys.map(slotOf)).toEqual(slots);
  });
});

test("keys with the same text between their first braces are of one slot", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string({ minLength: 1 }), (one, other, tag) => {
      fc.pre(!`${one}${other}`.includes("{") && !tag.includes("}"));
      expect(slotOf(`${one}{${tag}}${other}`)).toBe(slotOf(`{${tag}}`));
    }),
  );
});
