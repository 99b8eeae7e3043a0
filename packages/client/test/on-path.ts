import { spawnSync } from "node:child_process";

/** The command again, if this machine has it. */
export function onPath(command: string): string | undefined {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0 ? command : undefined;
}
