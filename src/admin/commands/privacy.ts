import { type Group, says } from '../command.ts';

const CLASSES = [
  'name',
  'login',
  'roles',
  'practitioner',
  'institution',
  'contract',
  'usage',
  'access-log',
  'network-address',
  'statistics',
];

export const privacy: Group = {
  title: says('利用者の個人情報と監査', 'Users’ personal information, and audit'),
  commands: [
    {
      name: 'disclose',
      method: 'POST',
      path: '$disclose',
      says: says('利用者の個人情報の第三者への開示を記録する', 'Records a disclosure of users’ personal information'),
      parameters: [
        {
          name: 'ground',
          type: 'code',
          codes: ['subcontractor', 'statistics', 'inquiry', 'protection', 'emergency'],
          required: true,
          says: says('第17条第2項の根拠', 'Ground in Art. 17, 2'),
        },
        { name: 'recipient', type: 'string', required: true, says: says('開示の相手', 'To whom') },
        {
          name: 'class',
          type: 'code',
          codes: CLASSES,
          many: true,
          required: true,
          says: says('情報の区分（複数可）', 'Class of data; more than one may be given'),
        },
        { name: 'purpose', type: 'string', required: true, says: says('目的', 'What for') },
        { name: 'legalReference', type: 'string', says: says('法令・照会の番号', 'Law, or number of the inquiry') },
        { name: 'institution', type: 'reference', of: 'Organization', says: says('機関', 'Whose users') },
        {
          name: 'person',
          type: 'string',
          many: true,
          says: says('利用者のアカウント ID（複数可）', 'These of them, by the ids of their accounts'),
        },
        { name: 'approver', type: 'string', says: says('承認者のアカウント ID', 'Account of who approved it') },
        { name: 'approverName', type: 'string', says: says('承認者の氏名', 'Name of who approved it') },
        {
          name: 'secretUntil',
          type: 'string',
          says: says('この日まで本人に知らせない', 'Not told to those concerned before this day'),
        },
      ],
    },
    {
      name: 'disclosures',
      method: 'GET',
      path: '$disclosures',
      formats: { csv: 'text/csv' },
      says: says('開示の記録', 'Disclosures of users’ personal information'),
      parameters: [
        { name: 'institution', type: 'reference', of: 'Organization', says: says('機関', 'Institution') },
        { name: 'from', type: 'time', says: says('いつから', 'From') },
        { name: 'to', type: 'time', says: says('いつまで', 'To') },
        { name: 'limit', type: 'integer', says: says('件数', 'How many') },
      ],
    },
    {
      name: 'export-users',
      method: 'POST',
      path: '$export-users',
      formats: { csv: 'text/csv' },
      says: says(
        '利用者の一覧を、定められた目的のために取り出す',
        'The service’s users, for one of the purposes of Art. 17, 1',
      ),
      parameters: [
        {
          name: 'purpose',
          type: 'code',
          codes: ['customise', 'inform', 'survey'],
          required: true,
          says: says('目的', 'What for'),
        },
        { name: 'after', type: 'string', says: says('前のページの next の次から', 'Go on after what next said') },
        { name: 'limit', type: 'integer', says: says('件数', 'How many') },
      ],
    },
    {
      name: 'statistics',
      method: 'GET',
      path: '$statistics',
      formats: { csv: 'text/csv' },
      says: says('個人を識別できない統計', 'Statistics that identify nobody'),
      parameters: [
        { name: 'metric', type: 'code', says: says('何を数えるか', 'What is counted') },
        {
          name: 'by',
          type: 'code',
          codes: ['kind', 'network'],
          says: says('機関の種別ごと、ネットワークごと', 'By kind of institution or by network'),
        },
        { name: 'from', type: 'string', required: true, says: says('最初の月（yyyy-mm）', 'First month, yyyy-mm') },
        { name: 'months', type: 'integer', says: says('月数', 'How many months') },
      ],
    },
    {
      name: 'audit',
      method: 'GET',
      path: 'AuditEvent',
      says: says('監査記録を探す', 'Searches the audit'),
      parameters: [
        {
          name: 'date',
          type: 'string',
          many: true,
          says: says('日時（例 ge2026-04-01）', 'When, for example ge2026-04-01'),
        },
        { name: 'patient', type: 'reference', of: 'Patient', says: says('患者', 'Patient') },
        {
          name: 'agent',
          type: 'string',
          says: says('Practitioner/ID、Organization/ID など', 'Who: Practitioner/ID, Organization/ID …'),
        },
        { name: 'entity', type: 'string', says: says('対象の資源', 'What it was done to') },
        { name: 'subtype', type: 'string', says: says('操作', 'Interaction') },
        { name: 'outcome', type: 'string', says: says('結果（0 4 8）', 'Outcome: 0, 4, 8') },
        { name: '_count', type: 'integer', says: says('一度に示す件数', 'How many at a time') },
      ],
    },
    {
      name: 'access-report',
      method: 'GET',
      path: 'Patient/{patient}/$access-report',
      formats: { pdf: 'application/pdf', csv: 'text/csv' },
      says: says(
        '患者の情報に誰が何をしたか（病院の管理者）',
        'Who did what with a patient’s data; the hospital’s administrators',
      ),
      parameters: [
        { name: 'from', type: 'time', says: says('いつから', 'From') },
        { name: 'to', type: 'time', says: says('いつまで', 'To') },
      ],
    },
  ],
};
