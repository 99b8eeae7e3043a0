// Streams readings with the vendor's published SDK, unchanged. It speaks to port 443 alone, which here is another's: the
// agent that it uses is told so.
const https = require("node:https");
const { bucket: openBucket } = require("initial-state");

https.globalAgent.defaultPort = Number(process.env.PORT);
const bucket = openBucket({ id: "greenhouse", name: "Green house" }, process.env.KEY);

bucket.on("ready", (isNew) => console.log(isNew ? "made" : "found"));
bucket.on("error", (error) => console.log(error.message));
bucket.on("drain", () => console.log("sent"));
bucket.push("temperature", 21.5, process.env.TIME);
bucket.push("door", "open", process.env.TIME);
bucket.push("now", true);
