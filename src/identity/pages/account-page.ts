import type { AllowedApp } from '../interactions.ts';
import type { FactorInfo, SessionInfo } from '../people/index.ts';
import { formTo, hidden } from './fields.ts';
import { type Html, html } from './html.ts';
import { moment } from './moment.ts';
import { rightsOf } from './rights.ts';
import { roles, account as texts } from './texts/account.ts';
import { notices } from './texts/notices.ts';
import { password } from './texts/settings.ts';
import type { Text } from './texts/text.ts';
import { type Answer, type Member, say } from './visit.ts';

const DONE: Readonly<Record<string, { text: Text; well: boolean }>> = {
  ended: { text: texts.ended, well: true },
  removed: { text: texts.removed, well: true },
  revoked: { text: texts.revoked, well: true },
  password: { text: password.changed, well: true },
  gone: { text: texts.gone, well: true },
  unknown: { text: texts.gone, well: true },
  last: { text: texts.lastFactor, well: false },
};

export async function accountPage(visit: Member): Promise<Answer> {
  const { account } = visit.session;
  const { people, interactions } = visit.parts;
  const [sessions, factors, apps] = await Promise.all([
    people.sessions(account.id),
    people.factors(account.id),
    interactions.apps(account.id),
  ]);
  const done = Object.hasOwn(DONE, visit.query.get('done')) ? DONE[visit.query.get('done')] : undefined;
  return {
    page: {
      title: say(visit, texts.title),
      width: 'wide',
      main: html`${done && html`<p class="${done.well ? 'notice' : 'alert'}" role="${done.well ? 'status' : 'alert'}">${say(visit, done.text)}</p>`}
${facts(visit)}
<p><a class="button second" href="/notices">${say(visit, notices.title)}</a></p>
${section(visit, texts.sessions, 'sessions', sessionList(visit, sessions))}
${section(visit, texts.factors, 'factors', factorList(visit, factors))}
${section(visit, texts.password, 'password', html`<p><a class="button second" href="/password">${say(visit, texts.changePassword)}</a></p>`)}
${section(visit, texts.apps, 'apps', appList(visit, apps))}`,
    },
  };
}

const section = (visit: Member, title: Text, id: string, content: Html): Html =>
  html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">${say(visit, title)}</h2>
${content}</section>
`;

function facts(visit: Member): Html {
  const { account } = visit.session;
  const { lastLogin } = account;
  const last = lastLogin ? moment(visit, lastLogin.at) : say(visit, texts.firstLogin);
  const failures = lastLogin && lastLogin.failures > 0 && say(visit, texts.failures, { count: lastLogin.failures });
  const fact = (name: Text, value: Html | string) => html`<div><dt>${say(visit, name)}</dt><dd>${value}</dd></div>\n`;
  return html`<p class="who">${account.name}</p>
<dl class="facts">
${fact(texts.login, html`<code>${account.login}</code>`)}
${fact(texts.institution, account.institutionName)}
${fact(texts.roles, account.roles.map((role) => say(visit, roles[role])).join(say(visit, texts.between)))}
${fact(texts.lastLogin, html`${last}${failures && html`<br><b>${failures}</b>`}<br><span class="hint">${say(visit, texts.lastLoginHint)}</span>`)}
</dl>`;
}

/** A line of a list with what can be done about it; the button says what it is about to who does not see the line. */
function line(given: { name: string; note?: Html; about: string[]; end?: Html | false | undefined }): Html {
  return html`<li><div><b>${given.name}</b>${given.note}${given.about.map((text) => text && html`<div class="hint">${text}</div>`)}</div>${given.end}</li>
`;
}

function act(visit: Member, path: string, what: Text, about: string, fields: Html): Html {
  return formTo(
    visit,
    `/account/${path}`,
    html`${fields}<button class="second small">${say(visit, what)}<span class="unseen"> ${about}</span></button>`,
  );
}

function sessionList(visit: Member, sessions: readonly SessionInfo[]): Html {
  const own = (id: string) => id === visit.session.id;
  const lines = sessions.toSorted((a, b) => Number(own(b.id)) - Number(own(a.id)) || b.seenAt - a.seenAt);
  return html`<ul class="list">
${lines.map(({ id, agent, address, createdAt, seenAt }) => {
  const name = agent || say(visit, texts.device);
  return line({
    name,
    note: own(id) ? html` <span class="tag">${say(visit, texts.thisDevice)}</span>` : html``,
    about: [
      say(visit, texts.since, { at: moment(visit, createdAt) }),
      say(visit, texts.seen, { at: moment(visit, seenAt) }),
      address && say(visit, texts.from, { address }),
    ],
    end: !own(id) && act(visit, 'end-session', texts.end, name, hidden('session', id)),
  });
})}</ul>
${sessions.length > 1 && formTo(visit, '/account/end-others', html`<p class="actions"><button class="second">${say(visit, texts.endOthers)}</button></p>`)}`;
}

function factorList(visit: Member, factors: readonly FactorInfo[]): Html {
  const nameOf = ({ kind, name }: FactorInfo) => say(visit, texts[kind], { name });
  const recovery = factors.find(({ kind }) => kind === 'recovery');
  const lines = factors
    .filter((factor) => factor !== recovery)
    .map((factor) =>
      line({
        name: nameOf(factor),
        about: [
          say(visit, texts.added, { at: moment(visit, factor.createdAt) }),
          factor.usedAt === null
            ? say(visit, texts.notUsed)
            : say(visit, texts.used, { at: moment(visit, factor.usedAt) }),
        ],
        end: act(visit, 'remove-factor', texts.remove, nameOf(factor), hidden('factor', factor.id)),
      }),
    );
  return html`${lines.length === 0 && html`<p>${say(visit, texts.none)}</p>`}
<ul class="list">
${lines}${
  recovery &&
  line({
    name: nameOf(recovery),
    about: [say(visit, texts.recoveryLeft, { left: recovery.left ?? 0 }), say(visit, texts.renewHint)],
    end: act(visit, 'recovery-codes', texts.renew, '', html``),
  })
}</ul>
<p><a class="button second" href="/enrol">${say(visit, texts.add)}</a></p>`;
}

function appList(visit: Member, apps: readonly AllowedApp[]): Html {
  if (apps.length === 0) return html`<p>${say(visit, texts.noApps)}</p>`;
  return html`<ul class="list">
${apps.map(({ client, scopes, at }) =>
  line({
    name: client.name,
    about: [
      say(visit, texts.appOf, { institution: client.institutionName, at: moment(visit, at) }),
      rightsOf(visit, scopes)
        .map(({ words }) => words)
        .join(say(visit, texts.between)),
    ],
    end: act(visit, 'revoke-app', texts.revoke, client.name, hidden('app', client.id)),
  }),
)}</ul>`;
}
