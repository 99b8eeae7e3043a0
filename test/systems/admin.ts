/** A JSON object as the admin API answers it. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * Asks the admin API: `admin("POST", "/keys", { account: "Acme" })`. Gives back the answer's JSON, whatever its status; a
 * refusal's says it in `status`, and its `code`.
 */
export type Admin = <Answer = Json>(method: string, path: string, body?: object) => Promise<Answer>;

/** A gate whose admin API can be asked. */
export interface Administered {
  readonly admin: Admin;
}

/** A credential as it is shown once. */
export interface Issued {
  readonly id: string;
  readonly secret: string;
}

/** The admin API of a server, at its admin port. The token is read when it is asked. */
export function adminOf(adminUrl: string, token: () => Promise<string>): Admin {
  return async <Answer>(method: string, path: string, body?: object) => {
    const headers: Record<string, string> = { authorization: `Bearer ${await token()}` };
    if (body) headers["content-type"] = "application/json";
    const response = await fetch(`${adminUrl}/admin/v1${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    return (response.status === 204 ? {} : await response.json()) as Answer;
  };
}

/** A key of an account, which is made where there is none of that name. `fields` are `prefix`, `scopes` … */
export async function issueKey({ admin }: Administered, account = "Acme", fields: object = {}): Promise<Issued> {
  await admin("POST", "/accounts", { name: account });
  return issued(await admin("POST", "/keys", { account, ...fields }));
}

/** A token of a key. `fields` are `widget`, `for` … */
export async function issueToken({ admin }: Administered, key: string, fields: object = {}): Promise<Issued> {
  return issued(await admin("POST", "/tokens", { key, ...fields }));
}

function issued({ id, secret, ...others }: Json): Issued {
  if (typeof id === "string" && typeof secret === "string") return { id, secret };
  throw new Error(`nothing was issued: ${JSON.stringify(others)}`);
}

/** How a request shows a bearer credential. */
export function bearer({ secret }: Issued): { authorization: string } {
  return { authorization: `Bearer ${secret}` };
}
