import { HeadgateError } from "@headgate/core";
import { Prepared, type Statement, type SuspensionRow } from "@headgate/storage";
import { type RawBuilder, sql } from "kysely";
import type { Actor } from "./actor.ts";
import { suspensionJson } from "./admin/records/suspension.ts";
import { isIdOf } from "./id.ts";
import { checkEnd } from "./lifetime.ts";
import { reasonOf } from "./name.ts";
import { type Page, type PageRequest, pageOf, placeOf, rowsFor } from "./page.ts";
import { faultOfText } from "./plain-text.ts";
import { checkVersion, type Precondition, untilSettled } from "./precondition.ts";
import type { Office } from "./registrar.ts";
import { isActive, type SuspendableCaller, type Suspension, suspensionOf } from "./suspension.ts";
import { rowOf } from "./unknown-record.ts";

/** An address with a prefix length, or what a Unix socket is called. */
const LONGEST_ADDRESS = 100;

interface CallerNow extends Pick<SuspensionRow, "caller" | "value"> {
  readonly now: number;
}

/** The suspensions on record, those that are over too. */
export class Suspensions {
  readonly #office: Office;
  readonly #activeOf: Prepared<CallerNow, SuspensionRow>;
  readonly #touchActiveOf: Prepared<CallerNow>;

  constructor(office: Office) {
    this.#office = office;
    const { build } = office.storage;
    this.#activeOf = new Prepared(["caller", "value", "now"], (caller) =>
      build.selectFrom("suspensions").selectAll().where(inForceOf(caller)),
    );
    this.#touchActiveOf = new Prepared(["caller", "value", "now"], (caller) =>
      build
        .updateTable("suspensions")
        .set(({ ref }) => ({ version: ref("version") }))
        .where(inForceOf(caller)),
    );
  }

  /**
   * One caller has one suspension at a time: another makes the one there is longer, never shorter, and gives it the new
   * reason. No `endsAt` lasts until it is lifted. Rejects with `HG_…_UNKNOWN` where the caller is not on record,
   * `HG_SUSPENSION_INVALID`, `HG_REASON_INVALID` or `HG_LIFETIME_INVALID`.
   */
  async suspend(
    fields: { caller: SuspendableCaller; value: string; reason: string; endsAt?: number | undefined },
    by: Actor,
  ): Promise<Suspension> {
    const { caller, value } = fields;
    const reason = reasonOf(fields.reason);
    checkEnd(fields.endsAt, this.#office.clock());
    await this.#checkCaller(caller, value);
    const wanted = { caller, value, reason, ends_at: fields.endsAt ?? null };
    return untilSettled(async () => {
      const now = this.#office.clock();
      const [active] = await this.#activeOf.rows(this.#office.storage, { caller, value, now });
      return active ? this.#extend(active, wanted, now, by) : this.#start(wanted, now, by);
    });
  }

  /** Rejects with `HG_SUSPENSION_UNKNOWN`. */
  async get(id: string): Promise<Suspension> {
    return suspensionOf(await rowOf(this.#office.records, "suspension", id));
  }

  /** In the order they began; with `active`, only those in force, or only those that are over. */
  async list(filter: { active?: boolean | undefined } = {}, page: PageRequest = {}): Promise<Page<Suspension>> {
    const { storage, clock } = this.#office;
    const place = placeOf(page, (text) => isIdOf("suspension", text));
    let query = storage.build.selectFrom("suspensions").selectAll().orderBy("id").limit(rowsFor(page));
    if (place !== undefined) query = query.where("id", ">", place);
    if (filter.active !== undefined) {
      const condition = inForce(clock());
      query = query.where(filter.active ? condition : sql<boolean>`not (${condition})`);
    }
    return pageOf(await storage.read(query.compile()), page, suspensionOf, ({ id }) => id);
  }

  /** Ends it now. Rejects with `HG_SUSPENSION_UNKNOWN`, `HG_SUSPENSION_OVER` or `HG_VERSION_CONFLICT`. */
  async lift(id: string, by: Actor, precondition: Precondition = {}): Promise<Suspension> {
    return untilSettled(async () => {
      const before = await rowOf(this.#office.records, "suspension", id);
      checkVersion(before.version, precondition);
      const now = this.#office.clock();
      if (!isActive(suspensionOf(before), now)) {
        throw new HeadgateError("HG_SUSPENSION_OVER", `The suspension ${id} has ended already.`);
      }
      return this.#write({ ...before, lifted_at: now }, before, { now, action: "suspension.lifted", by });
    });
  }

  #start(
    wanted: Pick<SuspensionRow, "caller" | "value" | "reason" | "ends_at">,
    now: number,
    by: Actor,
  ): Promise<Suspension | undefined> {
    const id = this.#office.newId("suspension");
    const row = { id, ...wanted, lifted_at: null, version: 0, created_at: now, updated_at: now };
    return this.#write(row, undefined, { now, action: "suspension.started", by });
  }

  #extend(
    before: SuspensionRow,
    { reason, ends_at }: Pick<SuspensionRow, "reason" | "ends_at">,
    now: number,
    by: Actor,
  ): Promise<Suspension | undefined> {
    const isOpen = before.ends_at === null || ends_at === null;
    const longest = isOpen ? null : Math.max(before.ends_at ?? 0, ends_at ?? 0);
    return this.#write({ ...before, reason, ends_at: longest }, before, { now, action: "suspension.extended", by });
  }

  /** Writes the row as the next version; undefined where somebody else was faster. */
  async #write(
    draft: SuspensionRow,
    before: SuspensionRow | undefined,
    { now, action, by }: { now: number; action: string; by: Actor },
  ): Promise<Suspension | undefined> {
    const row = { ...draft, version: draft.version + 1, updated_at: now };
    const suspension = suspensionOf(row);
    const isDone = await this.#office.registrar.carryOut({
      type: "suspension",
      id: row.id,
      row,
      statements: before ? [this.#office.records.suspension.replace(row)] : this.#insertOnly(row, now),
      action,
      by,
      before: before && suspensionJson(suspensionOf(before), now),
      after: suspensionJson(suspension, now),
    });
    return isDone ? suspension : undefined;
  }

  /** One that has begun meanwhile would be touched, and keeps the transaction from going on. */
  #insertOnly(row: SuspensionRow, now: number): Statement[] {
    const { caller, value } = row;
    return [
      this.#touchActiveOf.statement({ caller, value, now }, { rows: 0, name: "none-active" }),
      this.#office.records.suspension.insert(row),
    ];
  }

  async #checkCaller(caller: SuspendableCaller, value: string): Promise<void> {
    if (caller !== "ip") {
      await rowOf(this.#office.records, caller === "api-key" ? "key" : caller, value);
      return;
    }
    const fault = faultOfText(value, LONGEST_ADDRESS);
    if (fault !== undefined) throw new HeadgateError("HG_SUSPENSION_INVALID", `The address ${fault}.`);
  }
}

/** That a row is in force. */
function inForce(now: number): RawBuilder<boolean> {
  return sql`lifted_at is null and (ends_at is null or ends_at > ${now})`;
}

function inForceOf({ caller, value, now }: CallerNow): RawBuilder<boolean> {
  return sql`caller = ${caller} and value = ${value} and ${inForce(now)}`;
}
