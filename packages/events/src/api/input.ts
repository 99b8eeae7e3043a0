import type { TSchema } from "typebox";
import type { Validator } from "typebox/compile";
import { readJson } from "../json/json-body.ts";
import { fragmentOf, pointerTo } from "../json/json-pointer.ts";
import { outlineOf } from "../json/outline.ts";
import { type Fault, Refusal } from "../problem.ts";
import type { EventsRequest } from "./request.ts";

/** More than a person reads. */
const MOST_FAULTS = 20;

/**
 * Reads a query and holds it to its schema. Numbers and truths are read where the schema asks for them; nothing else is
 * converted, dropped or filled in. Throws `HG_EVENTS_QUERY`.
 */
export function readQuery(
  query: string,
  schema: TSchema | undefined,
  validator: Validator | undefined,
): Readonly<Record<string, unknown>> {
  const values: Record<string, unknown> = {};
  if (query === "") return values;
  const { properties = {} } = (schema ?? {}) as { properties?: Readonly<Record<string, { type?: string }>> };
  for (const [name, text] of new URLSearchParams(query)) {
    // Where keys are shown in the query, they have been looked at already.
    if (!Object.hasOwn(properties, name)) {
      if (CREDENTIALS.has(name)) continue;
      throw queryFault(name, `is no parameter of this; ${known(Object.keys(properties))}`);
    }
    if (Object.hasOwn(values, name)) throw queryFault(name, "is there twice");
    values[name] = readValue(properties[name]?.type, text);
  }
  if (!validator || validator.Check(values)) return values;
  const [first] = faultsOf(validator, values);
  throw queryFault((first?.path ?? "").slice(1), first?.detail ?? "cannot be taken");
}

/** Reads a whole JSON body and holds it to its schema. Throws `HG_EVENTS_JSON`, `…_MEDIA_TYPE` and `…_BODY`. */
export function readBody(request: EventsRequest, validator: Validator): unknown {
  const { value, text } = readJson(request);
  const fault = outlineOf(text, 0).items[0]?.fault;
  const faults = fault
    ? [{ pointer: pointerTo(fault.path), detail: fault.detail }]
    : faultsOf(validator, value).map(({ path, detail }): Fault => ({ pointer: fragmentOf(path), detail }));
  if (faults.length === 0) return value;
  const details = faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join("; ");
  throw new Refusal("HG_EVENTS_BODY", `the body cannot be taken: ${details}`, { faults });
}

const CREDENTIALS: ReadonlySet<string> = new Set(["accessKey"]);

function readValue(type: string | undefined, text: string): unknown {
  if (type === "integer" && /^\d{1,9}$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

function queryFault(name: string, detail: string): Refusal {
  const shown = name.slice(0, 100).toWellFormed();
  return new Refusal("HG_EVENTS_QUERY", `\`${shown}\` ${detail}`, { faults: [{ parameter: shown, detail }] });
}

function known(names: readonly string[]): string {
  return names.length === 0 ? "it takes none" : `it takes ${names.join(", ")}`;
}

interface Finding {
  readonly path: string;
  readonly detail: string;
}

function faultsOf(validator: Validator, value: unknown): Finding[] {
  if (validator.Check(value)) return [];
  return validator
    .Errors(value)
    .flatMap(({ keyword, instancePath: path, message, params }): Finding[] => {
      if (keyword === "required") {
        const { requiredProperties } = params as { requiredProperties: string[] };
        return requiredProperties.map((name) => ({ path: `${path}/${name}`, detail: "is missing" }));
      }
      // Each such field is a finding of its own: `boolean`.
      if (keyword === "additionalProperties") return [];
      if (keyword === "boolean") return [{ path: path.slice(0, 200), detail: "is not a field of this" }];
      return [{ path, detail: message }];
    })
    .slice(0, MOST_FAULTS);
}
