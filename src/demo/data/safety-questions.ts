import type {
  QuestionnaireResponse,
  QuestionnaireResponseItem,
  QuestionnaireResponseItemAnswer,
} from '@medplum/fhirtypes';
import { jst, jstDate } from './calendar.ts';
import type { KidneyFunction } from './kidney.ts';
import type { Moment } from './moment.ts';
import { CONTRAST_QUESTIONS, SYSTEM } from './systems.ts';

const yesNo = (linkId: string, text: string, valueBoolean: boolean, more: QuestionnaireResponseItem[] = []) => ({
  linkId,
  text,
  answer: [{ valueBoolean, ...(more.length > 0 && { item: more }) }],
});
const item = (linkId: string, text: string, answer: QuestionnaireResponseItemAnswer): QuestionnaireResponseItem => ({
  linkId,
  text,
  answer: [answer],
});
const quantity = (value: number, unit: string, code = unit) => ({
  valueQuantity: { value, unit, system: SYSTEM.ucum, code },
});

/** What the hospital asks before it gives an iodine contrast medium; one answer to each question. */
export function safetyQuestions(
  moment: Moment,
  refs: { readonly patient: string; readonly order: string; readonly author: string },
  kidney: KidneyFunction,
): QuestionnaireResponse {
  return {
    resourceType: 'QuestionnaireResponse',
    questionnaire: CONTRAST_QUESTIONS,
    status: 'completed',
    basedOn: [{ reference: refs.order }],
    subject: { reference: refs.patient },
    authored: jst(moment.now),
    author: { reference: refs.author },
    item: [
      {
        linkId: 'contrast',
        text: '造影剤について',
        item: [
          yesNo('contrast-before', '造影剤を使ったことがありますか', true, [
            yesNo('contrast-reaction', 'そのとき副作用がありましたか', false),
          ]),
          yesNo('contrast-allergy', '造影剤アレルギーがありますか', false),
        ],
      },
      {
        linkId: 'history',
        text: '病歴について',
        item: [
          yesNo('asthma', '気管支喘息がありますか', false),
          yesNo('allergic-disease', 'その他のアレルギーがありますか', true, [
            item('allergic-disease-what', '原因', { valueString: 'サバ' }),
          ]),
          yesNo('thyroid', '重い甲状腺の病気がありますか', false),
          yesNo('myeloma', '多発性骨髄腫がありますか', false),
          yesNo('pheochromocytoma', '褐色細胞腫（疑いを含む）がありますか', false),
          yesNo('tetany', 'テタニーがありますか', false),
          yesNo('heart', '重い心臓の病気がありますか', false),
          yesNo('liver', '重い肝臓の病気がありますか', false),
          yesNo('dialysis', '人工透析を受けていますか', false),
        ],
      },
      {
        linkId: 'kidney',
        text: '腎機能',
        item: [
          item('creatinine', '血清クレアチニン', quantity(kidney.creatinine, 'mg/dL')),
          item('egfr', 'eGFR', quantity(kidney.egfr, 'mL/min/1.73m2', 'mL/min/{1.73_m2}')),
          item('egfr-date', '検査日', { valueDate: jstDate(kidney.measured) }),
        ],
      },
      {
        linkId: 'medication',
        text: '服薬',
        item: [
          yesNo('metformin', 'ビグアナイド系糖尿病薬（メトホルミンなど）を服用していますか', true, [
            yesNo('metformin-stop', '検査の前後48時間の休薬を説明しましたか', true),
          ]),
          yesNo('beta-blocker', 'β遮断薬を服用していますか', false),
          yesNo('nsaid', '非ステロイド性抗炎症薬を常用していますか', false),
        ],
      },
      {
        linkId: 'body',
        text: '身体',
        item: [
          item('height', '身長', quantity(151, 'cm')),
          item('weight', '体重', quantity(48.5, 'kg')),
          yesNo('pregnancy', '妊娠の可能性がありますか', false),
          yesNo('breastfeeding', '授乳中ですか', false),
        ],
      },
    ],
  };
}
