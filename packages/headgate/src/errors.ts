/**
 * The codes of the errors that the command prints beside those of the packages it runs, and what each is about; see
 * `docs/reference/errors.md`.
 */
export const HEADGATE_ERRORS = {
  HG_NODE_VERSION: "the Node that runs the command is too old",
  HG_USAGE: "an argument cannot be understood",
  HG_POLICY_UNREADABLE: "the policy file cannot be read",
  HG_POLICY_REFUSED: "the policy file has faults, so nothing was started or changed",
  HG_DOCS_FOLDER: "the folder of the documentation cannot be read or written",
  HG_DOCS_SECTION: "a section of the documentation is not one that can be replaced",
  HG_OUTPUT_UNWRITABLE: "a file that was asked for, or standard output, cannot be written",
  HG_LOG_EMPTY: "a log has no request by which to tell whether too much would be refused",
  HG_LOG_LEVEL: "the environment asks for a level of logging that there is not",
  HG_LISTEN: "a port or address to listen on cannot be had",
  HG_ADMIN_TOKEN_INVALID: "an admin token has characters that cannot be sent",
  HG_ADMIN_TOKEN_MISSING: "a server asks for an admin token, and the command knows none",
  HG_ADMIN_UNREACHABLE: "the admin API does not answer as it should",
  HG_DATA_MISSING: "there is no data folder, so there are no records to show or change",
} as const;
