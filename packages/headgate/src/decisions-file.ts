import type { DecisionSink } from "@headgate/rehearse";
import { openOutput } from "./output-file.ts";

/** A file of decisions that is being written, a line each. */
export interface DecisionsFile extends DecisionSink {
  close(): Promise<void>;
}

/** Makes the file, over what was there; `-` is standard output. Throws `HG_OUTPUT_UNWRITABLE`, as writing to it does. */
export async function openDecisions(file: string): Promise<DecisionsFile> {
  const { decisionLine } = await import("@headgate/rehearse");
  const output = await openOutput(file);
  let lines = "";
  return {
    note(decided) {
      lines += decisionLine(decided);
    },
    async drain() {
      const due = lines;
      lines = "";
      await output.write(due);
    },
    close: () => output.close(),
  };
}
