/** A person who is logged in, as `People.session` tells it. */
export interface LoggedIn {
  readonly id: string;
  readonly account: { readonly id: string };
  readonly steps: readonly string[];
  readonly strong: boolean;
  /** Epoch milliseconds. */
  readonly authenticatedAt: number;
  readonly amr: readonly string[];
}
