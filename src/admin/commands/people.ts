import { type Group, type ParameterSpec, says } from '../command.ts';

export const ROLES = [
  'physician',
  'nurse',
  'technologist',
  'pharmacist',
  'coordinator',
  'care-manager',
  'clerk',
  'administrator',
  'read-only',
  'operator',
];

const role: ParameterSpec = {
  name: 'role',
  type: 'code',
  codes: ROLES,
  many: true,
  required: true,
  says: says('役割（複数可）', 'Role; more than one may be given'),
};

export const people: Group = {
  title: says('利用者', 'People'),
  commands: [
    {
      name: 'people',
      method: 'GET',
      path: 'Organization/{institution}/$people',
      says: says('機関の利用者の一覧', 'Lists the people of an institution'),
      parameters: [
        { name: 'due', type: 'boolean', says: says('見直しの期限が来た人だけ', 'Only those whose review is due') },
        { name: '_count', type: 'integer', says: says('一度に示す人数', 'How many at a time') },
        { name: 'after', type: 'string', says: says('このログイン名の次から', 'Go on after this login') },
      ],
    },
    {
      name: 'invite',
      method: 'POST',
      path: 'Organization/{institution}/$invite',
      secret: true,
      says: says('利用者を招待する（招待コードは一度だけ表示）', 'Invites a person; the code is shown once'),
      parameters: [
        { name: 'login', type: 'string', required: true, says: says('ログイン名', 'Login') },
        { name: 'name', type: 'string', required: true, says: says('氏名', 'Name') },
        role,
        {
          name: 'practitioner',
          type: 'reference',
          of: 'Practitioner',
          says: says('登録済みの Practitioner', 'A Practitioner that is there already'),
        },
      ],
    },
    {
      name: 'set-roles',
      method: 'POST',
      path: 'Practitioner/{person}/$set-roles',
      says: says('利用者の役割を変える', 'Gives a person these roles and no others'),
      parameters: [role],
    },
    {
      name: 'disable',
      method: 'POST',
      path: 'Practitioner/{person}/$disable',
      destructive: true,
      says: says('利用者のアカウントを閉じる', 'Shuts the account of a person'),
    },
    {
      name: 'enable',
      method: 'POST',
      path: 'Practitioner/{person}/$enable',
      says: says('閉じたアカウントを開く', 'Opens an account that was shut'),
    },
    {
      name: 'reset',
      method: 'POST',
      path: 'Practitioner/{person}/$reset',
      destructive: true,
      secret: true,
      says: says(
        'パスワードと二要素認証を消し、あらためて招待する（招待コードは一度だけ表示）',
        'Takes password and second factors from a person and invites anew; the code is shown once',
      ),
    },
    {
      name: 'sessions',
      method: 'GET',
      path: 'Practitioner/{person}/$sessions',
      says: says('利用者のログイン中のセッション', 'Where a person is logged in'),
    },
    {
      name: 'end-session',
      method: 'POST',
      path: 'Practitioner/{person}/$end-session',
      destructive: true,
      says: says('セッションを終了する（指定がなければすべて）', 'Ends a session of a person, or all of them'),
      parameters: [{ name: 'session', type: 'string', says: says('セッションの ID', 'Id of the session') }],
    },
    {
      name: 'review-rights',
      method: 'POST',
      path: 'Organization/{institution}/$review-rights',
      says: says('利用者の役割の見直しを記録する', 'Confirms the roles of people after a review'),
      parameters: [
        {
          name: 'person',
          type: 'rights',
          many: true,
          required: true,
          says: says('Practitioner/ID=役割,役割', 'Practitioner/ID=role,role – all that the person has'),
        },
      ],
    },
  ],
};
