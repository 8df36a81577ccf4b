import fc from 'fast-check';
import { columns, padded, table } from '../../src/demo/screen.ts';

describe('columns of a terminal', () => {
  it.each([
    ['', 0],
    ['clinic', 6],
    ['さくら診療所', 12],
    ['ﾀｶﾊｼ', 4],
    ['ＣＴ検査 (CT)', 13],
    ['𠮷田', 4],
    ['● – 404', 7],
  ])('%s takes %i', (text, width) => {
    expect(columns(text)).toBe(width);
  });

  it('are never fewer than asked for', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
        expect(columns(padded(text, width))).toBe(Math.max(width, columns(text)));
      }),
    );
  });
});

describe('a table', () => {
  it('keeps its columns under each other', () => {
    expect(
      table(
        ['誰が', 'what'],
        [
          ['さくら', 'read'],
          ['H', '読む', 'more'],
        ],
      ),
    ).toEqual(['誰が    what', '──────  ────', 'さくら  read', 'H       読む']);
  });
});
