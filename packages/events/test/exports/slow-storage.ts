import type { Storage } from "@headgate/storage";

/** A storage whose reads of events wait for {@link SlowStorage.release} once so many have been made. */
export interface SlowStorage extends Storage {
  release(): void;
}

export function slowStorage(storage: Storage, readsAtOnce: number): SlowStorage {
  const { promise, resolve } = Promise.withResolvers<void>();
  let reads = 0;
  return {
    dialect: storage.dialect,
    build: storage.build,
    get health() {
      return storage.health;
    },
    async read(query) {
      if (query.sql.includes('from "events"') && ++reads > readsAtOnce) await promise;
      return storage.read(query);
    },
    write: (statements) => storage.write(statements),
    onForeignCommit: (listener) => storage.onForeignCommit(listener),
    close: () => storage.close(),
    release: resolve,
  };
}
