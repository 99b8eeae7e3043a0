import type { Control } from "@headgate/control";

/** What the gateway asks of the records. */
export interface Records {
  readonly directory: Pick<Control["directory"], "identify" | "suspensionOf">;
  readonly tokens: Pick<Control["tokens"], "mint">;
  readonly suspensions: Pick<Control["suspensions"], "suspend">;
}
