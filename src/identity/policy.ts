import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';

const { Check, Prompt } = interactionPolicy;

/** What the pages answered to this request; undefined before they were asked. */
export interface Result {
  /** Null: the person has proved who they are as the request demands; it is the session that says who that is. */
  readonly login?: null;
  readonly consent?: { readonly grantId: string };
}

export const resultOf = (ctx: KoaContextWithOIDC): Result | undefined => ctx.oidc.result as Result | undefined;

/** Whether the pages have dealt with the log-in as this request demands it. */
const proved = (ctx: KoaContextWithOIDC): boolean => Object.hasOwn(resultOf(ctx) ?? {}, 'login');

/**
 * When a person is asked (OpenID Connect Core 1.0, 3.1.2.1 and 3.1.2.3): to log in, where nobody is logged in, `prompt=login` or `max_age`
 * demand it, or it must be somebody else; to allow, where no authorization could be begun from what was allowed before
 * (`loadExistingGrant`), or `prompt=consent` demands it.
 */
export const prompts = () => [
  new Prompt(
    { name: 'login', requestable: true },
    new Check('no_session', 'nobody is logged in', 'login_required', (ctx) => !ctx.oidc.session?.accountId),
    new Check('max_age', 'the login is too old', 'login_required', (ctx) => {
      const { params, session } = ctx.oidc;
      return params?.max_age !== undefined && !proved(ctx) && (session?.past(Number(params.max_age)) ?? true);
    }),
    new Check('id_token_hint', 'somebody else is logged in', 'login_required', (ctx) => {
      const hint = ctx.oidc.entities.IdTokenHint as { readonly payload?: { readonly sub?: unknown } } | undefined;
      return hint !== undefined && hint.payload?.sub !== ctx.oidc.session?.accountId;
    }),
  ),
  new Prompt(
    { name: 'consent', requestable: true },
    new Check('grant', 'the app was not allowed this', 'consent_required', (ctx) => ctx.oidc.grant?.jti === undefined),
  ),
];
