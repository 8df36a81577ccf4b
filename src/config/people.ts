import { directory, integer, oneOf } from './parse.ts';
import { optional, setting } from './setting.ts';

/** What is asked of people who log in (docs/accounts.md). */
export const peopleSettings = Object.freeze({
  identitySecretFile: optional(
    'IDENTITY_SECRET_FILE',
    'Secrets of accounts, kept outside the database: passwords and recovery codes are hashed with them, seeds and signing keys sealed; made on first use',
    '`DATA_DIR/identity.secret`',
    directory,
  ),
  secondFactor: setting(
    'SECOND_FACTOR',
    'Whether everybody needs a second factor (`required`) or may set one up (`optional`)',
    'required',
    oneOf('required', 'optional'),
  ),
  sessionIdleMinutes: setting(
    'SESSION_IDLE_MINUTES',
    'A person’s session ends when it was not used for so long',
    '15',
    integer(1, 240),
  ),
  sessionHours: setting(
    'SESSION_HOURS',
    'A person’s session ends after so long whatever happens',
    '12',
    integer(1, 24),
  ),
  passwordHistory: setting(
    'PASSWORD_HISTORY',
    'How many former passwords of a person may not come back, beside the current one',
    '10',
    integer(0, 50),
  ),
  passwordDays: setting(
    'PASSWORD_DAYS',
    'After so many days a new password is asked for; 0: never, as is right beside a second factor or from 13 characters on',
    '0',
    integer(0, 3650),
  ),
  invitationDays: setting(
    'INVITATION_DAYS',
    'So long an invitation to choose a password is valid',
    '7',
    integer(1, 90),
  ),
  rightsReviewDays: setting(
    'RIGHTS_REVIEW_DAYS',
    'After so many days an administrator is to confirm a person’s roles anew',
    '180',
    integer(1, 3650),
  ),
});
