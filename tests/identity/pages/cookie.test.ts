import fc from 'fast-check';
import {
  beginSessionCookie,
  cookieOf,
  endSessionCookie,
  sessionCookieName,
  sessionTokenOf,
} from '../../../src/identity/pages/cookie.ts';

const HTTP = 'http://localhost:8080';
const HTTPS = 'https://tasuki.example';
const token = 'A-_a'.repeat(11).slice(0, 43);
const carrying = (cookie?: string) => ({ headers: cookie === undefined ? {} : { cookie } });

describe('the cookie of a session', () => {
  it('is bound to its host over https, and works on the loopback interface over http', () => {
    expect(sessionCookieName(HTTPS)).toBe('__Host-tasuki_session');
    expect(sessionCookieName(HTTP)).toBe('tasuki_session');
    expect(beginSessionCookie(token, HTTPS)).toBe(
      `__Host-tasuki_session=${token}; Path=/; HttpOnly; SameSite=Lax; Secure`,
    );
    expect(beginSessionCookie(token, HTTP)).toBe(`tasuki_session=${token}; Path=/; HttpOnly; SameSite=Lax`);
    expect(endSessionCookie(HTTP)).toBe('tasuki_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0');
  });

  it.each([
    [undefined, undefined],
    ['', undefined],
    [`tasuki_session=${token}`, token],
    [`a=b; tasuki_session=${token};c`, token],
    [`x_tasuki_session=${token}`, undefined],
    [`__Host-tasuki_session=${token}`, undefined],
    [`tasuki_session=${token}x`, undefined],
    [`tasuki_session="${token}"`, undefined],
    ['tasuki_session', undefined],
    ['=tasuki_session', undefined],
  ])('reads %j', (header, expected) => {
    expect(sessionTokenOf(carrying(header), HTTP)).toBe(expected);
  });

  it('does not take the cookie of a plain connection for one over https', () => {
    expect(sessionTokenOf(carrying(`tasuki_session=${token}`), HTTPS)).toBeUndefined();
    expect(sessionTokenOf(carrying(`__Host-tasuki_session=${token}`), HTTPS)).toBe(token);
  });

  it('reads back what it set, whatever else is sent', () => {
    const other = fc.string({ maxLength: 30 }).map((text) => text.replaceAll(/[;=]|tasuki/g, ''));
    fc.assert(
      fc.property(fc.array(other), fc.array(other), (before, after) => {
        const set = beginSessionCookie(token, HTTP).split(';')[0] as string;
        expect(sessionTokenOf(carrying([...before, set, ...after].join(';')), HTTP)).toBe(token);
      }),
    );
  });

  it('takes any text for a header', () => {
    fc.assert(fc.property(fc.string(), (text) => void cookieOf(carrying(text), 'a')));
  });
});
