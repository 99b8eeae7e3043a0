import type { Answer } from "../gate.ts";
import { type Pace, Pacer, type PacerState } from "../pacer.ts";

/** Who has said nothing for so long is gone, and what it had in flight is over. */
const GONE_MS = 60_000;
/** Who has not asked for so long does not want permits any more. */
const ASKING_MS = 1_000;
/** How long who has had more than others lets these ask. */
const YIELD_MS = 50;
/** Permits that one member may take at once, and have more of than another who wants some too. */
const MOST_AT_ONCE = 8;

/** What is in the cell. */
interface Contents {
  readonly pacer: PacerState;
  readonly members: Record<string, Member>;
}

/** What is known of a member. */
interface Member {
  /** Calls in flight, permits that it has not used yet among them. */
  readonly inFlight: number;
  readonly seenAt: number;
  /** When it last asked for permits, how many it did not get then, and how many it has had in all. */
  readonly askedAt: number;
  readonly want: number;
  readonly had: number;
}

/** What a member tells the others, and asks of them. Times are by the cell's clock. */
export interface Turn {
  readonly member: string;
  readonly pace: Pace;
  /** Its calls in flight, those among them whose answers it tells now. */
  readonly inFlight: number;
  readonly answers: readonly { readonly sentAt: number; readonly answer: Answer | undefined }[];
  /** Permits that it could use. */
  readonly want: number;
}

/** What comes of a turn. */
export interface Outcome {
  /** What is to be in the cell. */
  readonly text: string;
  /** Permits it may use at once. */
  readonly granted: number;
  /** When to ask again, where it got less than it wants. */
  readonly againAt: number;
  /** Until when everybody was told to wait. */
  readonly heldUntil: number;
  /** The next answer, of whichever member, may change everything. */
  readonly isUnsure: boolean;
  /** What is in the cell can stay as it is. */
  readonly changesNothing: boolean;
}

/** Takes a member's turn at what is in the cell: all that share a gate are, together, one pacer. */
export function takeTurn(text: string, turn: Turn, now: number): Outcome {
  const { member: name, pace, inFlight, answers, want } = turn;
  const { pacer: state, members } = read(text);
  const { [name]: before, ...others } = members;
  const pacer = new Pacer(pace, state);
  pacer.inFlight = inFlight;
  let leastHad = Number.POSITIVE_INFINITY;
  for (const [other, { inFlight: theirs, seenAt, askedAt, want: wanted, had: hadThey }] of Object.entries(others)) {
    if (seenAt < now - GONE_MS) delete others[other];
    else pacer.inFlight += theirs;
    if (askedAt >= now - ASKING_MS && wanted > 0) leastHad = Math.min(leastHad, hadThey);
  }
  for (const { sentAt, answer } of answers) pacer.answered(sentAt, answer, now);

  // Who comes late, or seldom, has not saved anything up.
  const had = Math.max(before?.had ?? 0, Number.isFinite(leastHad) ? leastHad - MOST_AT_ONCE : 0);
  const most = Math.min(want, MOST_AT_ONCE, leastHad + MOST_AT_ONCE - had);
  let granted = 0;
  let againAt = pacer.nextAt(now, want);
  while (granted < most && againAt <= now) {
    pacer.sent(now);
    granted++;
    againAt = pacer.nextAt(now, want);
  }
  const isAsking = before !== undefined && before.want > 0 && before.askedAt >= now - ASKING_MS / 2;
  const asked =
    want > 0 ? { askedAt: now, want: want - granted } : { askedAt: before?.askedAt ?? 0, want: before?.want ?? 0 };
  others[name] = { inFlight: inFlight - answers.length + granted, seenAt: now, ...asked, had: had + granted };
  return {
    text: JSON.stringify({ pacer: pacer.state, members: others }),
    granted,
    againAt: most > 0 ? againAt : Math.max(againAt, now + YIELD_MS),
    heldUntil: pacer.heldUntil,
    isUnsure: pacer.isUnsure,
    changesNothing: granted === 0 && answers.length === 0 && (want === 0 || isAsking),
  };
}

/** What is there; nothing where it is not what a member has written. */
function read(text: string): Contents {
  try {
    const { pacer, members } = JSON.parse(text) as Contents;
    if (Number.isFinite(new Pacer("burst", pacer).nextAt(0)) && Object.values(members)) return { pacer, members };
  } catch {
    // Nothing is there yet, or somebody else's.
  }
  return { pacer: new Pacer(false).state, members: {} };
}
