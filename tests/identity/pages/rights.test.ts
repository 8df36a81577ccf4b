import fc from 'fast-check';
import { chosenScopes, isOfAdministration, isOfRecords, rightsOf } from '../../../src/identity/pages/rights.ts';

const ja = { language: 'ja' } as const;
const en = { language: 'en' } as const;
const words = (scopes: readonly string[], visit: { language: 'ja' | 'en' } = ja) =>
  rightsOf(visit, scopes).map((right) => right.words);

describe('scopes in plain words', () => {
  it.each([
    [
      'patient/Observation.rs',
      'この患者さんの検査結果・観察を見る',
      'Read this patient’s test results and observations',
    ],
    [
      'patient/Observation.read',
      'この患者さんの検査結果・観察を見る',
      'Read this patient’s test results and observations',
    ],
    [
      'user/Appointment.cruds',
      'あなたが見られる患者さんの予約を見る・書き込む（追加・変更・削除）',
      'Read and write (add, change, delete) appointments of all patients whom you may see',
    ],
    ['patient/Condition.c', 'この患者さんの病名・症状を書き込む（追加）', 'Write (add) this patient’s conditions'],
    ['patient/*.rs', 'この患者さんのすべての記録を見る', 'Read this patient’s whole record'],
    ['user/Practitioner.rs', '職員の名簿を見る', 'Read the directory of staff'],
    ['user/Basic.r', 'あなたが見られる患者さんのBasicを見る', 'Read Basic of all patients whom you may see'],
    [
      'patient/Observation.rs?category=http%3A%2F%2Fa%7Claboratory',
      'この患者さんの検査結果・観察を見る（条件: category=http://a|laboratory）',
      'Read this patient’s test results and observations (only where category=http://a|laboratory)',
    ],
    ['patient/Observation.rs?a=%', 'この患者さんの検査結果・観察を見る（条件: a=%）', undefined],
    ['offline_access', 'ログアウトした後も使い続ける', 'Go on working after you have logged out'],
    ['something-else', 'something-else', 'something-else'],
  ])('%s: %s', (scope, japanese, english) => {
    expect(words([scope])).toEqual([japanese]);
    if (english) expect(words([scope], en)).toEqual([english]);
  });

  it('says who the person is once, and nothing of the patient that was chosen', () => {
    expect(words(['openid', 'fhirUser', 'profile', 'launch/patient'])).toEqual([
      'あなたが誰か（氏名・所属・役割）を知る',
    ]);
    expect(rightsOf(ja, ['openid'])[0]?.choice).toBe(false);
  });

  it('puts what is certain first and what lasts longest last', () => {
    expect(rightsOf(ja, ['offline_access', 'patient/Patient.r', 'openid']).map(({ scope }) => scope)).toEqual([
      'openid',
      'patient/Patient.r',
      'offline_access',
    ]);
  });

  it('lets an app have what cannot be left out and what was chosen, and nothing that it did not ask for', () => {
    const asked = ['openid', 'launch/patient', 'patient/Patient.r', 'patient/Condition.rs', 'offline_access'];
    expect(chosenScopes(ja, asked, ['patient/Condition.rs', 'user/*.cruds'])).toEqual([
      'openid',
      'launch/patient',
      'patient/Condition.rs',
    ]);
    expect(chosenScopes(ja, asked, asked)).toEqual(asked);
  });

  it('takes two scopes that read alike for one choice', () => {
    const asked = ['patient/Condition.read', 'patient/Condition.rs'];
    expect(chosenScopes(ja, asked, ['patient/Condition.read'])).toEqual(asked);
    expect(chosenScopes(ja, asked, [])).toEqual([]);
  });

  it('chooses a part of what was asked, in its order, whatever is sent', () => {
    const scope = fc.constantFrom('openid', 'launch', 'patient/Patient.r', 'user/*.cruds', 'offline_access', '', '<x>');
    fc.assert(
      fc.property(fc.uniqueArray(scope), fc.array(fc.oneof(scope, fc.string())), (asked, chosen) => {
        const given = chosenScopes(ja, asked, chosen);
        expect(asked.filter((one) => given.includes(one))).toEqual(given);
      }),
    );
  });

  it('knows which are about records', () => {
    expect(
      ['patient/Patient.r', 'user/*.cruds', 'openid', 'launch/patient', 'offline_access'].map(isOfRecords),
    ).toEqual([true, true, false, false, false]);
  });

  it('knows which open what administrators do: none that only reads or is narrowed', () => {
    const asked = [
      'user/*.cruds',
      'user/Organization.*',
      'user/Practitioner.rs',
      'user/Contract.u?status=executed',
      'patient/*.cruds',
    ];
    expect(asked.map(isOfAdministration)).toEqual([true, true, false, false, false]);
  });
});
