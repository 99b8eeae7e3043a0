// Written by scripts/write-events-types.ts from the description that the events API gives of itself.
// biome-ignore-all format: it is written by a script

export interface NewEvent {
  /** What happened, such as `user.login`. */
  readonly type: string;
  readonly actor?: {
    /** Who did it. */
    readonly id: string;
    /** For people to read. */
    readonly name?: string;
  } | null;
  readonly target?: {
    /** What it was done to. */
    readonly id: string;
    /** What kind of thing that is. */
    readonly type?: string;
    /** For people to read. */
    readonly name?: string;
  } | null;
  /** When: ISO 8601 with its offset from UTC, or Unix epoch seconds, as a number or as text. Default: now. */
  readonly time?: string | number;
  /** What is your own: an object of at most 32 KiB and 256 fields, kept byte for byte. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** An event sent again under its key within 24 hours is kept once. */
  readonly idempotency_key?: string;
}

export interface Event {
  readonly id: string;
  /** Its number within the account, in the order of commits, without gaps. */
  readonly seq: number;
  readonly type: string;
  readonly actor: {
    /** Who did it. */
    readonly id: string;
    /** For people to read. */
    readonly name?: string;
  } | null;
  readonly target: {
    /** What it was done to. */
    readonly id: string;
    /** What kind of thing that is. */
    readonly type?: string;
    /** For people to read. */
    readonly name?: string;
  } | null;
  /** When it happened. */
  readonly time: string;
  /** When it came. */
  readonly received_at: string;
  /** As it was sent. */
  readonly metadata: Readonly<Record<string, unknown>> | null;
  /** SHA-256 over the hash of the event before it, its number and its content. */
  readonly hash: string;
}

export interface EventList {
  readonly items: readonly Event[];
  /** What to ask for as `cursor` to go on; null at the end of what is listed the newest first. */
  readonly next_cursor: string | null;
  /** Whether there is more to look at now. */
  readonly has_more: boolean;
}

export interface NewBatch {
  /** At most 100, or as many as the API's policy says. */
  readonly events: readonly NewEvent[];
}

export interface BatchReport {
  readonly accepted: number;
  readonly rejected: number;
  /** Of the accepted events, in order. */
  readonly ids: readonly string[];
  readonly rejections: readonly {
    /** Which of the events that were sent. */
    readonly index: number;
    /** Which of its fields, such as `actor.id`; empty for the event as a whole. */
    readonly field: string;
    /** What is wrong with it, in words that go after the field's name. */
    readonly reason: string;
  }[];
}

export interface Problem {
  /** `about:blank`: the status says what kind of problem it is. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What happened, and what to do about it. */
  readonly detail: string;
  /** A stable code, listed in the reference of errors. */
  readonly code: string;
  readonly errors?: readonly {
    /** Where in the body, as RFC 9457 writes it: `#/type`. */
    readonly pointer?: string;
    /** Which parameter of the query or the path, or header. */
    readonly parameter?: string;
    readonly detail: string;
  }[];
}

export type Verdict = {
  readonly valid: true;
  /** Events that are as they were written. */
  readonly events: number;
  /** The first event that is kept; null where there is none. */
  readonly first_seq: number | null;
  /** The last event when this was asked. */
  readonly last_seq: number | null;
  /** The last event's hash: note it elsewhere, and a rewritten chain shows too. */
  readonly head: string;
} | {
  readonly valid: false;
  /** Events that are as they were written. */
  readonly events: number;
  /** The first event that does not fit. */
  readonly broken_at: {
    readonly seq: number;
    /** Null where the event is missing. */
    readonly id: string | null;
    /**
     * `changed`: edited, put in, or moved. `missing`: there is none of this number. `added`: it is beyond the last
     * event, or before the first that is kept. `head`: it is not the one that the account ends with.
     */
    readonly reason: "changed" | "missing" | "added" | "head";
  };
};

export interface NewWebhook {
  readonly id: string;
  /** Where messages are sent by POST. */
  readonly url: string;
  /** What it is told of. */
  readonly events: readonly ("event.created" | "export.completed" | "limit.approaching" | "limit.exceeded" | "account.suspended")[];
  /** Whether events are sent in groups. */
  readonly batch: boolean;
  /** What people call it. */
  readonly description: string | null;
  /** Whether messages are sent. */
  readonly enabled: boolean;
  /** Null while it is enabled. */
  readonly disabled_at: string | null;
  /** Who did it, or why: `gone`: it answered 410. `failing`: it has failed for days. Null while it is enabled. */
  readonly disabled_reason: "owner" | "operator" | "gone" | "failing" | null;
  /** When the failures began that go on; null after a success. */
  readonly failing_since: string | null;
  /** Until when the secret before the last rotation signs too. */
  readonly previous_until: string | null;
  /** One more with every change. In quotes it is the ETag. */
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
  /** What signs its messages (Standard Webhooks). It is not shown again. */
  readonly secret: string;
}

export interface WebhookList {
  readonly items: readonly Webhook[];
  /** What to ask for as `cursor` to get the next page; null on the last. */
  readonly next_cursor: string | null;
}

export interface Webhook {
  readonly id: string;
  /** Where messages are sent by POST. */
  readonly url: string;
  /** What it is told of. */
  readonly events: readonly ("event.created" | "export.completed" | "limit.approaching" | "limit.exceeded" | "account.suspended")[];
  /** Whether events are sent in groups. */
  readonly batch: boolean;
  /** What people call it. */
  readonly description: string | null;
  /** Whether messages are sent. */
  readonly enabled: boolean;
  /** Null while it is enabled. */
  readonly disabled_at: string | null;
  /** Who did it, or why: `gone`: it answered 410. `failing`: it has failed for days. Null while it is enabled. */
  readonly disabled_reason: "owner" | "operator" | "gone" | "failing" | null;
  /** When the failures began that go on; null after a success. */
  readonly failing_since: string | null;
  /** Until when the secret before the last rotation signs too. */
  readonly previous_until: string | null;
  /** One more with every change. In quotes it is the ETag. */
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string;
}

export interface DeliveryList {
  readonly items: readonly Delivery[];
  /** What to ask for as `cursor` to get the next page; null on the last. */
  readonly next_cursor: string | null;
}

export interface AttemptedDelivery {
  /** `msg_…`, the message's `webhook-id`: the same at every attempt. */
  readonly id: string;
  readonly type: "event.created" | "export.completed" | "limit.approaching" | "limit.exceeded" | "account.suspended";
  /** `failed`: the last attempt of the schedule failed. `skipped`: none will be made, for `reason`. */
  readonly state: "pending" | "delivered" | "failed" | "skipped";
  /** The numbers of the events that it tells of; null where it is of another type. */
  readonly events: {
    readonly first_seq: number;
    readonly last_seq: number;
  } | null;
  /** The first one first. */
  readonly attempts: readonly {
    readonly number: number;
    readonly at: string;
    readonly duration_ms: number;
    /** What the receiver answered; null where it did not. */
    readonly status: number | null;
    /** Why it failed, in words that go after the receiver; null where it did not. */
    readonly error: string | null;
    /** How the answer's body began. */
    readonly response: string | null;
  }[];
  /** When the next is due; null where there is none. */
  readonly next_attempt_at: string | null;
  /** Why it was skipped. */
  readonly reason: string | null;
  readonly created_at: string;
  /** When it came to its state; null while it is pending. */
  readonly finished_at: string | null;
}

export interface Delivery {
  /** `msg_…`, the message's `webhook-id`: the same at every attempt. */
  readonly id: string;
  readonly type: "event.created" | "export.completed" | "limit.approaching" | "limit.exceeded" | "account.suspended";
  /** `failed`: the last attempt of the schedule failed. `skipped`: none will be made, for `reason`. */
  readonly state: "pending" | "delivered" | "failed" | "skipped";
  /** The numbers of the events that it tells of; null where it is of another type. */
  readonly events: {
    readonly first_seq: number;
    readonly last_seq: number;
  } | null;
  /** How many there were. */
  readonly attempts: number;
  /** When the next is due; null where there is none. */
  readonly next_attempt_at: string | null;
  /** Why it was skipped. */
  readonly reason: string | null;
  readonly created_at: string;
  /** When it came to its state; null while it is pending. */
  readonly finished_at: string | null;
}

export interface Replay {
  /** How many events are sent again. */
  readonly events: number;
}

export interface NewExport {
  readonly format: "ndjson" | "csv";
  /** Only what happened then or later: ISO 8601, or epoch seconds. */
  readonly from?: string | number;
  /** Only what happened then or before. */
  readonly to?: string | number;
  readonly filter?: {
    /** Only events of this type, in this case; `*` stands for any characters: `user.*`. */
    readonly type?: string;
    /** Only what this actor did: its id. */
    readonly actor?: string;
    /** Only what was done to this target: its id. */
    readonly target?: string;
    /**
     * Only where this is found in the type, the actor, the target or the metadata as they were written; the case of
     * ASCII letters does not count.
     */
    readonly text?: string;
  };
}

export interface Export {
  readonly id: string;
  readonly format: "ndjson" | "csv";
  readonly state: "queued" | "running" | "completed" | "failed";
  /** Only what happened then or later. */
  readonly from: string | null;
  /** Only what happened then or before. */
  readonly to: string | null;
  readonly filter: {
    /** Only events of this type; `*` stands for any characters. */
    readonly type: string | null;
    /** Only what this actor did. */
    readonly actor: string | null;
    /** Only what was done to this target. */
    readonly target: string | null;
    /** Only where this is found. */
    readonly text: string | null;
  };
  readonly progress: {
    /** Events that have been looked at. */
    readonly events_seen: number;
    /** All events of the account when the export was asked for. */
    readonly of: number;
    /** Those of them that are in the file. */
    readonly events: number;
    /** The file's size. */
    readonly bytes: number;
  };
  /** Why it failed; null where it did not. */
  readonly error: string | null;
  /** When it was asked for. */
  readonly created_at: string;
  /** When its file was there; null before. */
  readonly completed_at: string | null;
  /** When it is removed, with its file; null while it is under way. */
  readonly expires_at: string | null;
  /** Whoever has it gets the file, for an hour. Every answer has a new one. Null until there is one. */
  readonly download_url: string | null;
}

export interface ExportList {
  readonly items: readonly Export[];
  /** What to ask for as `cursor` to get the next page; null on the last. */
  readonly next_cursor: string | null;
}

/** What can be asked of the API: what each request takes, and what it is answered with. */
export interface EventsOperations {
  /** Add an event. It is on disk when the answer comes. */
  readonly "POST /v1/events": {
    readonly headers?: {
      /** At most 255 characters. Sent again within 24 hours, the request is answered as before and not carried out. */
      readonly "Idempotency-Key"?: string;
    };
    readonly body: NewEvent;
    readonly answer: Event;
  };
  /**
   * List events. Pages are by an account's own numbering, which is given in the order of commits: nothing that is
   * committed late is skipped. A search looks at 200 000 events at most, and then gives what it has found, which
   * may be nothing, with `has_more` and a `next_cursor` to go on from.
   */
  readonly "GET /v1/events": {
    readonly query?: {
      /** Only events of this type, in this case; `*` stands for any characters: `user.*`. */
      readonly type?: string;
      /** Only what this actor did: its id. */
      readonly actor?: string;
      /** Only what was done to this target: its id. */
      readonly target?: string;
      /** Only what happened then or later: ISO 8601, or epoch seconds. */
      readonly from?: string;
      /** Only what happened then or before. */
      readonly to?: string;
      /**
       * Only where this is found in the type, the actor, the target or the metadata as they were written; the case
       * of ASCII letters does not count.
       */
      readonly text?: string;
      /** `desc`: the newest first. `asc`: the oldest first, and `next_cursor` is where to look for what comes. */
      readonly order?: "desc" | "asc";
      /** How many at most. */
      readonly limit?: number;
      /** `next_cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly headers?: {
      /** The ETag of an answer before: 304 where it would be the same. */
      readonly "If-None-Match"?: string;
    };
    readonly answer: EventList;
  };
  /** Add an event. It is on disk when the answer comes. */
  readonly "POST /events": {
    readonly headers?: {
      /** At most 255 characters. Sent again within 24 hours, the request is answered as before and not carried out. */
      readonly "Idempotency-Key"?: string;
    };
    readonly body: NewEvent;
    readonly answer: Event;
  };
  /**
   * Add many events with one request. Each event is judged on its own: what is wrong with one does not keep the
   * others out.
   */
  readonly "POST /v1/events/batch": {
    readonly headers?: {
      /** At most 255 characters. Sent again within 24 hours, the request is answered as before and not carried out. */
      readonly "Idempotency-Key"?: string;
    };
    readonly body: NewBatch;
    readonly answer: BatchReport;
  };
  /**
   * Add many events with one request. Each event is judged on its own: what is wrong with one does not keep the
   * others out.
   */
  readonly "POST /events/batch": {
    readonly headers?: {
      /** At most 255 characters. Sent again within 24 hours, the request is answered as before and not carried out. */
      readonly "Idempotency-Key"?: string;
    };
    readonly body: NewBatch;
    readonly answer: BatchReport;
  };
  /** Make a bucket */
  readonly "POST /api/buckets": {
    readonly body: {
      readonly bucketKey: string;
      readonly bucketName?: string;
    };
    readonly answer: undefined;
  };
  /** Add readings to a bucket. One reading, or an array of them. All are kept, or none. */
  readonly "POST /api/events": {
    readonly query?: {
      readonly bucketKey?: string;
    };
    readonly headers?: {
      /** Which bucket; or `bucketKey` in the query. */
      readonly "X-IS-BucketKey"?: string;
    };
    readonly body: {
      readonly key: string;
      readonly value: string | number | boolean;
      /** Unix epoch seconds. */
      readonly epoch?: number | string;
      readonly iso8601?: string;
    } | readonly {
      readonly key: string;
      readonly value: string | number | boolean;
      /** Unix epoch seconds. */
      readonly epoch?: number | string;
      readonly iso8601?: string;
    }[];
    readonly answer: undefined;
  };
  /**
   * Receive events as they are committed. Server-sent events. Each has its number as id: send the last one as
   * Last-Event-ID to go on from there.
   */
  readonly "GET /v1/events/stream": {
    readonly query?: {
      /** Only events of this type, in this case; `*` stands for any characters: `user.*`. */
      readonly type?: string;
      /** Only what this actor did: its id. */
      readonly actor?: string;
      /** Only what was done to this target: its id. */
      readonly target?: string;
      /** Only what happened then or later: ISO 8601, or epoch seconds. */
      readonly from?: string;
      /** Only what happened then or before. */
      readonly to?: string;
      /**
       * Only where this is found in the type, the actor, the target or the metadata as they were written; the case
       * of ASCII letters does not count.
       */
      readonly text?: string;
    };
    readonly headers?: {
      /** The id of the last event received; without it the stream begins with the next one. */
      readonly "Last-Event-ID"?: string;
    };
    readonly answer: string;
  };
  /** Show one event */
  readonly "GET /v1/events/{id}": {
    readonly path: {
      readonly id: string;
    };
    readonly headers?: {
      /** The ETag of an answer before: 304 where it would be the same. */
      readonly "If-None-Match"?: string;
    };
    readonly answer: Event;
  };
  /**
   * List what a widget shows. As `/v1/events`, for widget tokens: only the one actor or target that the token was
   * made for.
   */
  readonly "GET /v1/widget/events": {
    readonly query?: {
      /** Only events of this type, in this case; `*` stands for any characters: `user.*`. */
      readonly type?: string;
      /** Only what this actor did: its id. */
      readonly actor?: string;
      /** Only what was done to this target: its id. */
      readonly target?: string;
      /** Only what happened then or later: ISO 8601, or epoch seconds. */
      readonly from?: string;
      /** Only what happened then or before. */
      readonly to?: string;
      /**
       * Only where this is found in the type, the actor, the target or the metadata as they were written; the case
       * of ASCII letters does not count.
       */
      readonly text?: string;
      /** `desc`: the newest first. `asc`: the oldest first, and `next_cursor` is where to look for what comes. */
      readonly order?: "desc" | "asc";
      /** How many at most. */
      readonly limit?: number;
      /** `next_cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly headers?: {
      /** The ETag of an answer before: 304 where it would be the same. */
      readonly "If-None-Match"?: string;
    };
    readonly answer: EventList;
  };
  /**
   * Verify that events are as they were written. Goes through all the account's events, and computes each one's
   * hash anew from the one before it. Whoever asks while this is under way shares its answer.
   */
  readonly "GET /v1/verify": {
    readonly answer: Verdict;
  };
  /**
   * Create a webhook. It is told of what is committed from now on. The answer holds the secret that signs its
   * messages, which is shown this once. The URL is asked by HEAD whether it redirects.
   */
  readonly "POST /v1/webhooks": {
    readonly body: {
      /** An http or https URL of at most 2048 characters, on the internet. */
      readonly url: string;
      /** What it is told of. */
      readonly events: readonly ("event.created" | "export.completed" | "limit.approaching" | "limit.exceeded" | "account.suspended")[];
      /** Whether events are sent in groups. */
      readonly batch?: boolean;
      /** What people call it. */
      readonly description?: string | null;
      /** `whsec_` and 24 to 64 bytes in base64. Default: one is made, which is best. */
      readonly secret?: string;
    };
    readonly answer: NewWebhook;
  };
  /** List webhooks */
  readonly "GET /v1/webhooks": {
    readonly query?: {
      /** How many at most. */
      readonly limit?: number;
      /** `next_cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: WebhookList;
  };
  /** Show a webhook */
  readonly "GET /v1/webhooks/{id}": {
    readonly path: {
      readonly id: string;
    };
    readonly headers?: {
      /** 304 is answered where the ETag is one of these still. */
      readonly "If-None-Match"?: string;
    };
    readonly answer: Webhook;
  };
  /** Change, disable or enable a webhook */
  readonly "PATCH /v1/webhooks/{id}": {
    readonly path: {
      readonly id: string;
    };
    readonly headers?: {
      /** The change is only made where the ETag is one of these still. */
      readonly "If-Match"?: string;
    };
    readonly body?: {
      /** An http or https URL of at most 2048 characters, on the internet. */
      readonly url?: string;
      /** What it is told of. */
      readonly events?: readonly ("event.created" | "export.completed" | "limit.approaching" | "limit.exceeded" | "account.suspended")[];
      /** Whether events are sent in groups. */
      readonly batch?: boolean;
      /** What people call it. */
      readonly description?: string | null;
      /** True forgets too why it was disabled. */
      readonly enabled?: boolean;
    };
    readonly answer: Webhook;
  };
  /** Delete a webhook, with its deliveries */
  readonly "DELETE /v1/webhooks/{id}": {
    readonly path: {
      readonly id: string;
    };
    readonly headers?: {
      /** The change is only made where the ETag is one of these still. */
      readonly "If-Match"?: string;
    };
    readonly answer: undefined;
  };
  /**
   * Give a webhook a new secret. Until the overlap ends, messages are signed with both: take up the new one in the
   * meantime.
   */
  readonly "POST /v1/webhooks/{id}/rotate": {
    readonly path: {
      readonly id: string;
    };
    readonly headers?: {
      /** The change is only made where the ETag is one of these still. */
      readonly "If-Match"?: string;
    };
    readonly body?: {
      /** How long the old secret signs too, at most 400d; `0s` ends it at once. */
      readonly overlap?: string;
    };
    readonly answer: NewWebhook;
  };
  /** List a webhook's deliveries. Those that have ended are kept for 30 days. */
  readonly "GET /v1/webhooks/{id}/deliveries": {
    readonly path: {
      readonly id: string;
    };
    readonly query?: {
      readonly state?: "pending" | "delivered" | "failed" | "skipped";
      /** How many at most. */
      readonly limit?: number;
      /** `next_cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: DeliveryList;
  };
  /** Show a delivery and its attempts */
  readonly "GET /v1/webhooks/{id}/deliveries/{message}": {
    readonly path: {
      readonly id: string;
      readonly message: string;
    };
    readonly answer: AttemptedDelivery;
  };
  /**
   * Send a message again. At once, or when the webhook is enabled, and then as the schedule says from its beginning
   * on. The message has the same id and body.
   */
  readonly "POST /v1/webhooks/{id}/deliveries/{message}/replay": {
    readonly path: {
      readonly id: string;
      readonly message: string;
    };
    readonly answer: Delivery;
  };
  /**
   * Send a time's events again. Those too that were never sent, because there was no such webhook yet. They are
   * sent in the background, besides what is new. Alone, an event's message has the id it had before; groups are
   * made anew, with ids of their own.
   */
  readonly "POST /v1/webhooks/{id}/replay": {
    readonly path: {
      readonly id: string;
    };
    readonly body: {
      /** Events received then or later. */
      readonly from: string;
      /** Events received then or before. Default: now. */
      readonly to?: string;
    };
    readonly answer: Replay;
  };
  /**
   * Export events into a file. The file is made in the background, and holds events up to the last that there is
   * now, in the order of their numbers. It is kept for 7 days. Webhooks for `export.completed` are told when it is
   * there. In a CSV file, a quote leads each cell that a spreadsheet would take for a formula.
   */
  readonly "POST /v1/exports": {
    readonly body: NewExport;
    readonly answer: Export;
  };
  /** List exports. The newest first. */
  readonly "GET /v1/exports": {
    readonly query?: {
      /** How many at most. */
      readonly limit?: number;
      /** `next_cursor` of the page before. */
      readonly cursor?: string;
    };
    readonly answer: ExportList;
  };
  /** Show an export, and how far it has come */
  readonly "GET /v1/exports/{id}": {
    readonly path: {
      readonly id: string;
    };
    readonly answer: Export;
  };
  /** Delete an export and its file. One that is under way is broken off. */
  readonly "DELETE /v1/exports/{id}": {
    readonly path: {
      readonly id: string;
    };
    readonly answer: undefined;
  };
  /** Download an export's file. At an export's `download_url`, which is all that it takes. */
  readonly "GET /v1/exports/{id}/download": {
    readonly path: {
      readonly id: string;
    };
    readonly query: {
      /** As in `download_url`. */
      readonly expires: string;
      /** As in `download_url`. */
      readonly signature: string;
    };
    readonly answer: string;
  };
  /** This description */
  readonly "GET /openapi.json": {
    readonly headers?: {
      /** The ETag of an answer before: 304 where it would be the same. */
      readonly "If-None-Match"?: string;
    };
    readonly answer: Readonly<Record<string, unknown>>;
  };
}
