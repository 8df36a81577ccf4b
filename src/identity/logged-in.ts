/** A person who is logged in, as `People.session` tells it. */
export interface LoggedIn {
  readonly id: string;
  readonly account: { readonly id: string };
  readonly steps: readonly string[];
  readonly strong: boolean;
  /** Epoch milliseconds. */
  readonly authenticatedAt: number;
  readonly amr: readonly string[];
  /** SHA-256 of the certificate of the connection, base64url, where one was presented that is good. */
  readonly certificate?: string | undefined;
}
