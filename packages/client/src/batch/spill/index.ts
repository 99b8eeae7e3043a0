export { type FileSpillOptions, fileSpill } from "./file-spill.ts";
