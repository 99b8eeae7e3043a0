import type { Decided } from "../replay/decided.ts";

/** Requests of one endpoint, or of all. */
export class Count {
  requests = 0;
  refused = 0;
  /** Among the admitted. */
  shadowRefused = 0;

  note({ refusedFor, isShadowRefused }: Decided): void {
    this.requests++;
    if (refusedFor !== undefined) this.refused++;
    else if (isShadowRefused) this.shadowRefused++;
  }

  get admitted(): number {
    return this.requests - this.refused;
  }
}
