import { HeadgateError } from "@headgate/core";
import { looksLikeId } from "./id.ts";
import { faultOfText } from "./plain-text.ts";

const LONGEST_NAME = 100;
const LONGEST_REASON = 500;
const LONGEST_PLAN = 128;

/** A name as it is kept: Unicode's composed form (NFC). Throws `HG_NAME_INVALID`. */
export function nameOf(text: string): string {
  const fault = faultOfText(text, LONGEST_NAME);
  if (fault !== undefined) throw new HeadgateError("HG_NAME_INVALID", `The name ${fault}.`);
  return text.normalize("NFC");
}

/** An account's name, which must not pass for an id: either can be asked for. Throws `HG_NAME_INVALID`. */
export function accountNameOf(text: string): string {
  const name = nameOf(text);
  if (looksLikeId(nameKeyOf(name))) {
    throw new HeadgateError("HG_NAME_INVALID", "The name begins as ids do: leave out what is before the underscore.");
  }
  // In a path, where accounts are asked for by name, these mean another place (RFC 3986, section 5.2.4).
  if (name === "." || name === "..") throw new HeadgateError("HG_NAME_INVALID", "The name is no name, but a path.");
  return name;
}

/** A name as it is compared: two names that read alike are one, whatever their case, width and blanks. */
export function nameKeyOf(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFKC").replace(/\s+/gu, " ");
}

/** A plan's name, as a policy may write it. Throws `HG_NAME_INVALID`. */
export function planOf(text: string): string {
  const fault = faultOfText(text, LONGEST_PLAN);
  if (fault !== undefined) throw new HeadgateError("HG_NAME_INVALID", `The plan's name ${fault}.`);
  return text;
}

/** Why something was done. Throws `HG_REASON_INVALID`. */
export function reasonOf(text: string): string {
  const fault = faultOfText(text, LONGEST_REASON);
  if (fault !== undefined) throw new HeadgateError("HG_REASON_INVALID", `The reason ${fault}.`);
  return text.normalize("NFC");
}
