import Type from "typebox";
import type { Seal } from "../seal.ts";
import { emptyAnswer, jsonAnswer } from "./answer.ts";
import { ETAG, IF_NONE_MATCH, isFresh } from "./freshness.ts";
import { describe } from "./open-api.ts";
import type { Route } from "./route.ts";

/** `/openapi.json`: the description of these routes, and of itself. */
export function openApiRoute(routes: readonly Route[], seal: Seal): Route {
  const route: Route = {
    method: "GET",
    path: "/openapi.json",
    audience: "anyone",
    operation: {
      operationId: "describe",
      summary: "This description",
      tag: "Description",
      answers: {
        200: { description: "OpenAPI 3.1.", type: "application/json", schema: Type.Object({}), headers: ETAG },
        304: { description: "Nothing has changed since the answer with that ETag.", headers: ETAG },
      },
      headers: IF_NONE_MATCH,
    },
    handle({ request }) {
      if (isFresh(request.headers, tag)) return emptyAnswer(304, ["ETag", tag]);
      return jsonAnswer(200, text, ["ETag", tag]);
    },
  };
  const text = JSON.stringify(describe([...routes, route]));
  const tag = `"${seal.mark("etag", text)}"`;
  return route;
}
