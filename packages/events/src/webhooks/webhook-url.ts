import { Refusal } from "../problem.ts";
import { type AddressGuard, ForbiddenHost, hostOf, UnresolvedName } from "./address-guard.ts";
import type { Sender } from "./sender.ts";

const LONGEST = 2048;
const MOST_SHOWN = 300;

/**
 * The URL as it is kept and asked: normalised, so that an address has one spelling. Rejects with `HG_WEBHOOK_URL` where
 * webhooks cannot go there, or are sent elsewhere from there. A name without an address is taken: every attempt looks
 * again.
 */
export async function checkedUrl(text: string, guard: AddressGuard, sender: Sender): Promise<string> {
  const url = parseUrl(text);
  try {
    await guard.addressesOf(hostOf(url));
    const location = await sender.redirectOf(url.href);
    if (location === undefined) return url.href;
    throw refusal(`it redirects to ${shown(location)}: name that one`);
  } catch (error) {
    if (error instanceof UnresolvedName) return url.href;
    throw error instanceof ForbiddenHost ? refusal(error.message) : error;
  }
}

function parseUrl(text: string): URL {
  if (/[\s\p{Cc}]/u.test(text)) throw refusal("it holds blanks or control characters");
  const url = URL.parse(text);
  if (!url) throw refusal("it is no URL: write https://example.com/webhooks");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refusal("it must begin with https:// or http://");
  if (url.username !== "" || url.password !== "") {
    throw refusal("it holds a user's name or password: the signature tells that a message is genuine");
  }
  if (text.includes("#")) throw refusal("it holds a fragment, the part from # on, which is never sent");
  if (url.href.length > LONGEST) throw refusal(`it is longer than ${LONGEST} characters`);
  return url;
}

function shown(location: string): string {
  return location.length > MOST_SHOWN ? `${location.slice(0, MOST_SHOWN).toWellFormed()}…` : location;
}

function refusal(reason: string): Refusal {
  return new Refusal("HG_WEBHOOK_URL", `webhooks cannot be sent to this URL: ${reason}`, {
    faults: [{ pointer: "#/url", detail: reason }],
  });
}
