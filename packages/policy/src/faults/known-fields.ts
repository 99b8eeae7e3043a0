import type { Path } from "../problem.ts";
import { type JsonSchema, policyJsonSchema } from "../schema.ts";

/** Made when the first field is not known: most files never need it. */
let jsonSchema: JsonSchema | undefined;

/** The fields that the format has at a place of the file's tree. */
export function knownFieldsAt(path: Path): string[] {
  jsonSchema ??= policyJsonSchema();
  const root = jsonSchema;
  const alternativesOf = (schema: JsonSchema): JsonSchema[] => {
    const target = schema.$ref === undefined ? undefined : targetOf(root, schema.$ref);
    const others = [...(target ? [target] : []), ...(schema.anyOf ?? []), ...(schema.allOf ?? [])];
    return [schema, ...others.flatMap(alternativesOf)];
  };
  let places = alternativesOf(root);
  for (const segment of path) {
    places = places.flatMap((schema) => childrenOf(schema, segment)).flatMap(alternativesOf);
  }
  return places.flatMap(({ properties }) => Object.keys(properties ?? {}));
}

function childrenOf(schema: JsonSchema, segment: string | number): JsonSchema[] {
  const { items, properties = {}, additionalProperties } = schema;
  if (typeof segment === "number") return items ? [items] : [];
  const property = Object.hasOwn(properties, segment) ? properties[segment] : undefined;
  if (property) return [property];
  return typeof additionalProperties === "object" ? [additionalProperties] : [];
}

function targetOf(root: JsonSchema, ref: string): JsonSchema | undefined {
  return root.definitions?.[ref.replace("#/definitions/", "")];
}
