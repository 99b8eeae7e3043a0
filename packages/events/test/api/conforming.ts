import type { EventsApi, EventsRequest } from "@headgate/events";
import type { TSchema } from "typebox";
import { Compile, type Validator } from "typebox/compile";
import { expect } from "vitest";
import type { Answer } from "../rig.ts";

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, TSchema>> };
}

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly headers?: Readonly<Record<string, object>>;
  readonly content?: Readonly<Record<string, { readonly schema: TSchema }>>;
}

/** What holds for answers of every kind. */
const EVERYWHERE = ["content-type", "cache-control", "allow", "retry-after", "x-accel-buffering"];

const conformities = new WeakMap<EventsApi, Promise<Conformity>>();

/** Fails the test where an answer is not as `/openapi.json` describes it. */
export async function expectConforming(
  api: EventsApi,
  request: Pick<EventsRequest, "method" | "path">,
  answer: Answer,
): Promise<void> {
  if (!conformities.has(api)) conformities.set(api, Conformity.of(api));
  (await conformities.get(api))?.check(request, answer);
}

class Conformity {
  readonly #description: Description;
  readonly #validators = new Map<TSchema, Validator>();

  private constructor(description: Description) {
    this.#description = description;
  }

  static async of(api: EventsApi): Promise<Conformity> {
    const request = { method: "GET", path: "/openapi.json", query: "", headers: {} };
    const answer = await api.answer({ ...request, body: Buffer.alloc(0), identity: undefined });
    if (typeof answer === "symbol") throw new Error("the description is for anyone");
    return new Conformity(JSON.parse(String(answer.body)) as Description);
  }

  check({ method, path }: Pick<EventsRequest, "method" | "path">, answer: Answer): void {
    const operation = this.#operationAt(method === "HEAD" ? "GET" : method, path);
    if (!operation) {
      expect([404, 405], `${method} ${path} is not described`).toContain(answer.status);
      this.#checkBody(`${method} ${path}`, PROBLEM, answer);
      return;
    }
    const name = `${operation.operationId} with ${answer.status}`;
    const described = operation.responses[answer.status];
    expect(described, `${name} is described`).toBeDefined();
    this.#checkHeaders(name, described?.headers, answer);
    if (described?.content) this.#checkBody(name, described.content, answer);
    else if (answer.status < 400) expect(answer.text, `${name} has no body`).toBe("");
  }

  #checkHeaders(name: string, described: Response["headers"], { headers }: Answer): void {
    const known = Object.keys(described ?? {}).map((header) => header.toLowerCase());
    const others = Object.keys(headers).filter((header) => !EVERYWHERE.includes(header) && !known.includes(header));
    expect(others, `headers of ${name} that are not described`).toEqual([]);
  }

  #checkBody(name: string, content: Response["content"], { headers, text, json }: Answer): void {
    const type = headers["content-type"] ?? "";
    expect(Object.keys(content ?? {}), `media type of ${name}`).toContain(type);
    const schema = content?.[type]?.schema;
    if (!schema || !type.endsWith("json")) return;
    const faults = this.#validatorOf(schema).Errors(json());
    expect(faults, `body of ${name}: ${text.slice(0, 500)}`).toEqual([]);
  }

  #validatorOf(schema: TSchema): Validator {
    let validator = this.#validators.get(schema);
    if (!validator) {
      const { components } = this.#description;
      validator = Compile({ ...schema, components } as TSchema);
      this.#validators.set(schema, validator);
    }
    return validator;
  }

  #operationAt(method: string, path: string): Operation | undefined {
    const templates = Object.keys(this.#description.paths).filter((template) => patternOf(template).test(path));
    const [closest = ""] = templates.toSorted((a, b) => a.split("{").length - b.split("{").length);
    return this.#description.paths[closest]?.[method.toLowerCase()];
  }
}

const PROBLEM: Response["content"] = {
  "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } as TSchema },
};

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}/?$`);
}
