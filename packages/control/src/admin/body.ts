import Type, { type TObject, type TProperties } from "typebox";
import { Refusal } from "./refusal.ts";

/** A body, or a query, of these fields and no others. */
export function only<Fields extends TProperties>(fields: Fields): TObject<Fields> {
  return Type.Object(fields, { additionalProperties: false });
}

/** For what takes no fields. */
export const nothing: TObject<Record<never, never>> = Type.Object({}, { additionalProperties: false });

/** Which one of these fields is given. Throws `HG_ADMIN_BODY`, or `HG_ADMIN_QUERY`, where none is or several are. */
export function oneOf<Field extends string>(
  given: Readonly<Record<string, unknown>>,
  fields: readonly Field[],
  part: "body" | "query",
): Field {
  const found = fields.filter((field) => given[field] !== undefined);
  const [field] = found;
  if (field !== undefined && found.length === 1) return field;
  const detail = `needs exactly one of ${fields.join(", ")}, not ${found.length === 0 ? "none" : found.join(" and ")}`;
  const fault = part === "body" ? { pointer: "#", detail } : { parameter: fields.join(", "), detail };
  throw new Refusal(part === "body" ? "HG_ADMIN_BODY" : "HG_ADMIN_QUERY", `The ${part} ${detail}.`, {
    faults: [fault],
  });
}

/** Runs what looks up a thing that the body names: where it is unknown, the body is at fault, and not the path. */
export async function namedIn<Found>(field: string, lookUp: () => Promise<Found>): Promise<Found> {
  try {
    return await lookUp();
  } catch (error) {
    const { code = "", message } = error as { code?: string; message: string };
    if (!code.endsWith("_UNKNOWN")) throw error;
    throw new Refusal(code as `HG_${string}`, message, {
      status: 422,
      faults: [{ pointer: `#/${field}`, detail: message }],
    });
  }
}
