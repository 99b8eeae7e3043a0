import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { describe, expect, test } from "vitest";
import { AddressGuard, ForbiddenHost, hostOf, UnresolvedName } from "../../src/webhooks/address-guard.ts";

const closed = new AddressGuard({ networks: () => [] });

/** What the registries of special addresses (RFC 6890) and the documents they name keep from being anybody's. */
const FORBIDDEN: readonly string[] = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"],
  ...["192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"],
  ...["224.0.0.0/4", "240.0.0.0/4", "255.255.255.255/32", "168.63.129.16/32"],
  ...["::/96", "::1/128", "::ffff:0:0:0/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16"],
  ...["3fff::/20", "4000::/3", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8"],
];

/** Node's own reading of the ranges. */
const forbidden = new BlockList();
for (const range of FORBIDDEN) {
  const [start = "", bits] = range.split("/");
  forbidden.addSubnet(start, Number(bits), isIP(start) === 4 ? "ipv4" : "ipv6");
}

const v4Bytes = fc.uint8Array({ minLength: 4, maxLength: 4 });
const v6Bytes = fc.uint8Array({ minLength: 16, maxLength: 16 });

/** Any address of a range. */
const inForbiddenRange = fc.tuple(fc.constantFrom(...FORBIDDEN), v6Bytes).map(([range, random]) => {
  const [start, bits] = ipaddr.parseCIDR(range);
  const bytes = start.toByteArray().map((byte, i) => {
    const fixed = 0xff & (0xff00 >> Math.min(8, Math.max(0, bits - i * 8)));
    return (byte & fixed) | ((random[i] ?? 0) & ~fixed & 0xff);
  });
  return ipaddr.fromByteArray(bytes);
});

/** The ways an address can be put into IPv6 such that packets for that end up at it. */
const disguises = [
  (v4: ipaddr.IPv4) => v4.toIPv4MappedAddress().toString(),
  (v4: ipaddr.IPv4) => `64:ff9b::${v4}`,
  (v4: ipaddr.IPv4) => `::${v4}`,
  (v4: ipaddr.IPv4) => `::ffff:0:${v4}`,
  (v4: ipaddr.IPv4) => `2002:${v4.toIPv4MappedAddress().toString().split(":").slice(-2).join(":")}::1`,
];

describe("addresses", () => {
  test("of no forbidden range pass, however they are put into IPv6", () => {
    fc.assert(
      fc.property(inForbiddenRange, (address) => {
        expect(closed.allows(address.toString())).toBe(false);
        if (address.kind() === "ipv6") expect(closed.allows((address as ipaddr.IPv6).toNormalizedString())).toBe(false);
        else for (const disguise of disguises) expect(closed.allows(disguise(address as ipaddr.IPv4))).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  test("of IPv4 pass just where no range holds them, also when they are translated", () => {
    const registered = new Set(["as112", "amt"]);
    fc.assert(
      fc.property(v4Bytes, (bytes) => {
        const address = new ipaddr.IPv4([...bytes]);
        fc.pre(!registered.has(address.range()));
        const isFree = !forbidden.check(address.toString());
        expect(closed.allows(address.toString())).toBe(isFree);
        expect(closed.allows(`64:ff9b::${address}`)).toBe(isFree);
        expect(closed.allows(`::ffff:${address}`)).toBe(isFree);
      }),
      { numRuns: 2_000 },
    );
  });

  test("of the internet pass", () => {
    const addresses = [
      "1.1.1.1",
      "8.8.8.8",
      "93.184.215.14",
      "172.32.0.1",
      "100.128.0.1",
      "2606:4700::1",
      "2a00:1450::1",
    ];
    for (const address of addresses) expect(closed.allows(address), address).toBe(true);
  });

  test("that are none do not pass", () => {
    for (const text of ["", "localhost", "1.1.1", "0x01010101", "1.1.1.1:80", "[2606:4700::1]", "fe80::1%eth0"]) {
      expect(closed.allows(text), text).toBe(false);
    }
  });

  test("of a network that the policy opens pass, and of no other", () => {
    let networks = ["10.1.0.0/16", "fd00:1::/32"];
    const guard = new AddressGuard({ networks: () => networks });
    for (const address of ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::10.1.2.3", "fd00:1::1"]) {
      expect(guard.allows(address), address).toBe(true);
    }
    for (const address of ["10.2.0.1", "fd00:2::1", "127.0.0.1"]) expect(guard.allows(address), address).toBe(false);
    networks = [];
    expect(guard.allows("10.1.2.3")).toBe(false);
  });
});

test.each([
  ...[
    "http://127.0.0.1",
    "http://127.1",
    "http://0x7f.1",
    "http://0177.0.0.01",
    "http://2130706433",
    "http://0x7f000001",
  ],
  ...[
    "http://017700000001",
    "http://127.0.0.1.",
    "http://%31%32%37.0.0.1",
    "http://１２７。０。０。１",
    "http://①②⑦.0.0.1",
  ],
  ...[
    "http://0",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::1]",
    "http://[0:0:0:0:0:0:0:1]",
    "http://[::ffff:127.0.0.1]",
  ],
  ...["http://[::ffff:7f00:1]", "http://[::127.0.0.1]", "http://[64:ff9b::7f00:1]", "http://[64:ff9b:1::1]"],
  ...[
    "http://[2002:7f00:1::]",
    "http://[2001:0:7f00:1::]",
    "http://[fe80::1]",
    "http://[fec0::1]",
    "http://[fd00:ec2::254]",
  ],
  ...["http://169.254.169.254", "http://0xa9fea9fe", "http://169.254.43518", "http://[::ffff:a9fe:a9fe]"],
  ...[
    "http://100.100.100.200",
    "http://168.63.129.16",
    "http://192.0.0.192",
    "http://10.0.0.1",
    "http://172.31.255.255",
  ],
  ...[
    "http://192.168.0.1:8080",
    "http:\\\\127.0.0.1",
    "http:127.0.0.1",
    "http://localhost",
    "http://LOCALHOST.",
    "http://a.localhost",
  ],
  ...["http://metadata.google.internal", "http://printer.local", "http://ｌｏｃａｌｈｏｓｔ"],
])("%s is refused before anything is asked for", (text) => {
  expect(() => closed.check(hostOf(new URL(text)))).toThrow(ForbiddenHost);
});

describe("names", () => {
  const addresses: Record<string, string[]> = {
    "hooks.test": ["93.184.215.14", "2606:4700::1"],
    "inside.test": ["10.0.0.1"],
    "half.test": ["93.184.215.14", "::ffff:127.0.0.1"],
    "odd.test": ["not an address"],
    "shop.internal": ["10.0.0.2"],
  };
  const resolve = async (name: string) => addresses[name] ?? [];
  const guard = new AddressGuard({ networks: () => [], resolve });

  test("that lead to the internet have their addresses", async () => {
    expect(await guard.addressesOf("hooks.test")).toEqual(addresses["hooks.test"]);
  });

  test("of which one address is forbidden are forbidden", async () => {
    for (const name of ["inside.test", "half.test", "odd.test"]) {
      await expect(guard.addressesOf(name), name).rejects.toThrow(ForbiddenHost);
    }
  });

  test("that lead inside do not tell where", async () => {
    await expect(guard.addressesOf("inside.test")).rejects.toThrow(
      "the name inside.test leads to an address that webhooks may not go to",
    );
  });

  test("without an address do not resolve", async () => {
    await expect(guard.addressesOf("nowhere.test")).rejects.toThrow(UnresolvedName);
  });

  test("of a private network are judged by their addresses where the policy opens networks", async () => {
    const opened = new AddressGuard({ networks: () => ["10.0.0.0/24"], resolve });
    expect(await opened.addressesOf("shop.internal")).toEqual(["10.0.0.2"]);
    const other = new AddressGuard({ networks: () => ["10.9.0.0/24"], resolve });
    await expect(other.addressesOf("shop.internal")).rejects.toThrow(ForbiddenHost);
  });

  test("are looked up for sockets that want all addresses, and for those that want one", async () => {
    const look = (all: boolean) =>
      new Promise((done) => guard.lookup("hooks.test", { all }, (...answer) => done(answer)));
    expect(await look(true)).toEqual([
      null,
      [
        { address: "93.184.215.14", family: 4 },
        { address: "2606:4700::1", family: 6 },
      ],
    ]);
    expect(await look(false)).toEqual([null, "93.184.215.14", 4]);
  });
});

test("localhost is this machine without asking anybody", async () => {
  const guard = new AddressGuard({ networks: () => ["127.0.0.0/8"] });
  expect(await guard.addressesOf("localhost")).toEqual(["127.0.0.1"]);
});
