import { keysOf } from '../../../src/fhir/indexing/keys-of.ts';
import { HIGHEST, LOWEST } from '../../../src/fhir/indexing/number.ts';
import { keys, rangesOf } from './context.ts';

const ucum = 'http://unitsofmeasure.org';
const unit = (system: string, code: string) => keysOf.unit(keys, system, code);
const observation = (valueQuantity: unknown) => ({ resourceType: 'Observation', valueQuantity });
const quantity = (value: unknown) => rangesOf(observation(value), 'value-quantity');

describe('the ranges of a quantity', () => {
  it('are one row for a UCUM unit that is written as its code', () => {
    const value = { value: 0.8, unit: 'mg/dL', system: ucum, code: 'mg/dL' };
    expect(quantity(value)).toEqual([{ low: 0.8, high: 0.8, unit: unit(ucum, 'mg/dL') }]);
  });

  it('are two where the text of the unit is another', () => {
    const value = { value: 72, unit: '回/分', system: ucum, code: '/min' };
    expect(quantity(value).map((row) => row.unit)).toEqual([unit(ucum, '/min'), unit('', '回/分')]);
  });

  it('name the unit of another system by its code alone as well', () => {
    const value = { value: 2, unit: '錠', system: 'urn:oid:1.2.392.100495.20.2.101', code: 'TAB' };
    const names = [unit('urn:oid:1.2.392.100495.20.2.101', 'TAB'), unit('', 'TAB'), unit('', '錠')];
    expect(quantity(value).map((row) => row.unit)).toEqual(names);
  });

  it('name a unit without a system', () => {
    expect(quantity({ value: 2, unit: '錠' })).toEqual([{ low: 2, high: 2, unit: unit('', '錠') }]);
    expect(quantity({ value: 2, code: 'mg' })).toEqual([{ low: 2, high: 2, unit: unit('', 'mg') }]);
    expect(quantity({ value: 2, unit: 'mg', code: 'mg' })).toHaveLength(1);
  });

  it('have no unit where none is said', () => {
    expect(quantity({ value: 2 })).toEqual([{ low: 2, high: 2, unit: 0n }]);
  });

  test.each([
    ['<', LOWEST, 5],
    ['<=', LOWEST, 5],
    ['>', 5, HIGHEST],
    ['>=', 5, HIGHEST],
  ])('are open to one side after %s', (comparator, low, high) => {
    expect(quantity({ value: 5, comparator })).toEqual([{ low, high, unit: 0n }]);
  });

  it('are none without a number', () => {
    for (const value of [{}, { unit: 'mg' }, { value: 'x' }, { value: null }, { value: '' }, 3, 'x', []]) {
      expect(quantity(value)).toEqual([]);
    }
  });

  it('keep a component’s value with its own unit', () => {
    const component = [{ valueQuantity: { value: 120, unit: 'mmHg' } }, { valueQuantity: { value: 60, unit: 'bpm' } }];
    expect(rangesOf({ resourceType: 'Observation', component }, 'component-value-quantity')).toEqual([
      { low: 120, high: 120, unit: unit('', 'mmHg') },
      { low: 60, high: 60, unit: unit('', 'bpm') },
    ]);
  });

  it('of money are in its currency', () => {
    const invoice = { resourceType: 'Invoice', totalNet: { value: 3300, currency: 'JPY' } };
    expect(rangesOf(invoice, 'totalnet')).toEqual([
      { low: 3300, high: 3300, unit: unit('urn:iso:std:iso:4217', 'JPY') },
    ]);
    expect(rangesOf({ resourceType: 'Invoice', totalNet: { value: 1 } }, 'totalnet')).toEqual([
      { low: 1, high: 1, unit: 0n },
    ]);
  });

  test.each([
    [{ low: { value: 30, unit: 'a' }, high: { value: 40, unit: 'a' } }, 30, 40],
    [{ low: { value: 30, unit: 'a' } }, 30, HIGHEST],
    [{ high: { value: 40, unit: 'a' } }, LOWEST, 40],
  ])('of the range %j', (onsetRange, low, high) => {
    expect(rangesOf({ resourceType: 'Condition', onsetRange }, 'onset-age')).toEqual([
      { low, high, unit: unit('', 'a') },
    ]);
  });

  it('of an age are in its unit', () => {
    const onsetAge = { value: 52, unit: '歳', system: ucum, code: 'a' };
    expect(rangesOf({ resourceType: 'Condition', onsetAge }, 'onset-age').map((row) => row.unit)).toEqual([
      unit(ucum, 'a'),
      unit('', '歳'),
    ]);
  });

  it('of sampled data are the bounds of the samples', () => {
    const valueSampledData = {
      origin: { value: 10, unit: 'mV' },
      period: 1,
      factor: 2,
      dimensions: 1,
      data: '1 -3 E 4 U L',
    };
    expect(rangesOf({ resourceType: 'Observation', valueSampledData }, 'value-quantity')).toEqual([
      { low: 4, high: 18, unit: unit('', 'mV') },
    ]);
    const silent = { ...valueSampledData, data: 'E U L' };
    expect(rangesOf({ resourceType: 'Observation', valueSampledData: silent }, 'value-quantity')).toEqual([]);
  });

  it('are not kept twice for a parameter that is the union of others', () => {
    expect(rangesOf(observation({ value: 1 }), 'combo-value-quantity')).toEqual([]);
  });
});

describe('the ranges of a number', () => {
  it('are the number, or a range', () => {
    const risk = (prediction: object) => ({ resourceType: 'RiskAssessment', prediction: [prediction] });
    expect(rangesOf(risk({ probabilityDecimal: 0.25 }), 'probability')).toEqual([{ low: 0.25, high: 0.25, unit: 0n }]);
    expect(rangesOf(risk({ probabilityRange: { low: { value: 0.1 }, high: { value: 0.3 } } }), 'probability')).toEqual([
      { low: 0.1, high: 0.3, unit: 0n },
    ]);
    expect(rangesOf(risk({ probabilityRange: { low: { value: 0.1 } } }), 'probability')).toEqual([
      { low: 0.1, high: HIGHEST, unit: 0n },
    ]);
    expect(rangesOf(risk({ probabilityRange: {} }), 'probability')).toEqual([]);
  });

  it('are the same for a decimal kept as text', () => {
    expect(rangesOf({ resourceType: 'ChargeItem', factorOverride: '0.80' }, 'factor-override')).toEqual([
      { low: 0.8, high: 0.8, unit: 0n },
    ]);
  });
});
