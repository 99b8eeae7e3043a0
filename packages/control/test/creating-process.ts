import { openControl } from "@headgate/control";
import { openStorage } from "@headgate/storage";

/**
 * A process that makes keys and revokes every third, many at once, until it is killed. It prints a line for each change
 * that was answered: `created SECRET` or `revoked SECRET`.
 */
const [folder = "", name = ""] = process.argv.slice(2);
const storage = await openStorage({ folder });
const control = await openControl({ storage, clock: Date.now, log: { info() {}, warn() {}, error() {} } });
const account = await control.accounts.create({ name }, "admin");
process.stdout.write("ready\n");

async function work(): Promise<never> {
  for (let i = 0; ; i++) {
    const { key, secret } = await control.keys.create({ accountId: account.id, prefix: "" }, "admin");
    process.stdout.write(`created ${secret}\n`);
    if (i % 3 !== 0) continue;
    // From here on nobody can tell whether it is done, until it is answered.
    process.stdout.write(`revoking ${secret}\n`);
    await control.keys.revoke(key.id, "admin");
    process.stdout.write(`revoked ${secret}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, work));
