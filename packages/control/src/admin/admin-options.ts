import type { IncomingMessage, ServerResponse } from "node:http";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import type { Awaitable } from "@headgate/core";
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from "fastify";
import type { TSchema } from "typebox";
import type { Actor } from "../actor.ts";
import type { Control } from "../control.ts";
import type { ControlLog } from "../control-log.ts";
import type { PolicyOutline } from "../policy-outline.ts";
import type { Enforcement } from "../usage.ts";
import type { DecisionNumbers } from "./decision-metrics.ts";
import type { StoreNumbers } from "./store-metrics.ts";

/** What the admin API is made of. */
export interface AdminOptions {
  readonly control: Control;
  /** Epoch ms. */
  readonly clock: () => number;
  readonly log: ControlLog;
  /** What operators present as `Authorization: Bearer …`. */
  readonly token: string;
  /** Whether requests are wanted: not before the gate listens, and not when it drains. */
  isReady(): boolean;
  /** What is enforced at this moment; undefined where no gate runs in this process. */
  enforcement(): Enforcement | undefined;
  /** What was decided, where a gate runs in this process. Asked for each time that metrics are read. */
  readonly decisions?: (() => DecisionNumbers) | undefined;
  /** What is known of the store, where that is across a network. Asked for each time that metrics are read. */
  readonly store?: (() => Awaitable<StoreNumbers>) | undefined;
  /** The policy that was served last: what it says holds where nothing is enforced. */
  readonly lastPolicy?: PolicyOutline | undefined;
  /** Who the audit says has made the changes; `admin` where nothing is said. */
  readonly actor?: Actor;
  /** What other packages have under `/admin/v1`. */
  readonly routes?: readonly AdminRoutes[] | undefined;
}

/** What every route has at hand. */
export interface AdminContext extends AdminOptions {
  readonly actor: Actor;
}

/** The app that routes are added to. */
export type AdminApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Routes under `/admin/v1`: behind the token, in the description, answered and logged as all others are. */
export interface AdminRoutes {
  /** What their answers are made of, each with a name of its own (`$id`) in the description. */
  readonly schemas: readonly TSchema[];
  /** The app is theirs alone: an error handler that is set holds for them, and what it throws is answered as elsewhere. */
  add(app: AdminApp, context: AdminContext): void;
}
