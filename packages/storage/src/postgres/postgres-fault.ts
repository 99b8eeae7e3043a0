import { DatabaseError } from "pg";
import type { Fault } from "../transaction.ts";

/**
 * SQLSTATEs that mean the server, not the statement; see PostgreSQL's appendix A. Two characters stand for a class:
 * connections, authorization, resources, operators' interventions, the system, and internal errors.
 */
const OF_SERVER: readonly string[] = ["08", "28", "3D000", "53", "57", "58", "XX", "25006", "25P03", "55P03"];

/** Of those, the ones where the server does answer: the disk is full, or its files are damaged. */
const ANSWERED: readonly string[] = ["53100", "53200", "58", "XX"];

/** Whether the database failed, and not only the statement. */
export function isOfDatabase(error: unknown): boolean {
  return !(error instanceof DatabaseError) || isAmong(OF_SERVER, error);
}

/** Whether the database cannot be asked anything for now. */
export function isUnreachable(error: unknown): boolean {
  return isOfDatabase(error) && !(error instanceof DatabaseError && isAmong(ANSWERED, error));
}

/** What the server said of a statement: its message, without the details, for those quote the row. */
export function failed(error: unknown): Fault {
  return { code: "HG_STORAGE_FAILED", message: `the database refused: ${reasonOf(error)}` };
}

/** Why, in words or at least by a code: an attempt at several addresses fails without a message. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}

function isAmong(states: readonly string[], { code = "" }: DatabaseError): boolean {
  return states.some((state) => code.startsWith(state));
}
