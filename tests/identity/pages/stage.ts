import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Asked } from '../../../src/identity/interactions.ts';
import { mountPages, type NoticeRow, type PagesParts, type PatientRow } from '../../../src/identity/pages/index.ts';
import type { FactorInfo, LoginStep, Session, SessionInfo } from '../../../src/identity/people/index.ts';

/** What the stand-ins know and were told. */
export class Fake {
  now = Date.parse('2026-11-23T05:05:00Z');
  steps: LoginStep[] = [];
  factors: FactorInfo[] = [];
  stale = false;
  sessions = new Map<string, Session>();
  listed: SessionInfo[] = [];
  asked: Asked | null = null;
  remembered = false;
  patients: PatientRow[] = [];
  searched: unknown[] = [];
  /** Null: the person may not see any. */
  notices: NoticeRow[] | null = [];
  read: string[] = [];
  finished: unknown[] = [];
  refused = 0;
  from: unknown[] = [];
  accepted: string[] = [];
  defects: unknown[] = [];
  terms = { version: '3', title: 'Tasuki 利用規約', text: '第1条 目的\n\n第2条 <b>定義</b>', publishedAt: this.now };
  /** Thrown by whatever is called next. */
  broken: Error | undefined;

  session(change: Partial<Session> = {}): Session {
    return {
      id: '00000000-0000-4000-8000-000000000001',
      account: {
        id: '00000000-0000-4000-8000-0000000000aa',
        institution: 1n,
        institutionId: 'clinic',
        institutionName: 'さくら診療所',
        kind: 'medical',
        login: 'sato.hanako',
        name: '佐藤 花子',
        roles: ['physician', 'administrator'],
        practitioner: null,
        practitionerId: null,
        lastLogin: { at: this.now - 86_400_000, failures: 2 },
      },
      steps: [...this.steps],
      strong: true,
      stale: this.stale,
      authenticatedAt: this.now,
      createdAt: this.now,
      seenAt: this.now,
      amr: ['pwd', 'otp'],
      factors: this.factors.map(({ kind }) => kind),
      ...change,
    };
  }

  /** A session that stands, and its cookie. */
  begin(change: Partial<Session> = {}): string {
    const token = randomBytes(32).toString('base64url');
    this.sessions.set(token, this.session(change));
    return token;
  }

  /** Goes to the next step with a new token, as People does. */
  step(token: string) {
    const session = this.sessions.get(token);
    if (!session) return null;
    this.sessions.delete(token);
    const { steps } = session;
    const sessionToken = this.begin({ ...session, steps: steps.slice(1), stale: false });
    return { sessionToken, account: session.account, steps: steps.slice(1) };
  }

  parts(baseUrl: string): PagesParts {
    const login = (token: string) => ({
      sessionToken: token,
      account: this.session().account,
      steps: this.sessions.get(token)?.steps ?? [],
    });
    return {
      baseUrl,
      zone: 'Asia/Tokyo',
      now: () => this.now,
      failed: (error) => void this.defects.push(error),
      people: {
        logIn: async (name, password, from) => {
          if (this.broken) throw this.broken;
          this.from.push(from);
          return name === 'sato.hanako' && password === 'right' ? login(this.begin()) : null;
        },
        session: async (token) => this.sessions.get(token) ?? null,
        logOut: async (token) => void this.sessions.delete(token),
        sessions: async () => this.listed,
        endSession: async (_person, id) => {
          const before = this.listed.length;
          this.listed = this.listed.filter((one) => one.id !== id);
          return this.listed.length < before;
        },
        verifyTotp: async (token, code) => (code === '123456' ? this.step(token) : null),
        verifyRecoveryCode: async (token, code) => (code === 'abcd-efgh' ? this.step(token) : null),
        passkeyOptions: async () => ({ challenge: 'AAAA', rpId: 'localhost', allowCredentials: [], timeout: 60_000 }),
        verifyPasskey: async (token, response) =>
          (response as { id?: string }).id === 'good' ? this.step(token) : null,
        verifyPassword: async (token, password) => (password === 'right' ? this.step(token) : null),
        beginTotp: async (token) =>
          this.sessions.get(token)?.stale
            ? null
            : {
                secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
                uri: 'otpauth://totp/Tasuki:sato.hanako?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Tasuki',
              },
        confirmTotp: async (token, code) => {
          const next = code === '123456' ? this.step(token) : null;
          return next && { ...next, recoveryCodes: codes };
        },
        beginPasskey: async () => ({
          challenge: 'AAAA',
          rp: { id: 'localhost', name: 'Tasuki' },
          user: { id: 'AAAA', name: 'sato.hanako', displayName: '佐藤 花子' },
          pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
        }),
        confirmPasskey: async (token, response) => {
          const next = (response as { id?: string }).id === 'good' ? this.step(token) : null;
          return next && { ...next, recoveryCodes: [] };
        },
        renewRecoveryCodes: async (token) => (this.sessions.get(token)?.stale ? null : codes),
        factors: async () => this.factors,
        removeFactor: async (token, id) => {
          if (this.sessions.get(token)?.stale) return 'stale';
          if (this.factors.length === 1) return 'last';
          return this.factors.some((one) => one.id === id) ? 'removed' : 'unknown';
        },
        changePassword: async (token, current, next) => {
          if (current !== null && current !== 'right') return ['current'];
          if (next.length < 8) return ['short', 'common'];
          return this.step(token) ?? null;
        },
        invitation: async (code) =>
          code === 'INVITED' ? { login: 'sato.hanako', name: '佐藤 花子', institutionName: 'さくら診療所' } : null,
        acceptInvitation: async (code, password) => {
          if (code !== 'INVITED') return null;
          return password.length < 8 ? ['short'] : login(this.begin());
        },
      },
      interactions: {
        details: async () => this.asked,
        remembered: async () => this.remembered,
        finish: async (_request, response, allowed) => {
          this.finished.push(allowed);
          response.writeHead(303, { Location: 'https://app.example/callback?code=x' }).end();
        },
        refuse: async (_request, response) => {
          this.refused += 1;
          response.writeHead(303, { Location: 'https://app.example/callback?error=access_denied' }).end();
        },
        apps: async () => [
          {
            client: { id: 'growth', name: '成長曲線', institutionName: 'みなと総合病院' },
            scopes: ['openid', 'fhirUser', 'patient/Observation.rs', 'patient/Patient.r'],
            at: this.now,
          },
        ],
        revokeApp: async (_person, id) => id === 'growth',
      },
      terms: {
        current: async () => this.terms,
        accept: async (_person, version) => {
          this.accepted.push(version);
          for (const [token, session] of this.sessions)
            this.sessions.set(token, { ...session, steps: session.steps.filter((step) => step !== 'accept-terms') });
        },
      },
      patients: {
        search: async (_session, sought, most) => {
          this.searched.push(sought);
          return { rows: this.patients.slice(0, most), more: this.patients.length > most };
        },
        find: async (_session, id) => this.patients.find((one) => one.id === id) ?? null,
      },
      notices: {
        list: async (_session, after, most) => {
          if (!this.notices) return null;
          const from = after === null ? 0 : this.notices.findIndex(({ id }) => id === after) + 1;
          const rows = this.notices.slice(from, from + most);
          return { rows, next: from + most < this.notices.length ? (rows.at(-1)?.id ?? null) : null };
        },
        markRead: async (_session, id) => {
          const found = this.notices?.some((one) => one.id === id) ?? false;
          if (found) this.read.push(id);
          return found;
        },
      },
    };
  }
}

const codes = Array.from({ length: 10 }, (_, index) => `k7qf-9m2${index}-x4tw`);

/** What an app asks, unless the test says otherwise. */
export const asking = (change: Partial<Asked> = {}): Asked => ({
  uid: 'Uid-1_a',
  client: { id: 'growth', name: '成長曲線', institutionName: 'みなと総合病院' },
  redirectUri: 'https://app.example/callback',
  scopes: [
    'openid',
    'fhirUser',
    'launch/patient',
    'patient/Patient.r',
    'patient/Observation.rs',
    'patient/Condition.cruds',
  ],
  needsPatient: false,
  launchPatient: null,
  prompt: 'login',
  authenticatedSince: null,
  askAnyway: false,
  ...change,
});

type Changeable<T> = { -readonly [K in keyof T]: T[K] };

export interface Stage {
  readonly fake: Fake;
  /** What the pages stand on; a test may put one method in the place of another. */
  readonly parts: { readonly [K in 'people' | 'patients']: Changeable<PagesParts[K]> };
  readonly baseUrl: string;
  /** A browser with cookies of its own. */
  browser(): Browser;
  close(): Promise<void>;
}

/** The pages on a server of their own, upon stand-ins. */
export async function openStage(): Promise<Stage> {
  const app = express().disable('x-powered-by');
  app.set('query parser', false);
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://localhost:${(server.address() as AddressInfo).port}`;
  const fake = new Fake();
  const parts = fake.parts(baseUrl);
  mountPages(app, parts);
  return {
    fake,
    parts,
    baseUrl,
    browser: () => new Browser(baseUrl),
    close: () => new Promise((resolve) => void server.close(() => resolve()).closeAllConnections()),
  };
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The path that a redirect goes to. */
  readonly to: string | null;
}

/** Keeps cookies, follows nothing, and fills in forms. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #baseUrl: string;

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Got> {
    return this.#send('GET', path, undefined, headers);
  }

  /** Posts fields as they are. */
  post(path: string, fields: Record<string, string> | [string, string][], headers: Record<string, string> = {}) {
    return this.#send('POST', path, new URLSearchParams(fields), headers);
  }

  head(path: string) {
    return this.#send('HEAD', path, undefined, {});
  }

  /** Posts a body as it is. */
  raw(path: string, body: string) {
    return this.#send('POST', path, body, { 'content-type': 'application/x-www-form-urlencoded' });
  }

  /** Posts fields with the token that the page of this path carries. */
  async fill(page: string, path: string, fields: Record<string, string> | [string, string][]): Promise<Got> {
    const { text } = await this.get(page);
    return this.post(path, [
      ...Object.entries(formToken(text)),
      ...(Array.isArray(fields) ? fields : Object.entries(fields)),
    ]);
  }

  async #send(
    method: string,
    path: string,
    body: URLSearchParams | string | undefined,
    headers: Record<string, string>,
  ) {
    const response = await fetch(`${this.#baseUrl}${path}`.replace('localhost', '127.0.0.1'), {
      method,
      redirect: 'manual',
      headers: { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; '), ...headers },
      ...(body && { body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      to: response.headers.get('location'),
    };
  }
}

/** The hidden field of the first form within main, or of the first at all. */
export function formToken(text: string): Record<string, string> {
  const main = text.slice(text.indexOf('<main'));
  const value = /name="form_token" value="([^"]+)"/.exec(main)?.[1];
  return value === undefined ? {} : { form_token: value };
}
