import { type Command, type Group, type ParameterSpec, says } from '../command.ts';

const keys: readonly ParameterSpec[] = [
  {
    name: 'jwks',
    type: 'text-file',
    says: says('公開鍵（JWK Set）のファイル', 'File with the public keys, a JWK Set'),
  },
  { name: 'jwksUrl', type: 'string', says: says('公開鍵の URL', 'Where the keys are published') },
  {
    name: 'terminal',
    type: 'string',
    says: says('端末の ID（証明書で認証）', 'Terminal by whose certificate it authenticates'),
  },
];
const software: readonly ParameterSpec[] = [
  { name: 'software', type: 'string', says: says('貸与するソフトウェア', 'Software that is issued with it') },
  { name: 'version', type: 'string', says: says('その版', 'Its version') },
  { name: 'issuedTo', type: 'string', says: says('管理する人', 'Who answers for it') },
];
const why: readonly ParameterSpec[] = [
  {
    name: 'reason',
    type: 'code',
    codes: ['theft', 'loss', 'misuse', 'other'],
    required: true,
    says: says('理由の区分', 'Why'),
  },
  { name: 'text', type: 'string', required: true, says: says('理由の説明', 'Why, in words') },
  { name: 'reporter', type: 'string', says: says('申し出た人', 'Who told it to the desk') },
];
const on = (name: string): Pick<Command, 'name' | 'path'> => ({ name, path: `Organization/{institution}/$${name}` });

export const systems: Group = {
  title: says('システム・アプリ・端末・ソフトウェア', 'Systems, apps, terminals and software'),
  commands: [
    { ...on('clients'), method: 'GET', says: says('システムとアプリの一覧', 'Lists systems and apps') },
    {
      ...on('register-client'),
      method: 'POST',
      says: says('システムを登録する', 'Registers a system'),
      parameters: [
        { name: 'name', type: 'string', required: true, says: says('名称', 'Name') },
        { name: 'scope', type: 'string', required: true, says: says('SMART のスコープ', 'SMART scopes') },
        ...keys,
        ...software,
      ],
    },
    {
      ...on('register-app'),
      method: 'POST',
      says: says('利用者向けのアプリを登録する', 'Registers an app for people'),
      parameters: [
        { name: 'name', type: 'string', required: true, says: says('名称', 'Name') },
        { name: 'scope', type: 'string', required: true, says: says('SMART のスコープ', 'SMART scopes') },
        {
          name: 'redirectUri',
          type: 'string',
          many: true,
          required: true,
          says: says('戻り先の URL', 'Where it comes back to'),
        },
        { name: 'launchUrl', type: 'string', many: true, says: says('起動の URL', 'Where it is launched') },
        ...keys,
        ...software,
      ],
    },
    {
      ...on('update-client'),
      method: 'POST',
      says: says('名称・スコープ・鍵を変える', 'Changes name, scopes or keys of a system or app'),
      parameters: [
        { name: 'client', type: 'string', required: true, says: says('クライアント ID', 'Client id') },
        { name: 'name', type: 'string', says: says('名称', 'Name') },
        { name: 'scope', type: 'string', says: says('スコープ', 'Scopes, of a system') },
        ...keys.slice(0, 2),
        {
          name: 'overlapHours',
          type: 'integer',
          says: says('前の鍵も使える時間（時）', 'Hours for which the keys before stay good'),
        },
      ],
    },
    {
      ...on('disable-client'),
      method: 'POST',
      destructive: true,
      says: says('システムやアプリを直ちに、恒久的に停止する', 'Shuts a system or app out for good'),
      parameters: [
        { name: 'client', type: 'string', required: true, says: says('クライアント ID', 'Client id') },
        ...why,
      ],
    },
    { ...on('terminals'), method: 'GET', says: says('端末の一覧', 'Lists terminals') },
    {
      ...on('register-terminal'),
      method: 'POST',
      says: says('端末を証明書で登録する', 'Registers a terminal by its certificate'),
      parameters: [
        {
          name: 'certificate',
          type: 'text-file',
          required: true,
          says: says('証明書のファイル（PEM）', 'File of the certificate, PEM'),
        },
        { name: 'name', type: 'string', required: true, says: says('名称', 'Name') },
        { name: 'place', type: 'string', says: says('設置場所', 'Where it stands') },
        ...software,
      ],
    },
    {
      ...on('retire-terminal'),
      method: 'POST',
      destructive: true,
      says: says('端末を直ちに、恒久的に外す', 'Shuts a terminal out for good'),
      parameters: [
        { name: 'terminal', type: 'string', required: true, says: says('端末の ID', 'Id of the terminal') },
        ...why,
      ],
    },
    {
      ...on('require-terminals'),
      method: 'POST',
      says: says('登録した端末だけから使えるようにする', 'Whether the institution gets in at its terminals only'),
      parameters: [
        { name: 'required', type: 'boolean', required: true, says: says('true または false', 'true or false') },
      ],
    },
    { ...on('software'), method: 'GET', says: says('貸与したソフトウェアの一覧', 'Lists software that was issued') },
    {
      ...on('issue-software'),
      method: 'POST',
      says: says('ソフトウェアの貸与を記録する', 'Enters software that was issued'),
      parameters: [
        { name: 'software', type: 'string', required: true, says: says('名称', 'Name') },
        { name: 'version', type: 'string', says: says('版', 'Version') },
        { name: 'issuedTo', type: 'string', required: true, says: says('管理する人', 'Who answers for it') },
        { name: 'client', type: 'string', says: says('クライアント ID', 'Client that it gets in by') },
        { name: 'terminal', type: 'string', says: says('端末の ID', 'Terminal that it gets in by') },
      ],
    },
    {
      ...on('return-software'),
      method: 'POST',
      destructive: true,
      says: says('ソフトウェアの返却・削除を記録する', 'Enters that software is out no more'),
      parameters: [
        { name: 'entry', type: 'string', required: true, says: says('記録の ID', 'Id of the entry') },
        {
          name: 'outcome',
          type: 'code',
          codes: ['returned', 'uninstalled', 'disabled', 'lost'],
          required: true,
          says: says('結果', 'What became of it'),
        },
        { name: 'note', type: 'string', says: says('備考', 'Note') },
      ],
    },
  ],
};
