import { expect, test } from "vitest";
import { exchangeRaw } from "./raw-connection.ts";
import { startRig } from "./rig.ts";

// CGI and WSGI have one variable for `X-Api-Key` and `X_Api_Key`: the upstream would see a caller that nobody counted.
test("what some servers take for a header that the policy reads does not reach the upstream", async () => {
  const rig = await startRig({
    policy: `
callers: { api-key: { header: X-Api-Key }, tenant: { header: tenant_id } }
limits: [{ name: gold, match: { headers: { x-tier: gold } }, per: [], quota: 1, window: 1m }]`,
  });
  await exchangeRaw(
    rig.port,
    "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX_Api_Key: k\r\nx.api_key: k\r\nTenant-Id: t\r\nX_Tier: gold\r\n" +
      "X-Api-Key: mine\r\nTenant_Id: mine\r\nX_Other: kept\r\nxapikey: kept\r\n\r\n",
  );
  const { headers = {} } = rig.upstream.seen[0] ?? {};
  expect(headers).toMatchObject({ "x-api-key": "mine", tenant_id: "mine", x_other: "kept", xapikey: "kept" });
  for (const twin of ["x_api_key", "x.api_key", "tenant-id", "x_tier"]) expect(headers).not.toHaveProperty(twin);
});
