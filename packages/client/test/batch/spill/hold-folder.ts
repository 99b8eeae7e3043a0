import { fileSpill } from "@headgate/client/spill";

// Opens the spill in the folder that it is given, says whether it could, and keeps it until it is killed.

try {
  await fileSpill(process.argv[2] as string).open();
  console.log("open");
} catch (error) {
  console.log((error as { code: string }).code);
}
setInterval(() => {}, 1_000);
