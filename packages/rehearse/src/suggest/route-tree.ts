/** Paths that are the same but for their ids, such as `/v1/events/{id}`. */
export interface RouteTemplate {
  /** Names as they are, {@link ANY_SEGMENT} for ids, and {@link ANY_REST} for all that is too deep to tell apart. */
  readonly segments: readonly string[];
  readonly requests: number;
}

const ANY_SEGMENT = "{id}";
export const ANY_REST = "**";

/** Where more names than these are met, they are ids, whatever they look like. */
const MOST_NAMES = 100;
/** Segments of a path that are told apart. */
const DEEPEST = 8;
/** Places remembered: some 5 MB. What is new then is an id wherever it differs. */
const MOST_PLACES = 20_000;

/** Where paths lead to, or through. */
class Place {
  requests = 0;
  /** Whether all segments that follow are ids. */
  hasIds = false;
  /** Where ids lead. */
  any: Place | undefined;
  readonly named = new Map<string, Place>();
}

/** Learns templates from the paths of a log, in bounded memory. */
export class RouteTree {
  readonly #root = new Place();
  #places = 1;

  /** Takes the path of one request, normalised. */
  note(path: string): void {
    let place = this.#root;
    const segments = path.split("/", DEEPEST + 2).filter((segment) => segment !== "");
    for (const segment of segments.slice(0, DEEPEST)) place = this.#follow(place, segment);
    if (segments.length > DEEPEST) place = this.#named(place, ANY_REST);
    place.requests++;
  }

  /** Those that were met, the most frequent first. */
  templates(): RouteTemplate[] {
    return [...templatesOf(this.#root, [])].toSorted((a, b) => b.requests - a.requests);
  }

  #follow(place: Place, segment: string): Place {
    const known = place.named.get(segment);
    if (known) return known;
    if (place.hasIds || !isName(segment) || this.#places >= MOST_PLACES) return this.#any(place);
    const next = this.#named(place, segment);
    if (place.named.size <= MOST_NAMES) return next;
    this.#takeForIds(place);
    return this.#any(place);
  }

  #named(place: Place, segment: string): Place {
    return place.named.get(segment) ?? this.#added((next) => place.named.set(segment, next));
  }

  #any(place: Place): Place {
    place.any ??= this.#added(() => {});
    return place.any;
  }

  #added(link: (place: Place) => void): Place {
    const place = new Place();
    this.#places++;
    link(place);
    return place;
  }

  /** So many names cannot be names: their places become one. */
  #takeForIds(place: Place): void {
    place.hasIds = true;
    const names = [...place.named.values()];
    place.named.clear();
    for (const named of names) this.#merge(named, this.#any(place));
  }

  #merge(from: Place, into: Place): void {
    this.#places--;
    into.requests += from.requests;
    if (from.any) this.#merge(from.any, this.#any(into));
    for (const [name, next] of from.named) {
      this.#merge(next, into.hasIds ? this.#any(into) : this.#named(into, name));
    }
    if (!into.hasIds && (from.hasIds || into.named.size > MOST_NAMES)) this.#takeForIds(into);
  }
}

/** What begins with a letter, is short, and has few digits. Ids that look like names are found by their number. */
function isName(segment: string): boolean {
  return /^[A-Za-z][A-Za-z0-9._~-]{0,31}$/.test(segment) && segment.replaceAll(/\D/g, "").length < 4;
}

function* templatesOf(place: Place, segments: readonly string[]): Generator<RouteTemplate> {
  if (place.requests > 0) yield { segments, requests: place.requests };
  for (const [name, next] of place.named) yield* templatesOf(next, [...segments, name]);
  if (place.any) yield* templatesOf(place.any, [...segments, ANY_SEGMENT]);
}
