// biome-ignore lint/suspicious/noExplicitAny: tests say by their expectations what a body is
type Any = any;

/** The parameters, or parts, of a body by their names; of several with one name the last. */
export const said = (body: Any): Any =>
  Object.fromEntries(
    (body?.parameter ?? body?.part ?? []).map(({ name, ...value }: Any) => [
      name,
      value.part ? said(value) : Object.values(value)[0],
    ]),
  );

/** All with one name. */
export const all = (body: Any, name: string): Any[] =>
  (body?.parameter ?? []).filter((one: Any) => one.name === name).map((one: Any) => (one.part ? said(one) : one));

export const asked = (values: Readonly<Record<string, unknown>>): { resourceType: 'Parameters'; parameter: Any[] } => ({
  resourceType: 'Parameters',
  parameter: Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [{ name, [typeof value === 'boolean' ? 'valueBoolean' : 'valueString']: value }],
  ),
});

export const suspension = (values: Readonly<Record<string, unknown>> = {}) =>
  asked({ reason: 'theft', text: 'A laptop was stolen from the car', ...values });
