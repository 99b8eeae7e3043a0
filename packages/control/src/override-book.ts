import { HeadgateError } from "@headgate/core";
import type { QuotaOverride } from "@headgate/policy";
import { type OverrideRow, Prepared } from "@headgate/storage";
import type { Actor } from "./actor.ts";
import { overrideJson } from "./admin/records/override.ts";
import { isAlive } from "./api-key.ts";
import { isIdOf } from "./id.ts";
import { keyRevoked } from "./key-revoked.ts";
import { checkEnd } from "./lifetime.ts";
import { reasonOf } from "./name.ts";
import { type Override, overrideOf } from "./override.ts";
import { type Page, type PageRequest, pageOf, placeOf, rowsFor } from "./page.ts";
import { checkVersion, type Precondition, untilSettled } from "./precondition.ts";
import type { Office } from "./registrar.ts";
import { rowOf } from "./unknown-record.ts";

const LIMIT_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const HIGHEST_QUOTA = 2 ** 40;
const HIGHEST_FACTOR = 1_000_000;

type Place = Pick<OverrideRow, "subject_type" | "subject_id" | "limit_name">;

/** The overrides on record. */
export class OverrideBook {
  readonly #office: Office;
  readonly #at: Prepared<Place, OverrideRow>;

  constructor(office: Office) {
    this.#office = office;
    this.#at = new Prepared(["subject_type", "subject_id", "limit_name"], (place) =>
      office.storage.build
        .selectFrom("overrides")
        .selectAll()
        .where("subject_type", "=", place.subject_type)
        .where("subject_id", "=", place.subject_id)
        .where("limit_name", "=", place.limit_name),
    );
  }

  /**
   * Sets or replaces the subject's override of that limit. Rejects with `HG_ACCOUNT_UNKNOWN`, `HG_KEY_UNKNOWN`,
   * `HG_KEY_REVOKED`, `HG_OVERRIDE_INVALID`, `HG_LIFETIME_INVALID`, `HG_REASON_INVALID` or `HG_VERSION_CONFLICT`.
   */
  async set(
    fields: {
      subject: Override["subject"];
      limit: string;
      change: QuotaOverride;
      expiresAt?: number | undefined;
      reason?: string | undefined;
    },
    by: Actor,
    precondition: Precondition = {},
  ): Promise<Override> {
    const { clock, newId, records, registrar, storage } = this.#office;
    const { subject, expiresAt } = fields;
    checkEnd(expiresAt, clock());
    const wanted = {
      subject_type: subject.type,
      subject_id: subject.id,
      limit_name: limitNameOf(fields.limit),
      ...columnsOf(fields.change),
      expires_at: expiresAt ?? null,
      reason: fields.reason === undefined ? null : reasonOf(fields.reason),
    };
    await this.#checkSubject(subject);
    return untilSettled(async () => {
      const [before] = await this.#at.rows(storage, wanted);
      checkVersion(before?.version, precondition);
      const now = clock();
      const row: OverrideRow = {
        id: before?.id ?? newId("override"),
        ...wanted,
        version: (before?.version ?? 0) + 1,
        created_at: before?.created_at ?? now,
        updated_at: now,
      };
      const override = overrideOf(row);
      const isDone = await registrar.carryOut({
        type: "override",
        id: row.id,
        row,
        statements: [before ? records.override.replace(row) : records.override.insert(row)],
        action: "override.set",
        by,
        before: before && overrideJson(overrideOf(before)),
        after: overrideJson(override),
      });
      return isDone ? override : undefined;
    });
  }

  /** Rejects with `HG_OVERRIDE_UNKNOWN`. */
  async get(id: string): Promise<Override> {
    return overrideOf(await rowOf(this.#office.records, "override", id));
  }

  /** In the order they were first set, those that have expired too. */
  async list(filter: { subjectId?: string | undefined } = {}, page: PageRequest = {}): Promise<Page<Override>> {
    const { storage } = this.#office;
    const place = placeOf(page, (text) => isIdOf("override", text));
    let query = storage.build.selectFrom("overrides").selectAll().orderBy("id").limit(rowsFor(page));
    if (place !== undefined) query = query.where("id", ">", place);
    if (filter.subjectId !== undefined) query = query.where("subject_id", "=", filter.subjectId);
    return pageOf(await storage.read(query.compile()), page, overrideOf, ({ id }) => id);
  }

  /** Rejects with `HG_OVERRIDE_UNKNOWN` or `HG_VERSION_CONFLICT`. */
  async remove(id: string, by: Actor, precondition: Precondition = {}): Promise<void> {
    const { records, registrar } = this.#office;
    await untilSettled(async () => {
      const before = await rowOf(records, "override", id);
      checkVersion(before.version, precondition);
      const isDone = await registrar.carryOut({
        type: "override",
        id,
        row: undefined,
        statements: [records.override.remove(before)],
        action: "override.removed",
        by,
        before: overrideJson(overrideOf(before)),
      });
      return isDone || undefined;
    });
  }

  async #checkSubject({ type, id }: Override["subject"]): Promise<void> {
    const { records, clock } = this.#office;
    if (type === "account") {
      await rowOf(records, "account", id);
      return;
    }
    const key = await rowOf(records, "key", id);
    if (!isAlive(key, clock())) throw keyRevoked(key);
  }
}

function limitNameOf(name: string): string {
  if (LIMIT_NAME.test(name)) return name;
  throw invalid("The limit is no name of one: use letters, digits and _ . -, at most 64.");
}

function columnsOf(change: QuotaOverride): Pick<OverrideRow, "quota" | "factor" | "is_unlimited"> {
  if (change.kind === "unlimited") return { quota: null, factor: null, is_unlimited: 1 };
  if (change.kind === "quota") {
    const { quota } = change;
    if (!Number.isInteger(quota) || quota < 1 || quota > HIGHEST_QUOTA) {
      throw invalid(`A quota is a whole number from 1 to ${HIGHEST_QUOTA}.`);
    }
    return { quota, factor: null, is_unlimited: 0 };
  }
  const { factor } = change;
  if (!(factor > 0 && factor <= HIGHEST_FACTOR)) throw invalid(`A factor is above 0, and at most ${HIGHEST_FACTOR}.`);
  return { quota: null, factor, is_unlimited: 0 };
}

function invalid(message: string): HeadgateError {
  return new HeadgateError("HG_OVERRIDE_INVALID", message);
}
