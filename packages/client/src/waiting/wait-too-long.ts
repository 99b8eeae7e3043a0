import { HeadgateError } from "@headgate/core";

/** The wait that an API asks for is longer than the caller's patience, or goes past the call's deadline. */
export class WaitTooLongError extends HeadgateError {
  /** How long it would have been, from when this was thrown. */
  readonly waitMs: number;
  /** The refusal that said so, its body unread. None where the call was not sent, since others had been told to wait. */
  readonly response: Response | undefined;

  constructor(waitMs: number, response?: Response) {
    const seconds = Math.ceil(waitMs / 1000);
    super(
      "HG_WAIT_TOO_LONG",
      `The API takes this call in ${seconds} s: call again then, or allow more patience or a later deadline`,
    );
    this.waitMs = waitMs;
    this.response = response;
  }
}
