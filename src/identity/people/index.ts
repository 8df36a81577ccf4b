/** People's accounts: log-in, sessions, passwords, second factors, invitations. */
export type { Invitation } from './invitations.ts';
export { foldedLogin } from './login.ts';
export { PASSWORD_PROBLEMS, type PasswordProblem, passwordProblemText } from './passwords/problems.ts';
export { People, type PeopleSettings } from './people.ts';
export { DEFAULT_POLICY, type PeoplePolicy, policyOf } from './policy.ts';
export { openIdentitySecrets } from './secrets.ts';
export type {
  Account,
  Enrolled,
  FactorInfo,
  FactorRemoval,
  From,
  Login,
  LoginStep,
  PasswordChange,
  Session,
  SessionInfo,
} from './types.ts';
