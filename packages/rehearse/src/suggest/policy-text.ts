import type { Crowd } from "./crowd.ts";
import type { Findings } from "./survey.ts";

/** A limit as a policy file has it. */
export interface LimitText {
  readonly name: string;
  readonly crowd: Crowd;
  /** The endpoint group; undefined for all requests. */
  readonly group: string | undefined;
  readonly quota: number;
  /** A duration. */
  readonly window: string;
  /** Lines above it. */
  readonly comments: readonly string[];
}

export interface PolicyTextOptions {
  readonly findings: Findings;
  readonly upstream: string;
  readonly limits: readonly LimitText[];
  /** Lines above all else. */
  readonly comments: readonly string[];
}

/** Writes a policy file. */
export function policyText({ findings, upstream, limits, comments }: PolicyTextOptions): string {
  const [first = [], ...others] = limits.map(limitLines);
  const sections = [
    [...comments.map(comment), "headgate: 1", "title: Suggested limits", `upstream: ${quoted(upstream)}`],
    callerLines(findings),
    endpointLines(findings, limits),
    ["limits:", ...first],
    ...others,
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function callerLines({ keySource }: Findings): string[] {
  if (keySource === undefined) return [];
  return ["callers:", `  api-key: { ${keySource === "bearer" ? "bearer: true" : `header: ${keySource}`} }`];
}

/** Groups that limits are about, and no others. */
function endpointLines({ groups }: Findings, limits: readonly LimitText[]): string[] {
  const used = groups.filter(({ name }) => limits.some(({ group }) => group === name));
  const lines = used.map(({ name, patterns }) => `  ${name}: [${patterns.map(quoted).join(", ")}]`);
  return lines.length === 0 ? [] : ["endpoints:", ...lines];
}

function limitLines({ name, crowd, group, quota, window, comments }: LimitText): string[] {
  const match = [
    ...(crowd.isAnonymous ? ["authenticated: false"] : []),
    ...(group === undefined ? [] : [`endpoint: ${group}`]),
  ];
  return [
    ...comments.map((text) => `  ${comment(text)}`),
    `  - name: ${name}`,
    ...(match.length === 0 ? [] : [`    match: { ${match.join(", ")} }`]),
    `    per: [${crowd.per}]`,
    `    quota: ${quota}`,
    `    window: ${window}`,
  ];
}

function comment(text: string): string {
  return text === "" ? "#" : `# ${text}`;
}

/** Every JSON string is a YAML string. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
