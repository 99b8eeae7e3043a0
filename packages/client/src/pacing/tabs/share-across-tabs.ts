import type { SharedGate } from "../shared-gate.ts";
import { TabSupply } from "./tab-supply.ts";

/**
 * Shares gates with all tabs and workers of the same origin that give the same name, by `BroadcastChannel`: they tell each
 * other what they send and what they are told, and divide what remains among those that want some. There is no leader. Two
 * tabs that decide in the same moment do not know of each other's decision yet, so now and then one call is too many.
 * Where there is no `BroadcastChannel` each is alone, and a notice says so.
 */
export function shareAcrossTabs(name = "headgate"): SharedGate {
  return {
    join: (key, member) => {
      if (typeof BroadcastChannel !== "undefined") return new TabSupply(`${name} 1 ${key}`, member);
      member.tell("unshared", "there is no BroadcastChannel here");
      return undefined;
    },
  };
}
