import type { Access } from '../../access/access.ts';
import type { Queryable } from '../../store/database.ts';
import type { LetterRow } from '../../store/letter.ts';
import { verificationById } from '../../store/letter-verification.ts';
import type { VerificationRecord } from './evidence.ts';
import type { Result } from './verdict.ts';
import { summaryOf, type Text } from './words.ts';

const REPLACED: Text = Object.freeze({
  ja: '紹介状の新しい版が作成されたため、この版は無効です。新しい版を発行して署名してください。',
  en: 'There is a new version of the letter, so this one is void. Issue the new version and sign that.',
});
const DELETED: Text = Object.freeze({
  ja: '紹介状が削除されたため、無効です。',
  en: 'The letter was deleted, so this is void.',
});

/** What people are told of a letter beside where it is. */
export interface Said {
  /** Why it is there. */
  readonly reason?: Text;
  /** Of the verification that it goes by. */
  readonly result?: Result;
}

export async function saidOf(
  access: Access,
  database: Queryable,
  { state, withdrawn, verification }: Pick<LetterRow, 'state' | 'withdrawn' | 'verification'>,
): Promise<Said> {
  const found =
    verification === null ? undefined : await verificationById<VerificationRecord>(access, database, verification);
  const result = found && { result: found.result };
  if (state === 'void') return { ...result, reason: withdrawn ? DELETED : REPLACED };
  return { ...result, ...(found && found.result !== 'VALID' && { reason: summaryOf(found.record.verdict) }) };
}
