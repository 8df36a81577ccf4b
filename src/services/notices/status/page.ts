import type { WeeklyWindow } from '../../../config/maintenance.ts';
import { dateFormats } from '../../../http/date-formats.ts';
import type { Language } from '../../../http/negotiate.ts';
import { ASSETS } from '../../../identity/pages/assets.ts';
import { type Html, html } from '../../../identity/pages/html.ts';
import { inLanguage, type Text } from '../../../identity/pages/texts/text.ts';
import { kindOf } from '../kinds.ts';
import { STATUS_STYLE } from './style.ts';
import type { ShownNotice, StatusView } from './view.ts';
import { noticeStates, overall, states, weekdays, words } from './words.ts';

export interface PageOptions {
  readonly language: Language;
  /** IANA zone of the times that people read. */
  readonly zone: string;
}

/** The frame of the other pages, without a script and without whoever is logged in. */
function documentOf({ language }: PageOptions, title: string, main: Html): string {
  const other = language === 'ja' ? 'en' : 'ja';
  const say = (text: Text) => inLanguage(text, language);
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<meta name="color-scheme" content="light dark">
<title>${title} – Tasuki</title>
<link rel="icon" href="${ASSETS.icon.path}" type="image/svg+xml">
<link rel="stylesheet" href="${ASSETS.style.path}">
<link rel="stylesheet" href="${STATUS_STYLE.path}">
</head>
<body>
<a class="skip" href="#main">${say(words.skip)}</a>
<header class="top"><div class="bar wide">
<a class="brand" href="/"><img src="${ASSETS.icon.path}" alt="" width="36" height="36"><span><b>Tasuki</b> <small>${say(words.tagline)}</small></span></a>
<div class="visitor"><a href="/status?lang=${other}" lang="${other}" hreflang="${other}">${say(words.otherLanguage)}</a></div>
</div></header>
<main id="main" class="wide status" tabindex="-1">
<h1>${title}</h1>
${main}
</main>
</body>
</html>
`.text;
}

export function statusPage(options: PageOptions, view: StatusView, weekly: WeeklyWindow | null): string {
  const { language, zone } = options;
  const say = (text: Text, values: Record<string, string> = {}) => inLanguage(text, language, values);
  const moment = (at: number) => momentOf(options, at);
  const { server, database, jobs } = view.parts;
  const rows = [
    [words.server, server],
    [words.database, database],
    [words.jobs, jobs],
  ] as const;
  const asKnown =
    database === 'operational'
      ? undefined
      : html`<p class="hint">${view.readAt === null ? say(words.unknown) : say(words.known, { at: moment(view.readAt) })}</p>`;
  return documentOf(
    options,
    say(words.title),
    html`<section class="overall ${view.overall}"><p class="state"><b>${say(overall[view.overall])}</b></p>
${view.closedUntil !== null && html`<p>${say(words.until, { end: moment(view.closedUntil) })}</p>`}
<p class="hint">${say(words.at, { at: moment(view.at) })}</p></section>
<section class="card"><h2>${say(words.parts)}</h2>
<dl class="facts">${rows.map(([name, state]) => html`<div><dt>${say(name)}</dt><dd class="part ${state}">${say(states[state])}</dd></div>`)}</dl></section>
<section class="card"><h2>${say(words.maintenance)}</h2>${asKnown}
${view.maintenance.map((notice) => noticeOf(options, notice))}
${view.maintenance.length === 0 && database === 'operational' && html`<p>${say(words.noMaintenance)}</p>`}</section>
<section class="card"><h2>${say(words.incidents)}</h2>
${view.incidents.map((notice) => noticeOf(options, notice))}
${view.incidents.length === 0 && html`<p>${database === 'operational' ? say(words.noIncidents) : '–'}</p>`}</section>
${weekly && view.regular && html`<section class="card"><h2>${say(words.regular)}</h2><p>${say(words.regularWindow, { ...weeklyWords(language, weekly), span: spanOf(options, view.regular.from, view.regular.to) })}</p></section>`}
<p class="hint">${say(words.zone, { zone })} <a href="/status.json">${say(words.json)}</a></p>`,
  );
}

function noticeOf(options: PageOptions, notice: ShownNotice): Html {
  const { language } = options;
  const say = (text: Text) => inLanguage(text, language);
  const { kind, state, starts, ends, stops, published } = notice;
  const english = language === 'en' && notice.bodyEn !== null;
  const title = (english ? notice.titleEn : null) ?? notice.title;
  const body = english ? (notice.bodyEn as string) : notice.body;
  const inWords = english ? 'en' : 'ja';
  return html`<article class="told ${state}">
<h3 lang="${title === notice.title ? 'ja' : 'en'}">${title}</h3>
<p class="marks"><span class="tag ${state}">${say(noticeStates[state])}</span> <span class="tag">${kindOf(kind)?.[language] ?? kind}</span></p>
${starts !== null && html`<p class="when"><b>${say(words.period)}</b> ${spanOf(options, starts, ends)}</p>`}
${stops && state !== 'over' && html`<p class="stops">${say(words.stops)}</p>`}
<div lang="${inWords}">${body.split(/\n{2,}/).map((paragraph) => html`<p class="words">${paragraph}</p>`)}</div>
<p class="hint">${language === 'en' && !english && `${say(words.japaneseOnly)} `}${say(words.published)}: ${momentOf(options, published)}</p>
</article>`;
}

/** For people who come while the service is closed. */
export function closedPage(options: PageOptions, until: number): string {
  const say = (text: Text, values: Record<string, string> = {}) => inLanguage(text, options.language, values);
  return documentOf(
    options,
    say(words.closedTitle),
    html`<section class="overall maintenance"><p class="lead">${say(words.closed)}</p>
<p>${say(words.until, { end: momentOf(options, until) })}</p></section>
<p><a class="button second" href="/status">${say(words.toStatus)}</a></p>`,
  );
}

const formatOf = dateFormats((language) => ({
  year: 'numeric',
  month: language === 'ja' ? 'long' : 'short',
  day: 'numeric',
  weekday: 'short',
  hour: '2-digit',
  minute: '2-digit',
}));

const momentOf = ({ language, zone }: PageOptions, at: number): string => formatOf(language, zone).format(at);

function spanOf(options: PageOptions, start: number, end: number | null): string {
  const text = end === null ? words.openEnd : words.span;
  return inLanguage(text, options.language, {
    start: momentOf(options, start),
    ...(end !== null && { end: momentOf(options, end) }),
  });
}

function weeklyWords(language: Language, { from, to }: WeeklyWindow): Record<string, string> {
  const say = (minute: number) => {
    const day = weekdays[Math.floor(minute / 1440) as 0];
    const clock = `${String(Math.floor((minute % 1440) / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
    return `${inLanguage(day as Text, language)} ${clock}`;
  };
  return { from: say(from), to: say(to) };
}
