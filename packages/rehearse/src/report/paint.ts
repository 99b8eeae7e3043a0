import { styleText } from "node:util";

type Format = "bold" | "dim" | "red" | "yellow" | "cyan";

/** Gives text a colour, or leaves it as it is. */
export type Paint = (format: Format, text: string) => string;

export const PLAIN: Paint = (_format, text) => text;

/** Whether there is somebody to see it is the caller's to know. */
export const COLOURED: Paint = (format, text) => styleText(format, text, { validateStream: false });
