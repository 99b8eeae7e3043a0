import type { FastifyRequest } from "fastify";
import { type Fault, Refusal } from "./refusal.ts";

/**
 * Refuses text that no database keeps as it is: with NUL, which PostgreSQL does not take, or half a character of UTF-16.
 * For requests that fit their schema, and so are no deeper than that.
 */
export async function refuseUnstorableText({ body, query, params }: FastifyRequest): Promise<void> {
  refuse(
    "HG_ADMIN_BODY",
    faultsIn(body, (path) => ({ pointer: `#${path}`, detail: DETAIL })),
  );
  for (const part of [query, params]) {
    refuse(
      "HG_ADMIN_QUERY",
      faultsIn(part, (path) => ({ parameter: path.slice(1), detail: DETAIL })),
    );
  }
}

const DETAIL = "holds NUL or half a character";

function refuse(code: "HG_ADMIN_BODY" | "HG_ADMIN_QUERY", faults: readonly Fault[]): void {
  if (faults.length > 0) throw new Refusal(code, `A text ${DETAIL}, which cannot be kept.`, { faults });
}

function faultsIn(value: unknown, toFault: (path: string) => Fault, path = ""): Fault[] {
  if (typeof value === "string") return isStorable(value) ? [] : [toFault(path)];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => faultsIn(inner, toFault, `${path}/${name}`));
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
