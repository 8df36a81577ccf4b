import { BEGINNINGS } from '../../../pdf/attacks/beginning.ts';
import { CATALOG } from '../../../pdf/attacks/catalog.ts';
import { CONTENT } from '../../../pdf/attacks/content.ts';
import { FIELDS } from '../../../pdf/attacks/field.ts';
import { LATER } from '../../../pdf/attacks/later.ts';
import { RANGES } from '../../../pdf/attacks/ranges.ts';
import { SYNTAX } from '../../../pdf/attacks/syntax.ts';
import { TABLES } from '../../../pdf/attacks/tables.ts';

/**
 * Every attack of tests/pdf, to be signed in earnest by a doctor in good standing, with a time-stamp: then nothing but the structure of the
 * file is left to find it out.
 */
export const STRUCTURES = [...BEGINNINGS, ...TABLES, ...CONTENT, ...CATALOG, ...FIELDS, ...RANGES, ...SYNTAX, ...LATER];
