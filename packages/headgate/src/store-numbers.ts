import type { StoreNumbers } from "@headgate/control";

/** What several threads have seen of one store, together. It is up if any of them can ask it. */
export function together(all: readonly StoreNumbers[]): StoreNumbers {
  return {
    isUp: all.some(({ isUp }) => isUp),
    calls: sum(all.map(({ calls }) => calls)),
    commands: sum(all.map(({ commands }) => commands)),
    failures: sumEach(all.map(({ failures }) => failures)),
    outcomes: sumEach(all.map(({ outcomes }) => outcomes)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function sumEach(records: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = new Set(records.flatMap(Object.keys));
  return Object.fromEntries([...names].map((name) => [name, sum(records.map((record) => record[name] ?? 0))]));
}
