/** Makes requests of a log's bytes, and gives them to an intake. */
export interface LogParser {
  /** The next bytes, unpacked. They are not kept. */
  take(chunk: Buffer): void;
  /** There are no more bytes. `isCut`: there should have been. */
  end(isCut: boolean): void;
}
