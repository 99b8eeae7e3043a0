import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "../temporary-folder.ts";

/** HTTPS in front of a gate, on a port of 127.0.0.1 until the test ends, with a certificate of its own. */
export async function startTlsFront(url: string): Promise<{ port: number; certificateFile: string }> {
  const pem = selfSigned("127.0.0.1");
  const server = createServer({ key: pem, cert: pem }, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const forwarded = request(new URL(path ?? "/", url), { method, headers }, (response) => {
      // A client that keeps connections would wait for their end before it ends itself.
      outgoing.writeHead(response.statusCode ?? 502, { ...response.headers, connection: "close" });
      response.pipe(outgoing);
    });
    forwarded.on("error", () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const certificateFile = join(await temporaryFolder(), "certificate.pem");
  await writeFile(certificateFile, pem);
  return { port: (server.address() as AddressInfo).port, certificateFile };
}

/** A key and a certificate for an address, as PEM. */
function selfSigned(address: string): string {
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
  const names = ["-subj", "/CN=headgate", "-addext", `subjectAltName=IP:${address}`];
  const args = ["req", "-x509", ...kind, ...names, "-keyout", "-", "-out", "-"];
  const { status, stdout, stderr } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl made no certificate:\n${stderr}`);
  return stdout;
}
