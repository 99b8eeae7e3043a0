/** What stands around the items of a body, and between them. */
export interface Envelope {
  readonly open: string;
  readonly separator: string;
  readonly close: string;
}

/** A JSON list of the items; in an object, under the field's name, where one is given: `{"events":[…]}`. */
export function jsonList(field?: string): Envelope {
  if (field === undefined) return { open: "[", separator: ",", close: "]" };
  return { open: `{${JSON.stringify(field)}:[`, separator: ",", close: "]}" };
}

/** One item a line, for APIs that take NDJSON. */
export const JSON_LINES: Envelope = { open: "", separator: "\n", close: "\n" };
