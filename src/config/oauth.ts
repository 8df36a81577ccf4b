import { integer } from './parse.ts';
import { setting } from './setting.ts';

/** Tokens of people (docs/oauth.md). */
export const oauthSettings = Object.freeze({
  personTokenSeconds: setting(
    'PERSON_TOKEN_SECONDS',
    'Life of an access token that an app has of a person',
    '900',
    integer(30, 900),
  ),
});
