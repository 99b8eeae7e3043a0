import type { Identity } from "@headgate/control";
import { expect } from "vitest";
import type { Answer, Ask, Rig } from "../rig.ts";

/** How many events an account has ever had kept. */
export async function keptBy({ storage }: Rig, { accountId }: Identity): Promise<number> {
  const query = storage.build.selectFrom("event_heads").select("seq").where("account_id", "=", accountId);
  const [head] = await storage.read(query.compile());
  return head?.seq ?? 0;
}

/** Asks for what must not be done: the problem it is answered with, when it is sure that no event was kept. */
export async function refusal(rig: Rig, request: Ask & { readonly as: Identity }): Promise<Problem> {
  const before = await keptBy(rig, request.as);
  const answer = await rig.ask(request);
  expect(answer.status, answer.text).toBeGreaterThanOrEqual(400);
  expect(await keptBy(rig, request.as)).toBe(before);
  return problemOf(answer);
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
}

export function problemOf(answer: Answer): Problem {
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  return answer.json<Problem & Record<string, unknown>>();
}

/** An event as the API shows it. */
export interface ShownEvent {
  readonly id: string;
  readonly seq: number;
  readonly type: string;
  readonly actor: unknown;
  readonly target: unknown;
  readonly time: string;
  readonly received_at: string;
  readonly metadata: unknown;
  readonly hash: string;
}

export interface ShownBatch {
  readonly accepted: number;
  readonly rejected: number;
  readonly ids: readonly string[];
  readonly rejections: readonly { readonly index: number; readonly field: string; readonly reason: string }[];
}

export interface ShownList {
  readonly items: readonly ShownEvent[];
  readonly next_cursor: string | null;
  readonly has_more: boolean;
}
