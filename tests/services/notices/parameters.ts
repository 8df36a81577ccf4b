type Value = string | boolean | number | object;

/** A Parameters resource: texts as valueString, references as `{ reference }`, Periods as `{ start, end }`, lists as several parameters. */
export const parameters = (values: Readonly<Record<string, Value | readonly Value[] | undefined>>) => ({
  resourceType: 'Parameters',
  parameter: Object.entries(values).flatMap(([name, value]) =>
    value === undefined
      ? []
      : (Array.isArray(value) ? value : [value]).map((one: Value) => ({ name, [typed(one)]: one })),
  ),
});

function typed(value: Value): string {
  if (typeof value === 'boolean') return 'valueBoolean';
  if (typeof value === 'number') return 'valueInteger';
  if (typeof value === 'string') return 'valueString';
  return 'reference' in value ? 'valueReference' : 'valuePeriod';
}
