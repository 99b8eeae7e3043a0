export { type Difference, differencesOf } from "./differences.ts";
export { HANDBOOK_ERRORS } from "./errors.ts";
export { type Handbook, PAGE_NAMES, writeHandbook } from "./handbook.ts";
export { apiFiles } from "./openapi/api-files.ts";
export { type LimitedApi, limitedApi } from "./openapi/limits-overlay.ts";
export type { Overlay, OverlayAction } from "./openapi/overlay.ts";
export type { Page } from "./page.ts";
export { isGeneratedPage } from "./site/html-page.ts";
export { siteFiles } from "./site/site-files.ts";
