import { HeadgateError } from "@headgate/core";
import type { ApiKeyRow } from "@headgate/storage";

/** That nothing more can be done with a key. */
export function keyRevoked({ id, revoked_at }: ApiKeyRow): HeadgateError {
  const what = revoked_at === null ? "has expired" : "is revoked";
  return new HeadgateError("HG_KEY_REVOKED", `The key ${id} ${what}: create another.`);
}
