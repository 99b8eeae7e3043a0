import type { EventRow, Tables } from "@headgate/storage";
import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from "kysely";

/** Which events are meant. All that is given must hold. */
export interface EventFilter {
  /** `user.login`, or with `*` for any characters: `user.*`. */
  readonly type?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  /** Epoch ms of the event's own time, both inclusive. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Found in the type, the actor, the target or the metadata; the case of ASCII letters does not count. */
  readonly text?: string | undefined;
}

/** Whether a filter leaves anything out. */
export function isSelective(filter: EventFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** The filter as a condition on `events`. */
export function conditionOf(
  filter: EventFilter,
  { eb, and, or }: ExpressionBuilder<Tables, "events">,
): ExpressionWrapper<Tables, "events", SqlBool> {
  const { type, actor, target, from, to, text } = filter;
  const conditions = [];
  if (type !== undefined) {
    conditions.push(type.includes("*") ? like("type", patternOf(type)) : eb("type", "=", type));
  }
  if (actor !== undefined) conditions.push(eb("actor_id", "=", actor));
  if (target !== undefined) conditions.push(eb("target_id", "=", target));
  if (from !== undefined) conditions.push(eb("time", ">=", from));
  if (to !== undefined) conditions.push(eb("time", "<=", to));
  if (text !== undefined) {
    const pattern = `%${escaped(text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()))}%`;
    conditions.push(or(TEXTS.map((column) => sql<SqlBool>`lower(${sql.ref(column)}) like ${pattern} escape '\\'`)));
  }
  return and(conditions);
}

const TEXTS: readonly (keyof EventRow)[] = [
  "type",
  "actor_id",
  "actor_name",
  "target_id",
  "target_type",
  "target_name",
  "metadata",
];

function like(column: keyof EventRow, pattern: string) {
  return sql<SqlBool>`${sql.ref(column)} like ${pattern} escape '\\'`;
}

function patternOf(type: string): string {
  return escaped(type).replaceAll("*", "%");
}

function escaped(text: string): string {
  return text.replaceAll(/[\\%_]/g, "\\$&");
}
