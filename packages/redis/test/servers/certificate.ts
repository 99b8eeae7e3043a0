import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** A certificate that vouches for itself, on disk, as PEM. */
export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
}

/** Makes a certificate for 127.0.0.1 in a folder, with `openssl`. */
export function makeCertificate(folder: string): Certificate {
  const certificate = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const { certFile, keyFile } = certificate;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", keyFile];
  const names = ["-subj", "/CN=headgate-test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"];
  execFileSync("openssl", ["req", "-x509", "-days", "2", ...key, "-out", certFile, ...names], { stdio: "ignore" });
  return certificate;
}
