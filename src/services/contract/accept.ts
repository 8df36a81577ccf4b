import type { Operation } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { omissionIssues } from './apply.ts';
import { dayIn, OPERATORS, onContract, servicesIn, todayOf, wrongState } from './asked.ts';
import { institutionOf, record } from './record.ts';
import { checkServices, type KindPolicy } from './services.ts';
import { firstTermEnd, lastAcceptance, lastStart } from './term.ts';

/**
 * `Contract/[id]/$accept` (Art. 8 and 9): within 30 days of the receipt, with a start within 30 days of the receipt. Service that starts today
 * starts at once, any other on its day.
 */
export const acceptOperation = (policy: KindPolicy): Operation => ({
  ...OPERATORS,
  name: 'accept',
  types: ['Contract'],
  level: 'instance',
  documentation:
    'Accepts an application. In: start (date; today), service* (code; those applied for). Out: the Contract with its term.',
  run: (request) => {
    const { engine, body } = request;
    const today = todayOf(engine);
    const start = dayIn(body, 'start') ?? today;
    const asked = servicesIn(body);
    return onContract(request, 'an application was accepted', async (step, row) => {
      if (row.state !== 'applied') throw wrongState('The application has been answered, or withdrawn');
      if (row.omissions.length > 0) throw refuse.invalid(omissionIssues(row.omissions));
      if (today > lastAcceptance(row.received))
        throw refuse.unprocessable(
          `The 30 days to accept ended with ${lastAcceptance(row.received)} (Art. 8): refuse the application, and record a new one`,
          'Contract.issued',
          'expired',
        );
      if (start < today || start > lastStart(row.received))
        throw refuse.unprocessable(
          `Service starts on a day from today, ${today}, to ${lastStart(row.received)}, 30 days after the receipt (Art. 9)`,
          "Parameters.parameter('start')",
        );
      const { kind, active } = await institutionOf(step, row);
      if (!active)
        throw refuse.conflict(
          'The institution is not active: nobody of it would be let in. Set Organization.active to true first',
          'Contract.subject',
        );
      const services = asked ?? row.services;
      checkServices(services, kind, policy, asked === undefined ? 'Contract.term' : "Parameters.parameter('service')");
      const terms = { accepted: today, starts: start, termEnd: firstTermEnd(start), services };
      const accepted = await record(
        step,
        row,
        { ...terms, state: 'accepted' },
        { interaction: 'contract-accepted', notices: [{ kind: 'accepted' }] },
      );
      if (start > today) return accepted;
      return record(
        step,
        accepted,
        { state: 'running' },
        { interaction: 'contract-started', notices: [{ kind: 'started' }] },
      );
    });
  },
});
