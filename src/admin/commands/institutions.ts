import { type Group, says } from '../command.ts';

const KINDS = ['cooperating-hospital', 'medical', 'care', 'health', 'municipality'];
const KIND_SYSTEM = 'https://tasuki.example/fhir/CodeSystem/institution-kind';

export const institutions: Group = {
  title: says('機関', 'Institutions'),
  commands: [
    {
      name: 'institutions',
      method: 'GET',
      path: 'Organization',
      says: says('機関の一覧', 'Lists institutions'),
      parameters: [
        { name: 'name', type: 'string', says: says('名称のはじめ', 'Beginning of the name') },
        { name: 'active', type: 'boolean', says: says('利用中かどうか', 'Whether in use') },
        { name: '_count', type: 'integer', says: says('一度に示す件数', 'How many at a time') },
      ],
    },
    {
      name: 'add-institution',
      method: 'POST',
      path: 'Organization',
      says: says('機関を登録する（運営者）', 'Registers an institution; the operator'),
      parameters: [
        { name: 'name', type: 'string', required: true, says: says('名称', 'Name') },
        { name: 'kind', type: 'code', codes: KINDS, required: true, says: says('種別', 'Kind') },
      ],
      body: (values) => ({
        resourceType: 'Organization',
        active: true,
        name: values.get('name')?.[0],
        type: [{ coding: [{ system: KIND_SYSTEM, code: values.get('kind')?.[0] }] }],
      }),
    },
    {
      name: 'export',
      method: 'GET',
      path: 'Organization/{institution}/$export-own',
      follows: true,
      formats: { ndjson: 'application/fhir+ndjson' },
      says: says(
        '機関が所有するものを NDJSON で取り出す（消去の前に。契約の期間中は機関の管理者が、終了後は運営者が）',
        'Takes out what the institution owns, as NDJSON, before it is erased: its administrators under contract, the operator after the end',
      ),
    },
    {
      name: 'erase',
      method: 'POST',
      path: 'Organization/{institution}/$erase',
      destructive: true,
      says: says(
        '契約を終えた機関が所有していたものを消去する（元に戻せない）',
        'Erases what an institution owned after the end of its contract; cannot be undone',
      ),
      parameters: [
        {
          name: 'confirm',
          type: 'string',
          required: true,
          says: says('機関の名称（確認のため）', 'Name of the institution, to be sure'),
        },
        { name: 'due', type: 'time', says: says('いつ（既定は直ちに）', 'When; now unless told') },
        { name: 'text', type: 'string', says: says('理由', 'Why') },
      ],
    },
    {
      name: 'erasure',
      method: 'GET',
      path: 'Organization/{institution}/$erasure',
      formats: { text: 'text/plain' },
      says: says(
        '消去の状態と記録（--format text は消去証明書）',
        'How far an erasure has come; --format text is the certificate',
      ),
    },
  ],
};
