import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

// An API that takes batches of numbered items and has bad days: it refuses, fails before and after it has taken a batch,
// does not answer, takes batches in part, and none that is large. It keeps what it took, and under which idempotency key, in
// the file that it is given, so that it can be killed and started again. Prints its port.

/** A batch that was taken. */
export interface TakenBatch {
  readonly idempotencyKey: string;
  readonly body: string;
  readonly taken: readonly NumberedItem[];
  readonly answer: object;
}

export interface NumberedItem {
  readonly key: string;
  readonly n: number;
  readonly isBad?: boolean;
}

const LARGEST_BODY = 8_000;

/** What was taken, in order. */
export function readTaken(file: string): TakenBatch[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

function serve(file: string, port: number): void {
  const known = new Map(readTaken(file).map((batch) => [batch.idempotencyKey, batch]));
  let calls = 0;

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = ++calls;
    const body = await text(request);
    if (body.length > LARGEST_BODY) return send(response, 413);
    if (call % 60 === 7) return send(response, 429, {}, { "retry-after": "1" });
    if (call % 11 === 3) return send(response, 503);
    if (call % 37 === 5) return;
    const idempotencyKey = String(request.headers["idempotency-key"]);
    const before = known.get(idempotencyKey);
    if (before) return before.body === body ? send(response, 200, before.answer) : send(response, 422);
    const batch = take(idempotencyKey, body, call % 7 === 2);
    appendFileSync(file, `${JSON.stringify(batch)}\n`);
    known.set(idempotencyKey, batch);
    if (call % 41 === 9) return;
    if (call % 13 === 6) return void request.socket.destroy();
    send(response, 200, batch.answer);
  };

  const server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  server.listen(port, "127.0.0.1", () => console.log((server.address() as AddressInfo).port));
}

/** Bad items never; when it is busy, nothing of the first item's key. */
function take(idempotencyKey: string, body: string, isBusy: boolean): TakenBatch {
  const items = (JSON.parse(body) as { events: NumberedItem[] }).events;
  const rejections = items.flatMap(({ key, isBad }, index): { index: number; [field: string]: unknown }[] => {
    if (isBad) return [{ index, field: "isBad", reason: "is true" }];
    return isBusy && key === items[0]?.key ? [{ index, retry: true, reason: "the key is busy" }] : [];
  });
  const rejected = new Set(rejections.map(({ index }) => index));
  const taken = items.filter((_, index) => !rejected.has(index)).map(({ key, n }) => ({ key, n }));
  return { idempotencyKey, body, taken, answer: { accepted: taken.length, rejected: rejected.size, rejections } };
}

function send(response: ServerResponse, status: number, body: object = {}, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

if (import.meta.main) serve(process.argv[2] as string, Number(process.argv[3]));
