import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import type { Answer, Json } from "./rig.ts";

/** What the API says of itself, as something to hold its answers to. */
export class ApiDescription {
  readonly #document: Json;
  readonly #paths: readonly { readonly template: string; readonly fits: RegExp }[];
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #validators = new Map<string, ValidateFunction>();

  constructor(document: Json) {
    this.#document = document;
    this.#ajv.addSchema(document, "api");
    this.#paths = Object.keys(document.paths)
      // `/audit/verify` before `/audit/{id}`.
      .toSorted((a, b) => a.split("{").length - b.split("{").length)
      .map((template) => ({ template, fits: new RegExp(`^${template.replace(/\{\w+\}/g, "[^/]+")}$`) }));
  }

  /** Throws where an answer is not described, or does not fit its description. */
  check(method: string, url: string, answer: Answer): void {
    const path = url.split("?", 1)[0] as string;
    const type = answer.headers["content-type"]?.split(";", 1)[0];
    const template = this.#paths.find(({ fits }) => fits.test(path))?.template;
    const operation = template && this.#document.paths[template][method.toLowerCase()];
    if (!operation) {
      if (method !== "HEAD") this.#fit("#/components/schemas/Problem", answer);
      return;
    }
    const described = operation.responses[answer.status];
    if (answer.status === 304) return;
    if (!described)
      throw new Error(`${method} ${path} answers ${answer.status}, which is not described: ${answer.text}`);
    if (answer.status === 204) return;
    if (!described.content?.[type as string]) throw new Error(`${method} ${path} answers ${type}, not as described`);
    if (answer.body === undefined) return;
    const steps = ["paths", template, method.toLowerCase(), "responses", `${answer.status}`, "content", type as string];
    this.#fit(`#/${steps.map(pointerStep).join("/")}/schema`, answer);
  }

  #fit(pointer: string, answer: Answer): void {
    let validate = this.#validators.get(pointer);
    if (!validate) {
      validate = this.#ajv.compile({ $ref: `api${pointer}` });
      this.#validators.set(pointer, validate);
    }
    if (!validate(answer.body)) {
      throw new Error(`${pointer}: ${this.#ajv.errorsText(validate.errors)}\n${answer.text}`);
    }
  }
}

function pointerStep(text: string): string {
  return encodeURIComponent(text.replaceAll("~", "~0").replaceAll("/", "~1"));
}
