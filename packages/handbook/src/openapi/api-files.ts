import { stringify } from "yaml";
import type { LimitedApi } from "./limits-overlay.ts";

/** The files of an API's document with its limits in it, by name: in YAML, or in JSON where the API's own is. */
export function apiFiles({ document, overlay }: LimitedApi, isJson: boolean): ReadonlyMap<string, string> {
  const written = isJson ? (value: unknown) => `${JSON.stringify(value, null, 2)}\n` : toYaml;
  const extension = isJson ? "json" : "yaml";
  return new Map([
    [`openapi.${extension}`, written(document)],
    [`openapi-overlay.${extension}`, written(overlay)],
  ]);
}

function toYaml(value: unknown): string {
  return stringify(value, { aliasDuplicateObjects: false, lineWidth: 120 });
}
