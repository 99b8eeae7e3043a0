import type { GatewayLog } from "@headgate/gateway";
import { pino } from "pino";

/** Lines of JSON on standard error, so that standard output stays for answers. `LOG_LEVEL` sets how many. */
export function createLog(usualLevel: "info" | "warn" = "info"): GatewayLog {
  const level = process.env.LOG_LEVEL ?? usualLevel;
  const logger = pino(
    {
      level: level in pino.levels.values || level === "silent" ? level : usualLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
    },
    pino.destination({ fd: 2, sync: true }),
  );
  return {
    info: (event, fields) => logger.info(fields, event),
    warn: (event, fields) => logger.warn(fields, event),
    error: (event, fields) => logger.error(fields, event),
  };
}
