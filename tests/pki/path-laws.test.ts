import fc from 'fast-check';
import { type Certificate, isSelfIssued, readCertificate } from '../../src/pki/certificate.ts';
import { type Crl, readCrl } from '../../src/pki/crl.ts';
import { DerError } from '../../src/pki/der.ts';
import { buildPath, type PathRequest } from '../../src/pki/path.ts';
import { checkRevocation } from '../../src/pki/revocation.ts';
import { authority, DAY, doctor, ecKey, flipped, list, NOON, type Party } from './authorities.ts';

const root = authority('Root', undefined);
const upper = authority('Upper CA', root);
const middle = authority('Issuing CA', upper);
const leaf = doctor(middle);
const lists = [list(middle), list(upper), list(root)];

const certificates = [leaf, middle, upper, root].map(({ certificate }) => certificate.der);
const crls = lists.map(({ der }) => der);

/** As a verification does it: read, find the path, and ask of each certificate whether it was revoked. */
function isGood(ders: readonly Uint8Array[], crlDers: readonly Uint8Array[]): boolean {
  try {
    const [of, one, two, anchor] = ders.map(readCertificate) as [Certificate, Certificate, Certificate, Certificate];
    const at = NOON - DAY;
    const found = buildPath({ leaf: of, candidates: [one, two], anchors: [anchor], at });
    if (!found.ok) return false;
    const states = checkRevocation({ path: found.path, crls: crlDers.map(readCrl), at, now: NOON });
    return states.every(({ state }) => state === 'good');
  } catch (error) {
    if (error instanceof DerError) return false;
    throw error;
  }
}

describe('a byte changed anywhere', () => {
  it('is looked for where there is nothing wrong without it', () => {
    expect(isGood(certificates, crls)).toBe(true);
  });

  it('in any certificate or list of the chain never gives success', () => {
    const all = [...certificates.slice(0, 3), ...crls];
    const place = fc
      .nat(all.length - 1)
      .chain((which) => fc.record({ which: fc.constant(which), at: fc.nat(all[which]!.length - 1) }));
    fc.assert(
      fc.property(place, fc.integer({ min: 1, max: 255 }), ({ which, at }, mask) => {
        const changed = all.with(which, flipped(all[which]!, at, mask));
        expect(isGood([...changed.slice(0, 3), certificates[3]!], changed.slice(3))).toBe(false);
      }),
      { numRuns: 600 },
    );
  });

  it('in the anchor, which is configured and vouched for by nobody, changes neither its name nor its key', () => {
    const { subject, spki } = root.certificate;
    fc.assert(
      fc.property(fc.nat(certificates[3]!.length - 1), fc.integer({ min: 1, max: 255 }), (at, mask) => {
        const changed = flipped(certificates[3]!, at, mask);
        if (!isGood(certificates.with(3, changed), crls)) return;
        const anchor = readCertificate(changed);
        expect([anchor.subject.der, anchor.spki]).toEqual([subject.der, spki]);
        // Only then is its own signature not asked for.
        expect(isSelfIssued(anchor)).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it('never gives success by leaving out any of them either', () => {
    for (const at of crls.keys()) expect(isGood(certificates, crls.toSpliced(at, 1, crls[(at + 1) % 3]!))).toBe(false);
  });
});

describe('candidates', () => {
  const noise = [
    authority('Issuing CA', upper),
    authority('Issuing CA', root),
    authority('Issuing CA', upper, {}, { key: middle.key, notAfter: NOON - 9 * DAY }),
    authority('Issuing CA', authority('Else', undefined), {}, { key: middle.key }),
    authority('Upper CA', middle, {}, { key: upper.key }),
    authority('Upper CA', { ...root, key: ecKey() }, {}, { key: upper.key }),
    authority('Root', undefined),
    doctor(upper),
  ].map(({ certificate }) => certificate);
  const useful = [middle.certificate, upper.certificate];
  const answer = (request: PathRequest) => {
    const found = buildPath(request);
    return found.ok
      ? found.path.map(({ serialHex }) => serialHex)
      : [found.code, found.detail, found.certificate.serialHex];
  };

  it('in any order, as often as they come, give the same answer', () => {
    const pool = [...noise, ...useful];
    const subset = fc.subarray(pool).chain((chosen) =>
      fc.record({
        chosen: fc.constant(chosen),
        shuffled: fc.shuffledSubarray([...chosen, ...chosen], { minLength: 2 * chosen.length }),
      }),
    );
    const at = fc.constantFrom(NOON, NOON - 10 * DAY, NOON + 9999 * DAY);
    fc.assert(
      fc.property(subset, at, ({ chosen, shuffled }, time) => {
        const request = { leaf: leaf.certificate, anchors: [root.certificate], at: time };
        expect(answer({ ...request, candidates: shuffled })).toEqual(answer({ ...request, candidates: chosen }));
        if (time === NOON && useful.every((needed) => chosen.includes(needed))) {
          expect(buildPath({ ...request, candidates: shuffled }).ok).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('copied from bytes anew are the same certificates', () => {
    const again = [...useful, ...useful].map(({ der }) => readCertificate(Uint8Array.from(der)));
    const found = buildPath({ leaf: leaf.certificate, candidates: again, anchors: [root.certificate], at: NOON });
    expect(found.ok).toBe(true);
  });
});

describe('work', () => {
  it('is bounded where a thousand certificates claim to be the issuer', () => {
    const key = ecKey();
    const identifier = middle.certificate.known.subjectKeyIdentifier!;
    const claims = Array.from({ length: 1000 }, (_, at) =>
      authority('Issuing CA', { ...root, key }, { subjectKeyIdentifier: identifier }, { key, serial: BigInt(at) }),
    ).map(({ certificate }) => certificate);
    const request = { leaf: leaf.certificate, anchors: [root.certificate], at: NOON };
    // One key, so one signature to verify: the answer is found among them.
    expect(buildPath({ ...request, candidates: [...claims, middle.certificate, upper.certificate] }).ok).toBe(true);
    expect(buildPath({ ...request, candidates: claims })).toMatchObject({ code: 'SIGNATURE_WRONG' });
  });

  it('is bounded where each has another key', () => {
    const identifier = middle.certificate.known.subjectKeyIdentifier!;
    const claims = Array.from({ length: 150 }, () =>
      authority('Issuing CA', root, { subjectKeyIdentifier: identifier }),
    ).map(({ certificate }) => certificate);
    expect(
      buildPath({ leaf: leaf.certificate, candidates: claims, anchors: [root.certificate], at: NOON }),
    ).toMatchObject({ ok: false, code: 'SEARCH_LIMIT' });
  });

  it('is bounded where all certify each other', () => {
    const parties = Array.from({ length: 8 }, (_, at): Party => authority(`CA ${at}`, undefined));
    const mesh = parties.flatMap((issuer) =>
      parties
        .filter((subject) => subject !== issuer)
        .map((subject, at) =>
          authority(`CA ${parties.indexOf(subject)}`, issuer, {}, { key: subject.key, serial: BigInt(at) }),
        ),
    );
    const found = buildPath({
      leaf: doctor(parties[0]!).certificate,
      candidates: mesh.map(({ certificate }) => certificate),
      anchors: [root.certificate],
      at: NOON,
    });
    expect(found).toMatchObject({ ok: false, code: 'SEARCH_LIMIT' });
  });
});

describe('a list', () => {
  it('of another authority of the same name and key identifier says nothing', () => {
    const twin = authority('Issuing CA', undefined, {
      subjectKeyIdentifier: middle.certificate.known.subjectKeyIdentifier!,
    });
    const path = [leaf, middle, upper, root].map(({ certificate }) => certificate);
    const states = (given: readonly Crl[]) =>
      checkRevocation({ path, crls: given, at: NOON - DAY, now: NOON }).map(({ state }) => state);
    expect(states([list(twin), lists[1]!, lists[2]!])).toEqual(['none', 'good', 'good']);
  });
});
