import { type Command, type Group, type ParameterSpec, says } from '../command.ts';

export const SERVICES = [
  'medical-cooperation',
  'care-cooperation',
  'timeline',
  'outpatient-booking',
  'images',
  'signature',
];

const service: ParameterSpec = {
  name: 'service',
  type: 'code',
  codes: SERVICES,
  many: true,
  says: says('サービス（複数可）', 'Service; more than one may be given'),
};
const scan: ParameterSpec = {
  name: 'scan',
  type: 'attachment-file',
  many: true,
  says: says('書面を読み取ったファイル', 'File with a scan of the paper'),
};
const received: ParameterSpec = {
  name: 'received',
  type: 'date',
  says: says('受け付けた日（既定は今日）', 'When it was received; today unless told'),
};
const reason = (required?: true): ParameterSpec => ({
  name: 'reason',
  type: 'string',
  ...(required && { required }),
  says: says('理由', 'Why'),
});
const on = (name: string, path = 'Contract/{contract}'): Pick<Command, 'method' | 'path'> => ({
  method: 'POST',
  path: `${path}/$${name}`,
});

export const contracts: Group = {
  title: says('契約', 'Contracts'),
  commands: [
    {
      name: 'contracts',
      method: 'GET',
      path: 'Contract',
      says: says('契約の一覧', 'Lists contracts'),
      parameters: [
        { name: 'subject', type: 'reference', of: 'Organization', says: says('機関', 'Of this institution') },
        { name: 'status', type: 'string', says: says('FHIR の状態', 'Status of FHIR') },
        { name: '_count', type: 'integer', says: says('一度に示す件数', 'How many at a time') },
      ],
    },
    {
      name: 'apply',
      ...on('apply', 'Contract'),
      says: says('申込みを受け付ける', 'Records an application for service'),
      parameters: [
        {
          name: 'application',
          type: 'resource-file',
          required: true,
          says: says('申込書（QuestionnaireResponse の JSON）', 'The form, a QuestionnaireResponse as JSON'),
        },
        {
          name: 'organization',
          type: 'reference',
          of: 'Organization',
          says: says('登録済みの機関', 'The institution, where it is registered'),
        },
        received,
        scan,
      ],
    },
    {
      name: 'amend',
      ...on('amend'),
      says: says('回答前の申込みを補正する', 'Completes or corrects an application that is not answered yet'),
      parameters: [
        {
          name: 'application',
          type: 'resource-file',
          required: true,
          says: says('申込書の全体', 'The whole form'),
        },
        scan,
      ],
    },
    {
      name: 'accept',
      ...on('accept'),
      says: says('申込みを承諾する', 'Accepts an application'),
      parameters: [
        {
          name: 'start',
          type: 'date',
          says: says('利用開始日（既定は今日）', 'When service starts; today unless told'),
        },
        service,
      ],
    },
    {
      name: 'refuse',
      ...on('refuse'),
      destructive: true,
      says: says('申込みを断る', 'Refuses an application'),
      parameters: [
        {
          name: 'ground',
          type: 'code',
          codes: ['1', '2'],
          required: true,
          says: says('1 虚偽・記入漏れ、2 その他不適当', '1: false or left out, 2: otherwise not suitable'),
        },
        reason(),
      ],
    },
    {
      name: 'change-services',
      ...on('change-services'),
      says: says('契約のサービスを変える', 'Changes the services of a contract'),
      parameters: [
        { ...service, required: true },
        { name: 'from', type: 'date', says: says('いつから（既定は今日）', 'From when; today unless told') },
        reason(),
      ],
    },
    {
      name: 'terminate',
      ...on('terminate'),
      destructive: true,
      says: says('利用者からの解約の申出を記録する', 'Records the user’s notice to end the contract'),
      parameters: [
        received,
        {
          name: 'wish',
          type: 'code',
          codes: ['month-end', 'term-end'],
          says: says(
            '第10条の解約（month-end）か、更新しない（term-end）か',
            'By the form of Art. 10, or not to be extended',
          ),
        },
        scan,
      ],
    },
    {
      name: 'end',
      ...on('end'),
      destructive: true,
      says: says('運営者がサービスを終える（第25条）', 'Ends service on one of the grounds of Art. 25'),
      parameters: [
        {
          name: 'ground',
          type: 'code',
          codes: ['1', '2', '3', '4', '5'],
          required: true,
          says: says('第25条の号', 'Number in Art. 25'),
        },
        {
          name: 'contacted',
          type: 'date',
          required: true,
          says: says('利用者に連絡した日', 'When the user was contacted'),
        },
        { ...reason(true) },
        {
          name: 'last',
          type: 'date',
          says: says('最後の日（既定は直ちに）', 'The last day of service; at once unless told'),
        },
      ],
    },
    {
      name: 'inquire',
      ...on('inquire', 'Contract'),
      says: says('契約者IDから契約を確かめる', 'Finds the contract of a number that a caller names'),
      parameters: [
        { name: 'number', type: 'string', required: true, says: says('契約者ID', 'Number of the contract') },
      ],
    },
    {
      name: 'desk-hours',
      method: 'GET',
      path: '$desk-hours',
      says: says('窓口の受付時間', 'Whether the desk is open'),
    },
  ],
};
