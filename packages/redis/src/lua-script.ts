import { readFileSync } from "node:fs";
import type { AlgorithmName } from "@headgate/core";
import { defineScript, type Script } from "./script.ts";

/** The algorithms as frames number them, from 1 on. */
export const ALGORITHMS: readonly AlgorithmName[] = ["fixed-window", "sliding-window", "token-bucket", "concurrency"];

/**
 * Makes a script of files in `lua`: the algorithms as `modules`, each a function that gives its table, then the files in
 * order as one chunk. A Redis script runs from its first line at every call, so what not every call needs is a function.
 */
export function luaScript(...names: readonly string[]): Script {
  const modules = ALGORITHMS.map((name) => `function()\n${luaFile(name)}\nend`).join(",\n");
  return defineScript([`local modules = {\n${modules}\n}`, ...names.map(luaFile)].join("\n"));
}

function luaFile(name: string): string {
  return readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8");
}
