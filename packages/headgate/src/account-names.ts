import type { AccountJson } from "@headgate/control";
import { type AdminClient, segment } from "./admin-client.ts";

/** What people call the account of an id. */
export type NameOf = (accountId: string) => string;

/** A text in which accounts go by their names. */
export type NamedText = (nameOf: NameOf) => string;

const AT_ONCE = 20;

/**
 * Writes a text with the names of the accounts that it is about, which are asked for; an account whose name cannot be had
 * goes by its id: whatever the text tells of has been done, and must be told.
 */
export async function withNames(admin: AdminClient, text: NamedText): Promise<string> {
  const wanted = new Set<string>();
  text((id) => {
    wanted.add(id);
    return id;
  });
  const names = new Map<string, string>();
  const ids = [...wanted];
  while (ids.length > 0) {
    const asked = ids.splice(0, AT_ONCE).map((id) => admin.get<AccountJson>(`/accounts/${segment(id)}`));
    for (const answer of await Promise.allSettled(asked)) {
      if (answer.status === "fulfilled") names.set(answer.value.id, answer.value.name);
    }
  }
  return text((id) => names.get(id) ?? id);
}
