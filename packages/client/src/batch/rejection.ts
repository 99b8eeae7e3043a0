/** An item of a batch that was carried out which was not taken with the others. */
export interface Rejection {
  /** Its place in the batch, from 0 on. */
  readonly index: number;
  /** Whether the API may take it when it is sent again. */
  readonly retry: boolean;
  readonly reason: string;
}

/**
 * Reads the answer `{"rejections": [{"index", "field", "reason"}]}`, as Headgate's events API gives it. None of those is
 * worth sending again, but where one says `"retry": true`. A body that is not JSON, or says nothing of rejections, rejects
 * nothing. Rejects where the body breaks off, or has rejections that cannot be understood: then it is not known what became
 * of the batch.
 */
export async function readRejections(response: Response): Promise<readonly Rejection[]> {
  const answer = parsed(await response.text());
  const list: unknown = (answer as { rejections?: unknown } | null)?.rejections;
  if (list === undefined || list === null) return [];
  if (!Array.isArray(list) || !list.every(isRejection)) throw new Error("the answer has rejections without an index");
  return list.map(({ index, retry, field, reason }) => ({
    index,
    retry: retry === true,
    reason: [field, reason ?? "was rejected"].filter(Boolean).join(" "),
  }));
}

interface SentRejection {
  readonly index: number;
  readonly retry?: unknown;
  readonly field?: unknown;
  readonly reason?: unknown;
}

function isRejection(value: unknown): value is SentRejection {
  return Number.isInteger((value as SentRejection | null)?.index);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
