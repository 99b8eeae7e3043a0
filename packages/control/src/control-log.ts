/** What is noted of one event. Never a secret. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Where control reports what an operator may want to know: one line an event, named in lower-case words with hyphens. */
export interface ControlLog {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}
