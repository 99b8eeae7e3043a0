/** The codes of the errors that the command prints, and what each is about; see `docs/reference/errors.md`. */
export const HEADGATE_ERRORS = {
  HG_POLICY_UNREADABLE: "the policy file cannot be read",
  HG_POLICY_REFUSED: "the policy file has faults, so nothing was started or changed",
  HG_UPSTREAM_MISSING: "the policy's upstream cannot be served yet, and no --upstream was given",
  HG_PORT_TAKEN: "a port to listen on is taken or not allowed",
} as const;
