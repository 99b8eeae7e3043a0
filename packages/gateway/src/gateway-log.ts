/** What is noted of one event. Never a secret, and of a URL never the query. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Where the gateway reports what an operator may want to know: one line an event, named in lower-case words with hyphens.
 * Console and pino both fit behind it.
 */
export interface GatewayLog {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** What is noted of an error that should not be: where it came from. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
