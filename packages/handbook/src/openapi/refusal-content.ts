import type { Refusal } from "@headgate/policy";
import { isMap } from "./operations.ts";
import type { Json } from "./overlay.ts";

/** A refusal's body as a Response Object's content: its media type, a schema, and the body as an example. */
export function contentOf({ headers, body }: Refusal): Json {
  const [, type = "application/json"] = headers.find(([name]) => name === "Content-Type") ?? [];
  const example = parsed(body);
  return { [type]: { schema: schemaOf(example), example } };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

/** A schema for values like this one. */
function schemaOf(value: unknown): Json {
  if (Array.isArray(value)) return { type: "array", items: value.length > 0 ? schemaOf(value[0]) : {} };
  if (isMap(value)) {
    const properties = Object.fromEntries(Object.entries(value).map(([name, field]) => [name, schemaOf(field)]));
    return { type: "object", properties };
  }
  if (typeof value === "number") return { type: Number.isInteger(value) ? "integer" : "number" };
  if (typeof value === "string" || typeof value === "boolean") return { type: typeof value };
  return {};
}
