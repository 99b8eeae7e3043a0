// What routes of the admin API are made of, for packages that add theirs.
export type { AdminApp, AdminContext, AdminRoutes } from "./admin-options.ts";
export { BODY_REFUSALS, emptyAnswer, jsonAnswer, recordAnswer, refusals } from "./answers.ts";
export { nothing, only } from "./body.ts";
export { type PageJson, pageFields, pageSchema } from "./pagination.ts";
export { etagOf, ifMatch, ifNoneMatch, preconditionOf, sendRecord } from "./preconditions.ts";
export { Refusal } from "./refusal.ts";
export { recordSchema, refTo } from "./schema.ts";
