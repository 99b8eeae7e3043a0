import { type CallerSection, listOf } from "@headgate/policy";
import { code } from "../markdown.ts";
import { enumeration } from "./quantity.ts";

/** Where a request says one of its callers: in the header `X-Tenant`. */
export function sourceLabel({ bearer, header, query, cookie, "jwt-claim": claim }: CallerSection): string {
  const places = [
    ...(bearer === undefined ? [] : [bearerLabel(bearer)]),
    ...(header === undefined ? [] : [`in the header ${code(header)}`]),
    ...(query === undefined ? [] : [`in the query parameter ${code(query)}`]),
    ...(cookie === undefined ? [] : [`in the cookie ${code(cookie)}`]),
    ...(claim === undefined
      ? []
      : [`in the claim ${code(claim)} of the JWT that is the bearer token in ${code("Authorization")}`]),
  ];
  return enumeration(places, "or");
}

function bearerLabel(bearer: NonNullable<CallerSection["bearer"]>): string {
  const beginnings = bearer === true ? [] : listOf(bearer).map(code);
  const which = beginnings.length === 0 ? "" : ` that begins with ${enumeration(beginnings, "or")}`;
  return `in ${code("Authorization")} as a bearer token${which}`;
}
