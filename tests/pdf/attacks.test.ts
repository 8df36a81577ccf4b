import { examine } from '../../src/pdf/examine.ts';
import { BEGINNINGS } from './attacks/beginning.ts';
import { CATALOG } from './attacks/catalog.ts';
import { CONTENT } from './attacks/content.ts';
import { FIELDS } from './attacks/field.ts';
import { LATER, second } from './attacks/later.ts';
import { RANGES } from './attacks/ranges.ts';
import { SYNTAX } from './attacks/syntax.ts';
import { TABLES } from './attacks/tables.ts';
import { signedBy, updated } from './draft.ts';
import { objections, passes, tinyLetter } from './letters.ts';

const issued = tinyLetter();

describe.each([
  ['another beginning', BEGINNINGS],
  ['the tables', TABLES],
  ['the content', CONTENT],
  ['the catalog and the form', CATALOG],
  ['the field and its value', FIELDS],
  ['the byte range', RANGES],
  ['the syntax', SYNTAX],
  ['after the signature', LATER],
])('an attack on %s', (_, table) => {
  it.each(table.map((attack) => [attack.name, attack] as const))('is found: %s', (_, { make, found }) => {
    const examination = examine(make(issued), issued);
    expect(passes(examination)).toBe(false);
    expect(objections(examination)).toContain(found);
  });
});

describe('what the attacks are made of', () => {
  it('passes when nothing in it is wrong', () => {
    expect(objections(examine(signedBy(issued), issued))).toEqual([]);
    const stamped = updated(signedBy(issued), second('Archive', 'ETSI.RFC3161', '/DocTimeStamp'));
    expect(objections(examine(stamped, issued))).toEqual([]);
  });
});

describe('a number that was free in the issued letter', () => {
  it('is not taken for something new', () => {
    const freed = issued
      .toString('latin1')
      .replace(/trailer/, '9 1\n0000000000 00001 f \ntrailer')
      .replace('/Size 9', '/Size 10');
    const letter = Buffer.from(freed, 'latin1');
    expect(objections(examine(signedBy(letter), letter))).toContain('increment REUSED_NUMBER');
  });
});
