import { fileSpill } from "@headgate/client/spill";

// Appends items to the spill in the folder that it is given, some larger than there is room for, and ends without closing
// it. Prints which were taken.

process.on("SIGXFSZ", () => {});

const spill = fileSpill(process.argv[2] as string);
await spill.open();
const taken: number[] = [];
const refused: number[] = [];
const codes = new Set<string>();
for (let id = 1; id <= 60; id++) {
  const text = JSON.stringify("x".repeat(id % 10 === 0 ? 9_000 : 500));
  try {
    await spill.append({ id, key: "k", text });
    taken.push(id);
  } catch (error) {
    refused.push(id);
    codes.add((error as { code: string }).code);
  }
}
console.log(JSON.stringify({ taken, refused, codes: [...codes] }));
process.exit(0);
