import { type MessagePort, parentPort } from "node:worker_threads";
import { STORAGE_ERRORS, type StorageErrorCode } from "../errors.ts";
import type { Fault } from "../transaction.ts";
import { failed } from "./sqlite-fault.ts";

/** What a thread answers, in the order of what it was asked. Its first answer says whether it has opened. */
export type Reply = { readonly value: unknown } | { readonly fault: Fault };

/** What a thread is asked: its own kind of work, or `close`. */
export type Ask<Work> = { readonly work: Work } | "close";

/** A database thread's whole life: opens, answers what it is asked, and closes. */
export interface Service<Work> {
  work(work: Work): unknown;
  close(): void;
}

/** Runs a service in this thread, until it is asked to close. */
export async function serve<Work>(open: () => Service<Work> | Promise<Service<Work>>): Promise<void> {
  const port = parentPort as MessagePort;
  let service: Service<Work>;
  try {
    service = await open();
  } catch (error) {
    port.postMessage({ fault: toFault(error) } satisfies Reply);
    return;
  }
  port.on("message", (ask: Ask<Work>) => {
    port.postMessage(answer(service, ask));
    if (ask === "close") port.close();
  });
  port.postMessage({ value: undefined } satisfies Reply);
}

function answer<Work>(service: Service<Work>, ask: Ask<Work>): Reply {
  try {
    return { value: ask === "close" ? service.close() : service.work(ask.work) };
  } catch (error) {
    return { fault: toFault(error) };
  }
}

/** Errors lose their code on the way between threads. */
function toFault(error: unknown): Fault {
  if (error instanceof Error && "code" in error && isStorageCode(error.code)) {
    return { code: error.code, message: error.message };
  }
  return failed(error);
}

function isStorageCode(code: unknown): code is StorageErrorCode {
  return typeof code === "string" && Object.hasOwn(STORAGE_ERRORS, code);
}
