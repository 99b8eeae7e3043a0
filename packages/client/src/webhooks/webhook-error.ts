import { HeadgateError } from "@headgate/core";
import type { CLIENT_ERRORS } from "../errors.ts";

type WebhookErrorCode = Extract<keyof typeof CLIENT_ERRORS, `HG_WEBHOOK_${string}`>;

/** Why a message cannot be taken for what it says it is. The words tell nothing of the message, nor of the secret. */
export class WebhookError extends HeadgateError {
  /** What to answer the sender with: 500 where the fault is the receiver's own. */
  readonly status: 400 | 413 | 500;

  constructor(code: WebhookErrorCode, message: string, status: 400 | 413 | 500 = 400) {
    super(code, message);
    this.status = status;
  }
}
