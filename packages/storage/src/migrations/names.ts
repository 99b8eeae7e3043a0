/** Every step there has been, in order. The names alone: what they do takes long to load, and seldom has to be done. */
export const MIGRATION_NAMES = ["0001-callers-on-record", "0002-events"] as const;
