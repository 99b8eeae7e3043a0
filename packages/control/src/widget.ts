import { HeadgateError } from "@headgate/core";
import type { TokenRow } from "@headgate/storage";
import { faultOfForeignId } from "./plain-text.ts";

const LONGEST_ID = 200;

/** What a widget token shows of its account's events: one actor's, one target's, or, bound to neither, all of them. */
export interface Widget {
  /** Only what this actor did; its id as the events have it. */
  readonly actor?: string;
  /** Only what was done to this target. */
  readonly target?: string;
}

const UNBOUND: Widget = Object.freeze({});

/** What the token shows. Undefined of a token that is no widget's. */
export function widgetOf({ kind, actor, target }: TokenRow): Widget | undefined {
  if (kind !== "widget") return undefined;
  if (actor !== null) return Object.freeze({ actor });
  return target === null ? UNBOUND : Object.freeze({ target });
}

/** Throws `HG_WIDGET_INVALID` where a token of that kind cannot be bound so. */
export function checkWidget(
  kind: TokenRow["kind"],
  { actor, target }: { actor?: string | undefined; target?: string | undefined },
): void {
  if (actor === undefined && target === undefined) return;
  if (kind !== "widget") throw invalid("Only a widget's token can be bound to an actor or a target.");
  if (actor !== undefined && target !== undefined) {
    throw invalid("A widget's token is bound to one actor or one target, not to both.");
  }
  const fault = faultOfForeignId((actor ?? target) as string, LONGEST_ID);
  if (fault !== undefined) throw invalid(`The ${actor === undefined ? "target" : "actor"} ${fault}.`);
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_WIDGET_INVALID", message);
}
