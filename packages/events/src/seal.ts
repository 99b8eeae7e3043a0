import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { Prepared, type SettingRow, type Storage } from "@headgate/storage";

const SETTING = "events-seal";

/**
 * Makes and checks what only this API can have given out. The secret behind it is made once a database, so that all
 * instances know each other's, over restarts too.
 */
export class Seal {
  readonly #secret: string;

  private constructor(secret: string) {
    this.#secret = secret;
  }

  /** Rejects with `HG_STORAGE_…`. */
  static async open(storage: Storage): Promise<Seal> {
    const add = new Prepared<SettingRow>(["name", "value"], (row) =>
      storage.build
        .insertInto("settings")
        .values(row)
        .onConflict((on) => on.column("name").doNothing()),
    );
    await storage.write([add.statement({ name: SETTING, value: randomBytes(32).toString("base64url") })]);
    const query = storage.build.selectFrom("settings").select("value").where("name", "=", SETTING).compile();
    const [row] = await storage.read(query);
    return new Seal(String(row?.value));
  }

  /** A mark for these words, and for this purpose alone: 22 characters of base64url. */
  mark(purpose: "cursor" | "etag" | "download", ...words: readonly (string | number)[]): string {
    const hmac = createHmac("sha256", this.#secret).update(JSON.stringify([purpose, ...words]));
    return hmac.digest().toString("base64url", 0, 16);
  }

  /** Whether it is that mark; takes as long whichever character differs. */
  isMark(mark: string, purpose: "cursor" | "etag" | "download", ...words: readonly (string | number)[]): boolean {
    const [given, right] = [Buffer.from(mark), Buffer.from(this.mark(purpose, ...words))];
    return given.length === right.length && timingSafeEqual(given, right);
  }
}
