import type { Column, Content, TableCell } from 'pdfmake/interfaces.js';
import { grid, LABEL_WIDTH, label, TEXT_WIDTH } from './boxes.ts';
import type { Addressee, Letter, LetterPatient, Sender } from './letter.ts';
import { age, warekiAndYear } from './wareki.ts';

/** What stands above the sections of a letter. */

const NOT_SAID = '（記載なし）';

/** Who it is for. A doctor who is not named is addressed as whoever is in charge. */
export function addressee({ institution, department, doctor }: Addressee): Column {
  return {
    width: TEXT_WIDTH * 0.52,
    stack: [
      { text: '紹介先医療機関', style: 'small' },
      { text: institution, fontSize: 13, margin: [0, 2, 0, 0] },
      ...(department
        ? [{ text: department, fontSize: 11, margin: [0, 1, 0, 0] as [number, number, number, number] }]
        : []),
      {
        text: [
          { text: `${doctor ?? '担当医'}　`, fontSize: 13 },
          { text: doctor ? '先生　御侍史' : '先生　御机下', fontSize: 11 },
        ],
        margin: [0, 2, 0, 0],
      },
    ],
  };
}

/** Who it comes from. */
export function sender(from: Sender): Column {
  const place = [postal(from.postalCode), from.address].filter(Boolean).join('\n');
  const lines: [string, string | undefined][] = [
    ['所在地', place || undefined],
    ['名　称', from.institution],
    ['電　話', from.phone],
    ['ＦＡＸ', from.fax],
    ['診療科', from.department],
  ];
  const [labelWidth, width] = [46, TEXT_WIDTH * 0.48 - 16 - 46];
  const row = (name: string, text: string, fontSize: number): Content => ({
    columnGap: 0,
    columns: [
      { width: labelWidth, text: name, style: 'small', margin: [0, (fontSize - 8) * 0.8, 0, 0] },
      { width, text, fontSize },
    ],
  });
  return {
    width: TEXT_WIDTH * 0.48 - 16,
    stack: [
      { text: '紹介元医療機関の所在地及び名称', style: 'small', margin: [0, 0, 0, 2] },
      ...lines.filter(([, text]) => text).map(([name, text]) => row(name, text!, 9.5)),
      row('医師氏名', from.doctor, 13),
    ],
  };
}

/** Who it is about. */
export function patient(who: LetterPatient, { issued }: Letter): Content {
  const across = (name: string, text: string): TableCell[] => [label(name), { text, colSpan: 3 }, '', ''];
  const named: TableCell = {
    stack: [
      { text: who.kana ?? '', fontSize: 8, lineHeight: 1.15 },
      { text: [{ text: who.name, fontSize: 14, bold: true }, '　様'], lineHeight: 1.25 },
    ],
  };
  const born = `${warekiAndYear(who.birthDate)}生　${age(who.birthDate, issued)}`;
  const place = [postal(who.postalCode), who.address].filter(Boolean).join('　');
  return grid(
    [
      [label('患者氏名', 8), named, label('性別', 8), { text: who.sex, margin: [0, 7, 0, 0] }],
      [label('生年月日'), born, label('電話番号'), who.phone ?? NOT_SAID],
      across('住所', place || NOT_SAID),
      ...(who.occupation ? [across('職業', who.occupation)] : []),
    ],
    LABEL_WIDTH,
    0,
    48,
    104,
  );
}

const postal = (code: string | undefined): string | undefined => code && `〒${code.replace(/^〒/, '')}`;
