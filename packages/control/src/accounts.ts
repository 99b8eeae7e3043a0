import { HeadgateError } from "@headgate/core";
import { type AccountRow, Prepared } from "@headgate/storage";
import { type Account, accountOf } from "./account.ts";
import type { Actor } from "./actor.ts";
import { accountJson } from "./admin/records/account.ts";
import { isIdOf, looksLikeId } from "./id.ts";
import { accountNameOf, nameKeyOf, planOf } from "./name.ts";
import { type Page, type PageRequest, pageOf, placeOf, rowsFor } from "./page.ts";
import { faultOfText } from "./plain-text.ts";
import { checkVersion, type Precondition, untilSettled } from "./precondition.ts";
import type { Office } from "./registrar.ts";
import { rowOf, unknownRecord } from "./unknown-record.ts";

/** Longer than any name is when it is compared. */
const LONGEST_ASKED_FOR = 2_000;

/** The accounts on record. */
export class Accounts {
  readonly #office: Office;
  readonly #byName: Prepared<{ name_key: string }, AccountRow>;
  readonly #touchOthers: Prepared<{ id: string; name_key: string }>;

  constructor(office: Office) {
    this.#office = office;
    this.#byName = new Prepared(["name_key"], ({ name_key }) =>
      office.storage.build.selectFrom("accounts").selectAll().where("name_key", "=", name_key),
    );
    this.#touchOthers = new Prepared(["id", "name_key"], ({ id, name_key }) =>
      office.storage.build
        .updateTable("accounts")
        .set(({ ref }) => ({ version: ref("version") }))
        .where("name_key", "=", name_key)
        .where("id", "!=", id),
    );
  }

  /** Rejects with `HG_NAME_INVALID` or `HG_NAME_TAKEN`. */
  async create(fields: { name: string; plan?: string | undefined }, by: Actor): Promise<Account> {
    const { clock, newId, records, registrar } = this.#office;
    const name = accountNameOf(fields.name);
    const now = clock();
    const row: AccountRow = {
      id: newId("account"),
      name,
      name_key: nameKeyOf(name),
      plan: fields.plan === undefined ? null : planOf(fields.plan),
      version: 1,
      created_at: now,
      updated_at: now,
    };
    const account = accountOf(row);
    const isDone = await registrar.carryOut({
      type: "account",
      id: row.id,
      row,
      statements: [records.account.insert(row)],
      action: "account.created",
      by,
      after: accountJson(account),
    });
    if (!isDone) throw nameTaken(name);
    return account;
  }

  /** By id or name. Rejects with `HG_ACCOUNT_UNKNOWN`. */
  async get(idOrName: string): Promise<Account> {
    if (looksLikeId(idOrName)) return accountOf(await rowOf(this.#office.records, "account", idOrName));
    const row = await this.#rowNamed(idOrName);
    if (row === undefined) throw unknownRecord("account", idOrName);
    return accountOf(row);
  }

  /** A plan of null takes it off its plan. Rejects with `HG_ACCOUNT_UNKNOWN`, `HG_NAME_…` or `HG_VERSION_CONFLICT`. */
  async update(
    id: string,
    fields: { name?: string | undefined; plan?: string | null | undefined },
    by: Actor,
    precondition: Precondition = {},
  ): Promise<Account> {
    const { clock, records, registrar } = this.#office;
    return untilSettled(async () => {
      const before = await rowOf(records, "account", id);
      checkVersion(before.version, precondition);
      const name = fields.name === undefined ? before.name : accountNameOf(fields.name);
      const plan = typeof fields.plan === "string" ? planOf(fields.plan) : fields.plan;
      const wanted = { name, name_key: nameKeyOf(name), plan: plan === undefined ? before.plan : plan };
      if (wanted.name === before.name && wanted.plan === before.plan) return accountOf(before);

      const other = wanted.name_key === before.name_key ? undefined : await this.#rowNamed(name);
      if (other !== undefined) throw nameTaken(name);
      const row = { ...before, ...wanted, version: before.version + 1, updated_at: clock() };
      const account = accountOf(row);
      // Anybody who has taken the name meanwhile would be touched, and keeps the transaction from going on.
      const nameIsFree = this.#touchOthers.statement(row, { rows: 0, name: "name-free" });
      const isDone = await registrar.carryOut({
        type: "account",
        id,
        row,
        statements: [nameIsFree, records.account.replace(row)],
        action: "account.updated",
        by,
        before: accountJson(accountOf(before)),
        after: accountJson(account),
      });
      return isDone ? account : undefined;
    });
  }

  /** In the order they were created. */
  async list(page: PageRequest = {}): Promise<Page<Account>> {
    const { storage } = this.#office;
    const place = placeOf(page, (text) => isIdOf("account", text));
    let query = storage.build.selectFrom("accounts").selectAll().orderBy("id").limit(rowsFor(page));
    if (place !== undefined) query = query.where("id", ">", place);
    return pageOf(await storage.read(query.compile()), page, accountOf, ({ id }) => id);
  }

  async #rowNamed(name: string): Promise<AccountRow | undefined> {
    const isName = faultOfText(name, LONGEST_ASKED_FOR) === undefined;
    const rows = isName ? await this.#byName.rows(this.#office.storage, { name_key: nameKeyOf(name) }) : [];
    return rows[0];
  }
}

function nameTaken(name: string): HeadgateError {
  return new HeadgateError("HG_NAME_TAKEN", `Another account is called ${JSON.stringify(name)}, or reads like it.`);
}
