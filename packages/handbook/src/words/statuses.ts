import type { StatusTest } from "@headgate/policy";

/** `304`, `5xx`: the statuses that a test takes, whole classes as such. */
export function statusesOf(test: StatusTest): string[] {
  return [1, 2, 3, 4, 5].flatMap((digit) => {
    const statuses = Array.from({ length: 100 }, (_, i) => digit * 100 + i);
    const taken = statuses.filter(test);
    return taken.length === statuses.length ? [`${digit}xx`] : taken.map(String);
  });
}
