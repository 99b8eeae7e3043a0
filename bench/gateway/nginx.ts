import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own with a configuration, and the command that runs nginx on it in the foreground. */
export function nginxCommand(server: string): string[] {
  const folder = mkdtempSync(join(tmpdir(), "headgate-bench-"));
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_requests 100000000;
  client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
  ${server}
}`,
  );
  return ["nginx", "-c", file, "-p", folder, "-e", `${folder}/error.log`];
}

/** The API behind every candidate: a short JSON answer, from memory. */
export function upstreamServer(port: number): string {
  return `server { listen 127.0.0.1:${port}; default_type application/json; location / { return 200 '{"data":[]}'; } }`;
}

/** nginx as a gate: limit_req and proxy_pass, connections kept alive. */
export function proxyServer(port: number, upstreamPort: number): string {
  return `limit_req_zone $binary_remote_addr zone=all:10m rate=1000000r/s;
  upstream api { server 127.0.0.1:${upstreamPort}; keepalive 128; keepalive_requests 100000000; }
  server { listen 127.0.0.1:${port};
    location / { limit_req zone=all burst=1000000 nodelay; proxy_pass http://api;
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host; } }`;
}
