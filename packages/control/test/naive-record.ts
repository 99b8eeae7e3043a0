import type { Widget } from "@headgate/control";
import type { QuotaOverride } from "@headgate/policy";

interface NaiveKey {
  readonly kind: "key" | "token";
  readonly id: string;
  readonly keyId: string;
  readonly accountId: string;
  readonly widget: Widget | undefined;
  scopes: readonly string[];
  expiresAt: number | undefined;
  isRevoked: boolean;
}

interface NaiveSuspension {
  readonly id: string;
  readonly caller: string;
  readonly value: string;
  endsAt: number;
}

/** What ought to be known, kept in the plainest way: lists that are gone through from front to back. */
export class NaiveRecord {
  readonly plans = new Map<string, string | undefined>();
  readonly credentials: NaiveKey[] = [];
  /** Every secret there ever was, whose it is and until when. */
  readonly secrets: { readonly secret: string; readonly id: string; until: number }[] = [];
  readonly overrides: { readonly subjectId: string; readonly limit: string; change: QuotaOverride; until: number }[] =
    [];
  readonly suspensions: NaiveSuspension[] = [];

  find(id: string): NaiveKey {
    const found = this.credentials.find((credential) => credential.id === id);
    if (!found) throw new Error(`no ${id}`);
    return found;
  }

  isAlive(id: string, now: number): boolean {
    const { isRevoked, expiresAt, keyId } = this.find(id);
    if (isRevoked || (expiresAt !== undefined && expiresAt <= now)) return false;
    return keyId === id || this.isAlive(keyId, now);
  }

  /** What the directory should say of a secret. */
  identityOf(secret: string, limit: string, now: number): unknown {
    const held = this.secrets.find((known) => known.secret === secret);
    if (!held || held.until <= now || !this.isAlive(held.id, now)) return undefined;
    const { kind, id, keyId, accountId, widget, scopes } = this.find(held.id);
    const ofKey = this.find(keyId).scopes;
    const override = [keyId, accountId].map((subjectId) =>
      this.overrides.find((each) => each.subjectId === subjectId && each.limit === limit && each.until > now),
    );
    return {
      identity: {
        kind,
        isWidget: widget !== undefined,
        widget,
        id,
        keyId,
        accountId,
        plan: this.plans.get(accountId),
        scopes: scopes.filter((scope) => ofKey.includes(scope)),
      },
      override: (override[0] ?? override[1])?.change,
    };
  }

  /** When the suspension of that caller ends; undefined where there is none. */
  suspendedUntil(caller: string, value: string, now: number): number | undefined {
    return this.suspensions.find((each) => each.caller === caller && each.value === value && each.endsAt > now)?.endsAt;
  }
}
