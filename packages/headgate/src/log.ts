import { HeadgateError } from "@headgate/core";
import type { GatewayLog } from "@headgate/gateway";
import { pino } from "pino";

const LEVELS = [...Object.keys(pino.levels.values), "silent"];

/**
 * Lines of JSON on standard error, so that standard output stays for answers. `LOG_LEVEL` sets how many; throws
 * `HG_LOG_LEVEL` where it says what is no level.
 */
export function createLog(usualLevel: "info" | "warn" = "info"): GatewayLog {
  const level = process.env.LOG_LEVEL || usualLevel;
  if (!LEVELS.includes(level)) {
    throw new HeadgateError("HG_LOG_LEVEL", `LOG_LEVEL is "${level}", and may be one of ${LEVELS.join(", ")}`);
  }
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    info: (event, fields) => logger.info(fields, event),
    warn: (event, fields) => logger.warn(fields, event),
    error: (event, fields) => logger.error(fields, event),
  };
}
