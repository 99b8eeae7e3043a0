import * as z from "zod";

/** Where counters live. */
export interface StoreSection {
  readonly memory?: { readonly "max-partitions"?: number | undefined } | undefined;
  readonly redis?: { readonly url: string; readonly mode?: "exact" | "leased" | undefined } | undefined;
}

export const storeSchema: z.ZodType<StoreSection> = z.strictObject({
  memory: z
    .strictObject({
      "max-partitions": z
        .int()
        .min(1)
        .max(2 ** 27)
        .optional()
        .describe("Counters to have room for at once. Default 1000000."),
    })
    .optional()
    .describe("Counters in this process's memory."),
  redis: z
    .strictObject({
      url: z.string().describe("redis://host:port, or rediss:// for TLS."),
      mode: z.enum(["exact", "leased"]).optional().describe("Ask for each request, or take chunks ahead of use."),
    })
    .optional()
    .describe("Counters in Redis or Valkey, shared by many processes."),
});
