import { ago } from './calendar.ts';
import type { Moment } from './moment.ts';
import { PEOPLE } from './patients.ts';

/** Serum creatinine (mg/dL) and the estimated GFR (mL/min/1.73 m²), with the time at which the blood was drawn. */
export interface KidneyFunction {
  readonly creatinine: number;
  readonly egfr: number;
  readonly measured: Date;
}

/** The Japanese estimate (Japanese Society of Nephrology): 194 × Cr^−1.094 × age^−0.287, × 0.739 for women; to one decimal. */
export function estimatedGfr(creatinine: number, age: number, gender: 'male' | 'female'): number {
  const gfr = 194 * creatinine ** -1.094 * age ** -0.287 * (gender === 'female' ? 0.739 : 1);
  return Math.round(gfr * 10) / 10;
}

/** The clinic's latest measurement in the patient of the story, twelve days before. */
export function kidneyFunction({ now }: Moment): KidneyFunction {
  const { age, gender } = PEOPLE.shared;
  const creatinine = 0.68;
  return { creatinine, egfr: estimatedGfr(creatinine, age, gender), measured: ago(now, { days: 12 }) };
}
