import { type Group, type ParameterSpec, says } from '../command.ts';

const shuttingOut: readonly ParameterSpec[] = [
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
const lifting: readonly ParameterSpec[] = [
  { name: 'text', type: 'string', required: true, says: says('解除してよい理由', 'Why it may be') },
];

export const standing: Group = {
  title: says('利用の停止（紛失・盗難など）', 'Suspension (loss, theft and the like)'),
  commands: [
    {
      name: 'suspend',
      method: 'POST',
      path: 'Organization/{institution}/$suspend',
      destructive: true,
      says: says('機関の利用を直ちに停止する', 'Shuts an institution out at once'),
      parameters: shuttingOut,
    },
    {
      name: 'suspend-person',
      method: 'POST',
      path: 'Practitioner/{person}/$suspend',
      destructive: true,
      says: says('利用者の利用を直ちに停止する', 'Shuts a person out at once'),
      parameters: shuttingOut,
    },
    {
      name: 'lift',
      method: 'POST',
      path: 'Organization/{institution}/$lift',
      says: says('機関の利用停止を解除する（運営者のみ）', 'Ends the suspension of an institution; the operator only'),
      parameters: lifting,
    },
    {
      name: 'lift-person',
      method: 'POST',
      path: 'Practitioner/{person}/$lift',
      says: says('利用者の利用停止を解除する（運営者のみ）', 'Ends the suspension of a person; the operator only'),
      parameters: lifting,
    },
    {
      name: 'standing',
      method: 'GET',
      path: 'Organization/{institution}/$standing',
      says: says('機関の停止の状態と経緯', 'Whether an institution is suspended, and the history'),
    },
    {
      name: 'standing-person',
      method: 'GET',
      path: 'Practitioner/{person}/$standing',
      says: says('利用者の停止の状態と経緯', 'Whether a person is suspended, and the history'),
    },
  ],
};
