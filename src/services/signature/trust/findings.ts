import type { Words } from './mistake.ts';

/** `note` is worth knowing, `warning` wants something done before long, `error` means that signatures cannot be believed now. */
export type Level = 'note' | 'warning' | 'error';

export interface Finding {
  readonly level: Level;
  /** An upper-case word that stays the same, for monitoring. */
  readonly code: string;
  /** The authority, where it is of one. */
  readonly authority?: Words;
  readonly words: Words;
}

/** Makes findings of one code. */
const finding = <Given extends readonly unknown[]>(level: Level, code: string, say: (...given: Given) => Words) =>
  Object.assign(
    (authority: Words | undefined, ...given: Given): Finding => ({
      level,
      code,
      ...(authority ? { authority } : {}),
      words: say(...given),
    }),
    { level, code },
  );

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
const minute = (at: number): string => new Date(at).toISOString().slice(0, 16).replace('T', ' ');

/** Everything that `tasuki trust check` can say, with what to do. */
export const found = Object.freeze({
  nothing: finding('error', 'NOTHING_TRUSTED', (directory: string) => ({
    en: `There is no trust.json in ${directory}: no signature can be found valid. docs/trust.md says what to install`,
    ja: `${directory} に trust.json がありません。どの署名も有効と確認できません。導入するものは docs/trust.md にあります`,
  })),
  mistake: finding('error', 'MISTAKE', (where: string, { ja, en }: Words) => ({
    en: `${where} ${en}`,
    ja: `${where} ${ja}`,
  })),
  noIssuer: finding('error', 'NO_ISSUER', () => ({
    en: 'No issuer of signing certificates is trusted: no signature can be found valid',
    ja: '署名用証明書の発行者が一つもありません。どの署名も有効と確認できません',
  })),
  noAuthority: finding('error', 'NO_TIMESTAMP_AUTHORITY', () => ({
    en: 'No time-stamp authority is trusted: no signature can be found valid',
    ja: 'タイムスタンプ局が一つもありません。どの署名も有効と確認できません',
  })),
  noService: finding('note', 'NO_TIMESTAMP_SERVICE', () => ({
    en: 'No time-stamp authority has a "url": archive time-stamps cannot be requested',
    ja: '"url" のあるタイムスタンプ局がないため、長期保存用のタイムスタンプを取得できません',
  })),
  anchorEnded: finding('error', 'ANCHOR_EXPIRED', (file: string, at: number) => ({
    en: `${file}: the anchor ended on ${day(at)} and counts no more; move it to "retired" if older signatures rest on it`,
    ja: `${file}: 信頼点は ${day(at)} に満了し、無効です。以前の署名に必要なら "retired" に移してください`,
  })),
  notYet: finding('error', 'NOT_YET_VALID', (file: string, at: number) => ({
    en: `${file}: is valid from ${day(at)} only; is the clock of this machine right?`,
    ja: `${file}: ${day(at)} から有効です。この機械の時計を確かめてください`,
  })),
  ended: finding('warning', 'CERTIFICATE_EXPIRED', (file: string, at: number) => ({
    en: `${file}: ended on ${day(at)}; keep it for older signatures, and see that its successor is here`,
    ja: `${file}: ${day(at)} に満了しました。以前の署名のために残し、後継の証明書があることを確かめてください`,
  })),
  endsSoon: finding('warning', 'CERTIFICATE_ENDS_SOON', (file: string, at: number, days: number) => ({
    en: `${file}: ends on ${day(at)}, in ${days} days; ask its issuer for the successor`,
    ja: `${file}: あと ${days} 日、${day(at)} に満了します。発行者から後継の証明書を入手してください`,
  })),
  listMistake: finding('error', 'LIST_UNUSABLE', (file: string, { ja, en }: Words) => ({
    en: `${file}: ${en}`,
    ja: `${file}: ${ja}`,
  })),
  listMissing: finding('error', 'LIST_MISSING', (place: string, reason: string) => ({
    en: `${place}: no list was ever had (${reason}); signatures that need it stay undecided`,
    ja: `${place}: 失効リストを取得できていません（${reason}）。これを要する署名は判定できません`,
  })),
  listEnded: finding('error', 'LIST_EXPIRED', (place: string, at: number) => ({
    en: `${place}: the next list was due ${minute(at)} UTC; signatures that need it stay undecided`,
    ja: `${place}: 次回更新の期限 ${minute(at)}（UTC）を過ぎています。これを要する署名は判定できません`,
  })),
  listEndsSoon: finding('warning', 'LIST_ENDS_SOON', (place: string, at: number) => ({
    en: `${place}: the next list is due ${minute(at)} UTC; put it there in time`,
    ja: `${place}: 次回更新の期限は ${minute(at)}（UTC）です。それまでに新しい失効リストを置いてください`,
  })),
  listFailing: finding('warning', 'LIST_NOT_FETCHED', (place: string, failures: number, reason: string) => ({
    en: `${place}: failed ${failures} times in a row (${reason}); the list that is here still holds`,
    ja: `${place}: 続けて ${failures} 回失敗しました（${reason}）。手元の失効リストはまだ有効です`,
  })),
  listUnasked: finding('note', 'LIST_NOT_LOOKED_AT', (place: string) => ({
    en: `${place}: was not asked; --fetch asks it, --database shows what the server has`,
    ja: `${place}: 取得していません。--fetch で取得し、--database でサーバーの手元のものを表示します`,
  })),
  noList: finding('warning', 'NO_LIST', (subject: string) => ({
    en: `No list of ${subject} is configured: signatures under it stay undecided. Add its URL or file to "crls"`,
    ja: `${subject} の失効リストがないため、その下の署名は判定できません。URL かファイルを "crls" に加えてください`,
  })),
  policyRefused: finding('error', 'POLICY_REFUSED', (oid: string) => ({
    en: `"policies" has ${oid}, which "refusedPolicies" refuses: no certificate under it is accepted`,
    ja: `"policies" の ${oid} が "refusedPolicies" で拒まれ、その下の証明書は受け入れられません`,
  })),
  authenticationTaken: finding('warning', 'AUTHENTICATION_POLICY_TAKEN', (oid: string) => ({
    en: `"refusedPolicies" has not ${oid}: certificates for authentication are not refused as such`,
    ja: `"refusedPolicies" に ${oid} がなく、認証用の証明書が拒まれません`,
  })),
  testTaken: finding('warning', 'TEST_POLICY_TAKEN', (oid: string) => ({
    en: `In production "refusedPolicies" has not ${oid}: certificates for tests are not refused as such`,
    ja: `本番環境の "refusedPolicies" に ${oid} がなく、試験用の証明書が拒まれません`,
  })),
  roleUnconfirmed: finding('note', 'ROLE_UNCONFIRMED', (role: string) => ({
    en: `The spelling of the role "${role}" was not seen in a published certificate: compare it with a real one`,
    ja: `資格「${role}」の綴りは公開された証明書では確かめられていません。実際の証明書と照合してください`,
  })),
});
