import type { StoreNumbers } from "@headgate/control";
import type { BuiltinAnswer, BuiltinRequest } from "../builtin-api.ts";
import type { DecisionCounts } from "../decision-counts.ts";
import type { LimitNotice, NoticeTerm } from "../limit-watch.ts";
import type { ListenOptions } from "../listening.ts";
import type { Records } from "../records.ts";

/** A policy as it is sent to another thread: what it compiles to cannot be. */
export interface PolicySource {
  /** For messages, and for what the policy refers to beside it. */
  readonly file: string;
  readonly text: string;
  /** The texts of the files that it names, by their paths. */
  readonly beside?: Readonly<Record<string, string>> | undefined;
}

/** What a thread with a gate is asked by the main one. */
export type GateCalls = {
  /** Resolves to the port. Rejects with the system's error. */
  listen(where: ListenOptions): Promise<number>;
  /** Resolves to the port of loopback on which an acceptor with this secret is expected. */
  listenForAcceptor(secret: Uint8Array): Promise<number>;
  /** Rejects as `createGateway` does, and then the old policy stays. */
  reload(policy: PolicySource): void;
  /** What this thread has seen of its store. */
  storeNumbers(argument: null): StoreNumbers | undefined;
  /** Resolves when the requests in flight have ended. */
  drain(argument: null): Promise<void>;
};

/** A request for a built-in API, without what only the thread it came to can use. */
export interface SentRequest extends Omit<BuiltinRequest, "identity" | "body"> {
  /** By which the directory finds who is calling. */
  readonly caller: string | undefined;
  readonly body: Uint8Array | undefined;
}

/** Its answer: a body that comes in parts is fetched part by part. */
export type SentAnswer =
  | "unauthenticated"
  | (Omit<BuiltinAnswer, "body"> & { readonly body: string | Uint8Array | SentStream });

/** Names a body that comes in parts. */
export interface SentStream {
  readonly stream: number;
}

type MintArguments = Parameters<Records["tokens"]["mint"]>;
type SuspendArguments = Parameters<Records["suspensions"]["suspend"]>;

/** What the main thread is asked by those with a gate: it has the records, and the built-in API. */
export type DeskCalls = {
  answer(request: SentRequest): SentAnswer | Promise<SentAnswer>;
  /** The next part of a body; undefined after the last. */
  nextPart(stream: SentStream): Promise<string | Uint8Array | undefined>;
  /** Nobody wants the rest of it. */
  dropStream(stream: SentStream): void;
  mint(argument: {
    readonly fields: MintArguments[0];
    readonly by: MintArguments[1];
  }): ReturnType<Records["tokens"]["mint"]>;
  suspend(argument: {
    readonly fields: SuspendArguments[0];
    readonly by: SuspendArguments[1];
  }): ReturnType<Records["suspensions"]["suspend"]>;
  noteLimit(argument: { readonly notice: LimitNotice; readonly term: NoticeTerm }): void;
  noteDecisions(counts: DecisionCounts): void;
};
