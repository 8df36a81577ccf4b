import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { dayIn, OPERATORS, onContract, servicesIn, textIn, todayOf, wrongState } from './asked.ts';
import { institutionOf, record } from './record.ts';
import { checkServices, type KindPolicy, namesOf } from './services.ts';

/** `Contract/[id]/$change-services`: other services for a contract that runs, from today on or from another day. */
export const changeServicesOperation = (policy: KindPolicy): Operation => ({
  ...OPERATORS,
  name: 'change-services',
  types: ['Contract'],
  level: 'instance',
  documentation:
    'Changes the services of a contract. In: service* (code, all that it is to have), from (date; today), reason (string). Out: the Contract.',
  run: (request) => {
    const { engine, body } = request;
    const today = todayOf(engine);
    const from = dayIn(body, 'from') ?? today;
    const services = servicesIn(body);
    const words = textIn(body, 'reason');
    if (services === undefined)
      throw refuse.badRequest(
        'service is needed, once for each service that the contract is to have',
        "Parameters.parameter('service')",
        'required',
      );
    if (from < today) throw refuse.unprocessable('from cannot be past', "Parameters.parameter('from')");
    return onContract(request, 'services were changed', async (step, row) => {
      if (row.state !== 'running' && row.state !== 'accepted') throw wrongState('There is no service to change');
      const { kind } = await institutionOf(step, row);
      checkServices(services, kind, policy, "Parameters.parameter('service')");
      if (row.ends !== null && from > row.ends)
        throw refuse.unprocessable(`The contract ends on ${row.ends}`, "Parameters.parameter('from')");
      const isNow = row.state === 'running' ? from === today : from <= (row.starts as string);
      const change = isNow
        ? { services, nextServices: null, nextServicesOn: null }
        : { nextServices: services, nextServicesOn: from };
      return record(step, row, change, {
        interaction: 'contract-services-changed',
        notices: [{ kind: 'services', words }],
        detail: `${namesOf(services).join(' ')} from ${from}`,
      });
    });
  },
});
