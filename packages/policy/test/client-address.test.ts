import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AddressRange, countedAddress, parseAddress, parseRange } from "../src/address.ts";
import { ClientAddress } from "../src/client-address.ts";

function trusting(...ranges: string[]): ClientAddress {
  return new ClientAddress(
    ranges.map((range) => parseRange(range) as AddressRange),
    64,
  );
}

describe("the client's address", () => {
  const addresses = trusting("10.0.0.0/8", "2001:db8:ffff::/48");

  test("is the peer's where the peer is not trusted, whatever it forwards", () => {
    fc.assert(
      fc.property(fc.string(), (forwardedFor) => {
        expect(addresses.of("203.0.113.9", forwardedFor)).toBe("203.0.113.9");
      }),
    );
  });

  test.each([
    ["198.51.100.7", "198.51.100.7"],
    ["1.1.1.1, 198.51.100.7", "198.51.100.7"],
    ["198.51.100.7, 10.0.0.2", "198.51.100.7"],
    ["10.0.0.3, 10.0.0.2", "10.0.0.3"],
    ["198.51.100.7:4711", "198.51.100.7"],
    ["[2001:db8::1]:4711, 10.0.0.2", "2001:db8::/64"],
    ["::ffff:198.51.100.7", "198.51.100.7"],
    ["198.51.100.7, unknown", "10.0.0.1"],
    ["198.51.100.7, unknown, 10.0.0.2", "10.0.0.2"],
    ["198.51.100.7,", "10.0.0.1"],
    [",", "10.0.0.1"],
    ["", "10.0.0.1"],
    ["0x7f.1", "10.0.0.1"],
    ["127.1", "10.0.0.1"],
    ["010.0.0.9", "10.0.0.1"],
  ])("behind a trusted proxy that forwards %j is %s", (forwardedFor, client) => {
    expect(addresses.of("10.0.0.1", forwardedFor)).toBe(client);
    expect(addresses.of("::ffff:10.0.0.1", forwardedFor)).toBe(client);
  });

  test("is read from the right, over all header lines", () => {
    expect(addresses.of("10.0.0.1", ["1.1.1.1", "198.51.100.7, 10.0.0.2"])).toBe("198.51.100.7");
  });

  test("does not depend on what was put left of the first untrusted hop", () => {
    fc.assert(
      fc.property(fc.string(), fc.ipV4(), (forged, client) => {
        fc.pre(!client.startsWith("10."));
        expect(addresses.of("10.0.0.1", `${forged}, ${client}, 10.9.9.9`)).toBe(client);
      }),
    );
  });

  test("is a whole network for IPv6, and the same however it is written", () => {
    expect(addresses.of("2001:db8:1:2:3:4:5:6", undefined)).toBe("2001:db8:1:2::/64");
    expect(addresses.of("2001:0DB8:0001:0002::", undefined)).toBe("2001:db8:1:2::/64");
    expect(addresses.of("fe80::1%eth0", undefined)).toBe("fe80::/64");
    const byPrefix = (prefix: number) => new ClientAddress([], prefix).of("2001:db8:1:2ff:3::", undefined);
    expect(byPrefix(128)).toBe("2001:db8:1:2ff:3::");
    expect(byPrefix(57)).toBe("2001:db8:1:280::/57");
    expect(byPrefix(1)).toBe("::/1");
  });

  test("is what a peer without one is called", () => {
    expect(addresses.of("unix:", "1.1.1.1")).toBe("unix:");
    expect(addresses.of("", undefined)).toBe("");
  });

  test("stays right when more addresses come than are remembered", () => {
    for (let i = 0; i < 25_000; i++) {
      const address = `172.16.${i >> 8}.${i & 255}`;
      expect(addresses.of(address, undefined)).toBe(address);
    }
    expect(addresses.trusts("10.1.2.3")).toBe(true);
    expect(addresses.trusts("172.16.0.1")).toBe(false);
  });
});

test.each(["10.0.0.0/33", "10/8", "::ffff:10.0.0.0/104", "2001:db8::/129", "10.0.0.0/", "example.org", ""])(
  "%j is not a range of addresses",
  (text) => {
    expect(parseRange(text)).toBeUndefined();
  },
);

test("any address is read back as it was written", () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      expect(parseAddress(address)?.toString()).toBe(address);
      expect(parseAddress(`::ffff:${address}`)?.toString()).toBe(address);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      expect(parseAddress(address)?.toString()).toBe(parseAddress(`[${address}]:443`)?.toString());
      expect(parseAddress(address)).toBeDefined();
    }),
  );
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3::4", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::/64", "2001:db8:1:2::/64"],
  ["2001:db8:1:2::/48", undefined],
  ["192.0.2.0/24", undefined],
  ["localhost", undefined],
  ["", undefined],
])("the address %j that a person writes is counted as %s", (text, counted) => {
  expect(countedAddress(text, 64)).toBe(counted);
  if (counted !== undefined && !text.includes("/")) expect(trusting().of(text, undefined)).toBe(counted);
});
