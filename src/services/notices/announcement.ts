import type { Access } from '../../access/access.ts';
import type { Asked } from '../../fhir/asked.ts';
import type { Engine } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import type { Announcement } from '../../store/notice.ts';
import { KINDS, kindOf, type NoticeKind } from './kinds.ts';

export const MOST_TITLE = 200;
export const MOST_TEXT = 20_000;
const MOST_REASON = 1000;
/** A reason must say something. */
const LEAST_REASON = 10;
const DAY = 86_400_000;
/** Longest stop that a notice can bring about: a slip of the pen in a date must not close the service for a year. */
const MOST_STOP_DAYS = 7;

/** Parameters that say what is announced. */
export const ANNOUNCEMENT_PARAMETERS = [
  'title',
  'text',
  'titleEn',
  'textEn',
  'publish',
  'effective',
  'stops',
  'override',
] as const;

/**
 * What is to be announced, as the parameters say it or, where they do not, as it was (`before`).
 *
 * @param now  epoch milliseconds
 */
export function announcementOf(engine: Engine, access: Access, asked: Asked, before?: Announcement): Announcement {
  const code = before?.kind ?? asked.code('kind', Object.keys(KINDS)) ?? asked.needed('kind', 64);
  const kind = kindOf(code) as NoticeKind;
  const operator = access.caller?.kind === 'operator';
  if (!operator && !kind.hospitals)
    throw refuse.unprocessable(`Notices of kind ${code} are published by the operator`, `Parameters.parameter('kind')`);
  const period = asked.period('effective', engine.zone);
  const one: Announcement = {
    kind: code,
    title: before && asked.text('title', MOST_TITLE) === undefined ? before.title : asked.needed('title', MOST_TITLE),
    body: before && asked.text('text', MOST_TEXT) === undefined ? before.body : asked.needed('text', MOST_TEXT),
    titleEn: asked.text('titleEn', MOST_TITLE) ?? before?.titleEn ?? null,
    bodyEn: asked.text('textEn', MOST_TEXT) ?? before?.bodyEn ?? null,
    published: publication(engine, asked, before),
    starts: period ? period.starts : (before?.starts ?? null),
    ends: period ? period.ends : (before?.ends ?? null),
    stops: asked.values('stops').length > 0 ? asked.flag('stops') : (before?.stops ?? false),
    override: reason(asked, 'override') ?? null,
  };
  if (one.override !== null && !operator)
    throw refuse.unprocessable('The operator alone sets a rule aside', `Parameters.parameter('override')`);
  checkEffect(kind, code, one);
  return one;
}

function publication({ now, zone }: Engine, asked: Asked, before: Announcement | undefined): number {
  const at = asked.time('publish', zone);
  const present = now();
  if (!at) return before?.published ?? present;
  if (before && before.published <= present)
    throw refuse.unprocessable('The notice has been published; its time stays', `Parameters.parameter('publish')`);
  if (at.high < present)
    throw refuse.unprocessable('A notice cannot be published in the past', `Parameters.parameter('publish')`);
  return Math.max(at.low, present);
}

/** A reason is one when it says something. */
export function reason(asked: Asked, name: string): string | undefined {
  const text = asked.text(name, MOST_REASON);
  if (text !== undefined && [...text].length < LEAST_REASON)
    throw asked.refuse(name, `must say why in ${LEAST_REASON} characters or more`);
  return text;
}

function checkEffect(kind: NoticeKind, code: string, { starts, ends, stops }: Announcement): void {
  const wrong = (must: string) =>
    refuse.unprocessable(`A notice of kind ${code} ${must}`, `Parameters.parameter('effective')`, 'required');
  if (kind.effect !== 'optional' && starts === null) throw wrong('must say from when it takes effect');
  if (kind.effect === 'period' && ends === null) throw wrong('must say until when it lasts');
  if (!stops) return;
  if (!['maintenance', 'emergency-maintenance', 'suspension'].includes(code))
    throw refuse.unprocessable(`A notice of kind ${code} does not stop the service`, `Parameters.parameter('stops')`);
  if (starts === null || ends === null || ends - starts > MOST_STOP_DAYS * DAY)
    throw wrong(`that stops the service must say from when until when, ${MOST_STOP_DAYS} days at most`);
}
