import { docComment } from "./doc-comment.ts";

/** A schema, as far as those of the events API go. */
interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly {
    readonly name: string;
    readonly in: "path" | "query" | "header";
    readonly required?: boolean;
    readonly description?: string;
    readonly schema: Schema;
  }[];
  readonly requestBody?: { readonly required: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** What is read of an OpenAPI 3.1 document. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const HEAD = `// Written by scripts/write-events-types.ts from the description that the events API gives of itself.
// biome-ignore-all format: it is written by a script
`;

/** TypeScript for an API's description: an interface or type for each schema, and one of all operations. */
export function eventsTypes({ paths, components }: OpenApi): string {
  const schemas = Object.entries(components.schemas).map(([name, schema]) => declared(name, schema));
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { summary, description } = operation;
      const words = docComment([summary, description].filter(Boolean).join(". "), "  ");
      return `${words}  readonly "${method.toUpperCase()} ${path}": ${objectOf(membersOf(operation), "  ")};\n`;
    }),
  );
  const all = `/** What can be asked of the API: what each request takes, and what it is answered with. */
export interface EventsOperations {\n${operations.join("")}}\n`;
  return [HEAD, ...schemas, all].join("\n");
}

function declared(name: string, schema: Schema): string {
  const words = docComment(schema.description ?? "", "");
  const isInterface = schema.type === "object" && schema.properties;
  return isInterface
    ? `${words}export interface ${name} ${typeOf(schema, "")}\n`
    : `${words}export type ${name} = ${typeOf(schema, "")};\n`;
}

function typeOf(schema: Schema, indent: string): string {
  const { $ref, type, anyOf, items, properties, required = [] } = schema;
  if ($ref !== undefined) return $ref.slice($ref.lastIndexOf("/") + 1);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (anyOf) return anyOf.map((option) => typeOf(option, indent)).join(" | ");
  if (Array.isArray(type)) return type.map((each) => typeOf({ ...schema, type: each }, indent)).join(" | ");
  if (type === "array") return `readonly ${inParentheses(typeOf(items ?? {}, indent))}[]`;
  if (type === "object" && Object.keys(properties ?? {}).length > 0) {
    const members = Object.entries(properties ?? {}).map(([name, member]) => ({
      name,
      schema: member,
      isRequired: required.includes(name),
      words: member.description,
    }));
    return objectOf(members, indent);
  }
  if (type === "object") return "Readonly<Record<string, unknown>>";
  if (type === "integer") return "number";
  if (typeof type === "string") return type;
  return "unknown";
}

interface Member {
  readonly name: string;
  /** A schema, or the type of what has none. */
  readonly schema: Schema | string;
  readonly isRequired: boolean;
  readonly words?: string | undefined;
}

function objectOf(members: readonly Member[], indent: string): string {
  const inner = `${indent}  `;
  const lines = members.map(({ name, schema, isRequired, words = "" }) => {
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    const type = typeof schema === "string" ? schema : typeOf(schema, inner);
    return `${docComment(words, inner)}${inner}readonly ${key}${isRequired ? "" : "?"}: ${type};\n`;
  });
  return `{\n${lines.join("")}${indent}}`;
}

function membersOf({ parameters, requestBody, responses }: Operation): Member[] {
  const places = { path: "path", query: "query", header: "headers" } as const;
  const groups = Object.entries(places).flatMap(([place, name]) => {
    const members = parameters
      .filter((parameter) => parameter.in === place)
      .map((parameter) => ({ ...parameter, isRequired: parameter.required === true, words: parameter.description }));
    return members.length === 0
      ? []
      : [{ name, schema: objectOf(members, "    "), isRequired: members.some(({ isRequired }) => isRequired) }];
  });
  const body = requestBody && { name: "body", schema: schemaIn(requestBody.content), isRequired: requestBody.required };
  const [, answer] = Object.entries(responses).find(([status]) => Number(status) < 300) ?? [];
  const answered = {
    name: "answer",
    schema: answer?.content ? schemaIn(answer.content) : "undefined",
    isRequired: true,
  };
  return [...groups, ...(body ? [body] : []), answered];
}

/** Of several media types all have one schema. */
function schemaIn(content: Content): Schema {
  return Object.values(content)[0]?.schema ?? {};
}

function inParentheses(type: string): string {
  return type.includes(" | ") && !type.startsWith("{") ? `(${type})` : type;
}
