import type { Route } from "../api/route.ts";
import type { EventsContext } from "../context.ts";
import { ExportFiles } from "./export-files.ts";
import { exportRoutes } from "./export-routes.ts";
import { ExportSweep } from "./export-sweep.ts";
import { ExportTable } from "./export-table.ts";
import { Exporter, type MessageStatements } from "./exporter.ts";

/** Events as files: asked for, made in the background, downloaded. */
export interface Exports {
  readonly routes: readonly Route[];
  /** Says that there may be an export to work on. */
  wake(): void;
  /** Resolves when nothing is under way. */
  settled(): Promise<void>;
  /** Begins no more exports, and breaks off what is under way: it is gone on with later, or by another instance. */
  drain(): void;
  close(): Promise<void>;
}

export interface ExportsOptions {
  readonly messageStatements: MessageStatements;
}

export function openExports(context: EventsContext, { messageStatements }: ExportsOptions): Exports {
  const table = new ExportTable(context.storage);
  const files = new ExportFiles(context.folder);
  const exporter = new Exporter(context, files, messageStatements);
  const sweep = new ExportSweep(context, table, files);
  const wake = (): void => exporter.wake();
  const settled = async (): Promise<void> => {
    await Promise.all([exporter.settled(), sweep.settled()]);
  };
  const drain = (): void => {
    exporter.stop();
    sweep.stop();
  };
  // What was under way when the process ended is gone on with at once.
  wake();
  return {
    routes: exportRoutes(context, { table, files, wake }),
    wake,
    settled,
    drain,
    async close() {
      drain();
      await settled();
    },
  };
}
