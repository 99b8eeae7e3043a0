import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type LoggedRequest, type LogReport, type ReadLogOptions, readLog } from "@headgate/rehearse";
import { temporaryFolder } from "../../../../test/temporary-folder.ts";

/** All that reading gave. */
export interface Read {
  readonly requests: readonly LoggedRequest[];
  readonly report: LogReport;
}

/** Writes the contents to files called `log1`, `log2` and so on, and reads them. The report names them without a folder. */
export async function readAll(contents: readonly (string | Uint8Array)[], options?: ReadLogOptions): Promise<Read> {
  const folder = await temporaryFolder();
  const files = contents.map((_, i) => join(folder, `log${i + 1}`));
  for (const [i, file] of files.entries()) await writeFile(file, contents[i] as string | Uint8Array);
  const reading = readLog(files, options);
  const requests: LoggedRequest[] = [];
  for await (const batch of reading.batches) requests.push(...batch);
  return { requests, report: JSON.parse(JSON.stringify(reading.report()).replaceAll(`${folder}/`, "")) };
}
