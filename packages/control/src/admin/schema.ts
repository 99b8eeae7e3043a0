import Type, { type TSchema, type TSchemaOptions, type TUnsafe } from "typebox";

/** A schema for every field of a record, whether it is always there or not. */
type FieldSchemas<Record> = { readonly [Field in keyof Required<Record>]: TSchema };

/** The schema of something that answers are made of. It stands once in the API's description, under its name. */
export function recordSchema<Record>(
  name: string,
  fields: FieldSchemas<Record>,
  options: TSchemaOptions = {},
): TUnsafe<Record> {
  return Type.Unsafe<Record>(Type.Object({ ...fields }, { $id: name, additionalProperties: false, ...options }));
}

/** A reference to a {@link recordSchema}. */
export function refTo<Record>(schema: TUnsafe<Record>): TUnsafe<Record> {
  return Type.Unsafe<Record>({ $ref: `${(schema as { $id?: string }).$id}#` });
}

/** Text or null; null where there is none. */
export function textOrNull(description: string): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ type: ["string", "null"], description });
}

/** ISO 8601 in UTC, or null. */
export function instantOrNull(description: string): TUnsafe<string | null> {
  return Type.Unsafe<string | null>({ type: ["string", "null"], format: "date-time", description });
}

/** ISO 8601 in UTC. */
export function instant(description: string): TUnsafe<string> {
  return Type.Unsafe<string>({ type: "string", format: "date-time", description });
}

const versionSchema: TUnsafe<number> = Type.Unsafe<number>({
  type: "integer",
  minimum: 1,
  description: "1 when created, one more with every change. In quotes it is the ETag.",
});

/** What every record ends in. */
export const stampSchemas: { version: TSchema; created_at: TSchema; updated_at: TSchema } = {
  version: versionSchema,
  created_at: instant("When it was created."),
  updated_at: instant("When it was last changed."),
};
