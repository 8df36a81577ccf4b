import fc from 'fast-check';
import { Access } from '../../src/access/access.ts';
import { seal, unseal } from '../../src/fhir/cursor.ts';
import { caller, engine } from './callers.ts';

const hospital = caller(1n);
const QUERY = 'Patient?name=山田&_count=10';
const POSITION = [1_750_000_000_000, 'やまた', null, '-9223372036854775808'] as const;
const refused = { status: 400, message: expect.stringContaining('page link') };

describe('a page link', () => {
  it('opens for the caller and the query it was made for', () => {
    expect(unseal(engine, hospital, QUERY, seal(engine, hospital, QUERY, POSITION))).toEqual(POSITION);
  });

  it('opens for the system that made it', () => {
    const system = Access.system('export');
    expect(unseal(engine, system, QUERY, seal(engine, system, QUERY, POSITION))).toEqual(POSITION);
  });

  it.each([
    ['another institution', caller(2n)],
    ['another client of the same institution', caller(1n, 'system/*.rs', 'medical', { clientId: 'other' })],
    ['the system', Access.system('a test')],
  ])('does not open for %s', (_, other) => {
    const link = seal(engine, hospital, QUERY, POSITION);
    expect(() => unseal(engine, other, QUERY, link)).toThrow(expect.objectContaining(refused));
  });

  it('is not bound to what may change between two pages: token, scopes, purpose, request', () => {
    const link = seal(engine, hospital, QUERY, POSITION);
    const later = caller(1n, 'system/Patient.rs', 'cooperating-hospital', { requestId: 'later', purpose: 'HOPERAT' });
    expect(unseal(engine, later, QUERY, link)).toEqual(POSITION);
  });

  it.each(['', 'Patient', 'Patient?name=山田', 'Observation?name=山田&_count=10', `${QUERY}&_sort=birthdate`])(
    'does not open for the query %j',
    (query) => {
      const link = seal(engine, hospital, QUERY, POSITION);
      expect(() => unseal(engine, hospital, query, link)).toThrow(expect.objectContaining(refused));
    },
  );

  it('cannot be moved between caller and query by where the one ends', () => {
    const a = caller(1n, 'system/*.rs', 'medical', { clientId: 'x' });
    const b = caller(1n, 'system/*.rs', 'medical', { clientId: 'xP' });
    const link = seal(engine, a, 'Patient', [1]);
    expect(() => unseal(engine, b, 'atient', link)).toThrow(expect.objectContaining(refused));
  });

  it('does not open on a server with another secret', () => {
    const link = seal(engine, hospital, QUERY, POSITION);
    expect(() => unseal({ ...engine, cursorSecret: 'another' }, hospital, QUERY, link)).toThrow(
      expect.objectContaining(refused),
    );
  });

  it('does not open when it is cut off anywhere', () => {
    const link = seal(engine, hospital, QUERY, POSITION);
    for (let length = 0; length < link.length - 1; length++)
      expect(() => unseal(engine, hospital, QUERY, link.slice(0, length))).toThrow(expect.objectContaining(refused));
  });

  it('does not open when any bit of it is flipped', () => {
    const bytes = Buffer.from(seal(engine, hospital, QUERY, POSITION), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3] = (flipped[bit >> 3] as number) ^ (1 << (bit & 7));
      expect(() => unseal(engine, hospital, QUERY, flipped.toString('base64url'))).toThrow(
        expect.objectContaining(refused),
      );
    }
  });

  it('is refused when it is anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 120 }), (text) => {
        expect(() => unseal(engine, hospital, QUERY, text)).toThrow(expect.objectContaining(refused));
      }),
    );
  });

  it('tells nothing: the same position is never sealed twice alike, and is not to be read in it', () => {
    const [one, two] = [seal(engine, hospital, QUERY, POSITION), seal(engine, hospital, QUERY, POSITION)];
    expect(one).not.toBe(two);
    expect(Buffer.from(one, 'base64url').includes('やまた')).toBe(false);
    expect(one).toMatch(/^[\w-]+$/);
  });

  it('keeps any position', () => {
    const value = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), fc.constant(null));
    fc.assert(
      fc.property(fc.array(value), fc.string(), (position, query) => {
        const same = JSON.parse(JSON.stringify(position));
        expect(unseal(engine, hospital, query, seal(engine, hospital, query, position))).toEqual(same);
      }),
    );
  });
});
