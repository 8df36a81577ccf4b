import { dateFormats } from '../../http/date-formats.ts';
import type { Visit } from './visit.ts';

const formatOf = dateFormats(() => ({ dateStyle: 'long', timeStyle: 'short' }));

/** A time as people read it, in the zone of the service: `2026年11月23日 14:05`, `23 November 2026 at 14:05`. */
export const moment = ({ language, parts }: Pick<Visit, 'language' | 'parts'>, at: number): string =>
  formatOf(language, parts.zone).format(at);
