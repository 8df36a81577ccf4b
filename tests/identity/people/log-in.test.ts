import { ELSEWHERE, HOME, MINUTE, openStage, PASSWORD, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage.close());

describe('a person who is invited', () => {
  it('chooses a password, sets up an authenticator, and is in', async () => {
    const { code, login } = await stage.invited({ login: 'm.takahashi' });
    expect(await stage.people.invitation(code)).toEqual({
      login,
      name: '高橋 みどり',
      institutionName: 'みなと総合病院',
    });
    const accepted = await stage.people.acceptInvitation(code, PASSWORD, HOME);
    expect(accepted).toMatchObject({ steps: ['enrol-second-factor'], account: { login, lastLogin: null } });
  });

  it('logs in with both factors afterwards, and sees when the last time was', async () => {
    const member = await stage.member();
    expect(await stage.people.session(member.token)).toMatchObject({
      steps: [],
      strong: true,
      amr: ['pwd', 'otp', 'mfa'],
    });
    stage.now += MINUTE;
    expect(await stage.people.logIn(member.login, 'wrong', ELSEWHERE)).toBeNull();
    const begun = await stage.people.logIn(` ${member.login.toUpperCase()} `, PASSWORD, HOME);
    expect(begun).toMatchObject({ steps: ['second-factor'] });
    const done = await stage.people.verifyTotp(begun!.sessionToken, member.totp(stage.now));
    expect(done).toMatchObject({ steps: [], account: { lastLogin: { failures: 1 } } });
    expect(await stage.people.session(begun!.sessionToken)).toBeNull();
    expect((await stage.audit()).map(({ interaction }) => interaction)).toEqual([
      'password-changed',
      'log-in',
      'factor-added',
      'log-in-refused',
      'log-in',
    ]);
  });
});
