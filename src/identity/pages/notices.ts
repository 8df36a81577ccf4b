import { formTo, hidden, noticeBox } from './fields.ts';
import { type Html, html } from './html.ts';
import { moment } from './moment.ts';
import type { NoticeRow } from './parts.ts';
import type { Route } from './serve.ts';
import { notices as texts } from './texts/notices.ts';
import type { Text } from './texts/text.ts';
import { type Answer, type Member, say } from './visit.ts';

/** On one page. */
const MOST = 20;
const DONE: Readonly<Record<string, Text>> = { read: texts.marked, gone: texts.gone };

async function show(visit: Member): Promise<Answer> {
  const { parts, session, query } = visit;
  const after = query.get('after').slice(0, 64) || null;
  const found = await parts.notices.list(session, after, MOST);
  const done = query.get('done');
  return {
    page: {
      title: say(visit, texts.title),
      width: 'wide',
      main: html`${Object.hasOwn(DONE, done) && noticeBox(say(visit, DONE[done] as Text))}
<p class="lead">${say(visit, found ? texts.lead : texts.forbidden)}</p>
${found?.rows.map((row) => article(visit, row, after))}
${found?.rows.length === 0 && html`<p>${say(visit, texts.none)}</p>`}
${found?.next && html`<p><a class="button second" href="/notices?after=${found.next}">${say(visit, texts.more)}</a></p>`}`,
    },
  };
}

function article(visit: Member, row: NoticeRow, after: string | null): Html {
  const { id, body, sent, stops, withdrawn, note, read } = row;
  const heading = `notice-${id}`;
  const language = visit.language === 'en' && body.en !== null ? 'en' : 'ja';
  const title = row.title
    ? ((language === 'en' ? row.title.en : null) ?? row.title.ja)
    : say(visit, row.kind === 'standing' ? texts.standing : texts.contract);
  const inJapanese = row.title !== null && title === row.title.ja;
  return html`<section class="card" aria-labelledby="${heading}">
<h2 id="${heading}" lang="${row.title === null ? visit.language : inJapanese ? 'ja' : 'en'}">${title}</h2>
<p><span class="hint">${say(visit, texts.sent, { at: moment(visit, sent) })}</span> ${tag(visit, row)}</p>
${withdrawn !== null && html`<p class="alert">${say(visit, texts.withdrawn)}${withdrawn !== '' && html`<br>${say(visit, texts.why, { reason: withdrawn })}`}</p>`}
${effect(visit, row)}
${stops && withdrawn === null && html`<p><b>${say(visit, texts.stops)}</b></p>`}
<div lang="${language}">${paragraphs(language === 'en' ? (body.en as string) : body.ja)}</div>
${note !== null && html`<p class="hint">${say(visit, texts.corrected, { reason: note })}</p>`}
${visit.language === 'en' && language === 'ja' && html`<p class="hint">${say(visit, texts.japaneseOnly)}</p>`}
${read === null && withdrawn === null && mark(visit, id, title, after)}</section>
`;
}

const paragraphs = (text: string) =>
  text.split(/\n{2,}/).map(
    (paragraph) => html`<p>${paragraph.split('\n').map((one, i) => html`${i > 0 && html`<br>`}${one}`)}</p>
`,
  );

function tag(visit: Member, { read, withdrawn }: NoticeRow): Html | undefined {
  if (read !== null) return html`<span class="hint">${say(visit, texts.readAt, { at: moment(visit, read) })}</span>`;
  return withdrawn === null ? html`<span class="tag">${say(visit, texts.unread)}</span>` : undefined;
}

function effect(visit: Member, { starts, ends }: NoticeRow): Html | undefined {
  if (starts === null) return undefined;
  const start = moment(visit, starts);
  const when =
    ends === null ? say(visit, texts.from, { start }) : say(visit, texts.span, { start, end: moment(visit, ends) });
  return html`<p><b>${say(visit, texts.effect)}</b> ${when}</p>`;
}

const mark = (visit: Member, id: string, title: string, after: string | null): Html =>
  formTo(
    visit,
    '/notices/read',
    html`${hidden('notice', id)}${hidden('after', after ?? '')}<button class="second small">${say(visit, texts.mark)}<span class="unseen"> ${title}</span></button>`,
  );

/** Back to where the person was in the list. */
async function markRead({ parts, session, form }: Member): Promise<Answer> {
  const marked = await parts.notices.markRead(session, form.get('notice').slice(0, 64));
  const after = form.get('after').slice(0, 64);
  const query = new URLSearchParams({ done: marked ? 'read' : 'gone', ...(after && { after }) });
  return { to: `/notices?${query}` };
}

export const noticesRoutes: readonly Route[] = [
  { method: 'get', path: '/notices', where: 'outside', guard: ['complete'], run: show },
  { method: 'post', path: '/notices/read', where: 'outside', guard: ['complete'], run: markRead },
];
