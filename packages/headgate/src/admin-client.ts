import { HeadgateError } from "@headgate/core";

/** One request to the admin API. */
export interface AdminRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below `/admin/v1`, with its query. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object | undefined;
}

/** What came back, whoever answered. */
export interface AdminAnswer {
  readonly status: number;
  readonly body: string;
}

/** How requests get to the admin API: over HTTP, or within this process. */
export interface AdminTransport {
  send(request: AdminRequest): Promise<AdminAnswer>;
  close(): Promise<void>;
}

/** Items of a list, and where it goes on if there are more. */
export interface AdminList<Item> {
  readonly items: readonly Item[];
  readonly next_cursor: string | null;
}

/** What the admin API refused, with its code and words. */
export class AdminRefusal extends HeadgateError {}

/** Values of a query; undefined ones are left out. */
export type Query = Readonly<Record<string, string | boolean | undefined>>;

const MAX_PAGE = 100;
/** More than anyone reads; who wants them all asks the admin API page by page. */
const MAX_LISTED = 1000;

/**
 * The admin API, wherever it is. Every call rejects with {@link AdminRefusal} where the API says no, and with
 * `HG_ADMIN_UNREACHABLE` where what answers is something else.
 */
export class AdminClient {
  readonly #transport: AdminTransport;

  constructor(transport: AdminTransport) {
    this.#transport = transport;
  }

  get<Item>(path: string, query: Query = {}): Promise<Item> {
    return this.#send({ method: "GET", path: path + textOf(query) });
  }

  post<Item>(path: string, body: object = {}): Promise<Item> {
    return this.#send({ method: "POST", path, body });
  }

  patch<Item>(path: string, body: object): Promise<Item> {
    return this.#send({ method: "PATCH", path, body });
  }

  async delete(path: string): Promise<void> {
    await this.#send({ method: "DELETE", path });
  }

  /** Follows the pages of a list until there are `max` items. */
  async list<Item>(path: string, query: Query = {}, max: number = MAX_LISTED): Promise<AdminList<Item>> {
    const items: Item[] = [];
    let cursor: string | null = null;
    do {
      const limit = String(Math.min(MAX_PAGE, max - items.length));
      const page: AdminList<Item> = await this.get(path, { ...query, limit, cursor: cursor ?? undefined });
      if (!Array.isArray(page.items)) throw noHeadgate();
      items.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor !== null && items.length < max);
    return { items, next_cursor: cursor };
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async #send<Item>(request: AdminRequest): Promise<Item> {
    const { status, body } = await this.#transport.send(request);
    if (status >= 400) throw refusalOf(status, body);
    return (body === "" ? undefined : objectIn(body)) as Item;
  }
}

/** One segment of a path, whatever is in it. */
export function segment(text: string): string {
  return encodeURIComponent(text);
}

function textOf(query: Query): string {
  const values = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) values.set(name, String(value));
  const text = values.toString();
  return text && `?${text}`;
}

/** The part of an RFC 9457 problem that people read. */
interface Problem {
  readonly code: `HG_${string}`;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer?: string; readonly parameter?: string; readonly detail: string }[];
}

function refusalOf(status: number, body: string): HeadgateError {
  const problem = objectIn(body, status);
  if (!isProblem(problem)) return noHeadgate(status);
  const { code, detail, errors = [] } = problem;
  const more = errors.filter((fault) => !detail.includes(fault.detail));
  return new AdminRefusal(
    code,
    detail + more.map((fault) => `\n  ${fault.pointer ?? fault.parameter}: ${fault.detail}`).join(""),
  );
}

function isProblem(answer: object): answer is Problem {
  const { code, detail, errors = [] } = answer as Partial<Problem>;
  return /^HG_[A-Z_]+$/.test(String(code)) && typeof detail === "string" && Array.isArray(errors);
}

/** Throws `HG_ADMIN_UNREACHABLE` where a text is no JSON object, as all that the admin API answers is. */
function objectIn(body: string, status?: number): object {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // No JSON at all: no Headgate either.
  }
  throw noHeadgate(status);
}

function noHeadgate(status?: number): HeadgateError {
  const answered = status === undefined ? "" : ` with ${status}`;
  return new HeadgateError("HG_ADMIN_UNREACHABLE", `what answered${answered} is no Headgate's admin API`);
}
