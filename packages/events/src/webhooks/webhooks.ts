import type { Statement } from "@headgate/storage";
import type { Route } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { AddressGuard } from "./address-guard.ts";
import { AuditFollower } from "./audit-follower.ts";
import type { Sends } from "./courier.ts";
import { deliveryRoutes } from "./delivery-routes.ts";
import { DeliverySweeper } from "./delivery-sweeper.ts";
import { Dispatcher } from "./dispatcher.ts";
import type { Resolve } from "./name-resolution.ts";
import { type AnnouncedType, Outbox } from "./outbox.ts";
import { Sender } from "./sender.ts";
import { WebhookRegistry } from "./webhook-registry.ts";
import { webhookRoutes } from "./webhook-routes.ts";

export interface WebhooksOptions {
  /** What looks up the addresses of receivers; by default the name servers are asked. */
  readonly resolve?: Resolve | undefined;
  /** What sends messages; by default over HTTP, to where webhooks may go. */
  readonly sender?: Sends | undefined;
  /** Numbers from 0 up to, not including, 1, for the jitter of the schedule. */
  readonly random?: (() => number) | undefined;
}

/** Webhooks: what is on record of them, and the delivering, which goes on behind it. */
export interface Webhooks {
  readonly routes: readonly Route[];
  /** Tells those of an account's webhooks that want it. Resolves when that is on disk. Rejects with `HG_STORAGE_…`. */
  announce(accountId: string, type: AnnouncedType, data: object): Promise<void>;
  /** The same as statements, to go with what is told of in one transaction: ring the commit signal afterwards. */
  messageStatements(accountId: string, type: AnnouncedType, data: object): readonly Statement[];
  /** Looks for what is to be delivered, of one account or of all. */
  wake(accountId?: string): void;
  /** Resolves when nothing that is due is left. */
  settled(): Promise<void>;
  /** Begins no more attempts. */
  drain(): void;
  /** Resolves when the attempts under way have ended. */
  close(): Promise<void>;
}

export function openWebhooks(context: EventsContext, options: WebhooksOptions = {}): Webhooks {
  const { clock, newId, policy, storage } = context;
  const guard = new AddressGuard({ networks: () => policy().webhookNetworks, resolve: options.resolve });
  const http = new Sender({ guard, clock });
  const registry = new WebhookRegistry(context, { guard, sender: http });
  const outbox = new Outbox(context);
  const dispatcher = new Dispatcher(context, options.sender ?? http, options.random ?? Math.random);
  const follower = new AuditFollower(context, outbox);
  const sweeper = new DeliverySweeper(context);
  const wake = (accountId?: string): void => dispatcher.wake(accountId);

  function messageStatements(accountId: string, type: AnnouncedType, data: object): readonly Statement[] {
    const now = clock();
    return outbox.statements({ id: newId("message", now), accountId, type, data }, now);
  }

  return {
    routes: [...webhookRoutes(registry), ...deliveryRoutes(context, { webhooks: registry, wake })],
    async announce(accountId, type, data) {
      await storage.write(messageStatements(accountId, type, data));
      wake(accountId);
    },
    messageStatements,
    wake,
    async settled() {
      await follower.settled();
      await dispatcher.settled();
      await sweeper.settled();
    },
    drain: () => dispatcher.drain(),
    async close() {
      await Promise.all([dispatcher.close(), follower.close(), sweeper.close()]);
      await http.close();
    },
  };
}
