import { LRUCache } from "lru-cache";
import type { BuiltinAnswer, BuiltinApi, BuiltinRequest } from "./builtin-api.ts";
import type { ChangeCounts, Standing } from "./change-counts.ts";

/** Answers that are remembered, at most; some 500 bytes each, and three times that where the question is of the longest. */
const MOST_ANSWERS = 10_000;
/** Characters of a question; longer ones are put to the API each time. */
const LONGEST_QUESTION = 512;

interface Remembered {
  readonly answer: BuiltinAnswer;
  readonly standing: Standing;
}

/**
 * Gives an answer of 304 again for as long as it stands: clients that poll are answered in the thread they came to, without
 * the API being asked.
 */
export function withStandingAnswers(api: BuiltinApi, changes: ChangeCounts): BuiltinApi {
  const remembered = new LRUCache<string, Remembered>({ max: MOST_ANSWERS });

  const remember = (question: string, answer: BuiltinAnswer | symbol): void => {
    if (typeof answer === "symbol" || answer.standing === undefined || answer.status !== 304) return;
    remembered.set(question, { answer, standing: answer.standing });
  };

  return {
    maxBodyBytes: api.maxBodyBytes,
    answer(request) {
      const question = questionOf(request);
      if (question === undefined) return api.answer(request);
      const known = remembered.get(question);
      if (known && changes.holds(known.standing)) return known.answer;
      const answer = api.answer(request);
      if (answer instanceof Promise) answer.then((late) => remember(question, late)).catch(() => {});
      else remember(question, answer);
      return answer;
    },
    drain: () => api.drain(),
  };
}

/** Everything that {@link BuiltinAnswer.standing} lets an answer depend on; undefined of what is not asked again and again. */
function questionOf({ method, path, query, headers, identity }: BuiltinRequest): string | undefined {
  const tag = headers["if-none-match"];
  if (method !== "GET" || tag === undefined || !identity) return undefined;
  const question = `${identity.id}\n${path}?${query}\n${tag}`;
  return question.length <= LONGEST_QUESTION ? question : undefined;
}
