/** The policy's named groups of routes. */
export interface Endpoints {
  /** The first pattern that matches, as written, or "" for every unlisted route: that is what `per: endpoint` counts by. */
  patternOf(method: string, path: string): string;
  /** Whether any pattern of the group matches. */
  isIn(group: string, method: string, path: string): boolean;
}
