import { type Caller, SERVICES } from '../../access/access.ts';
import type { Prepared, Rule, Write } from '../../fhir/engine.ts';
import { spreadOf } from '../../fhir/put.ts';
import { checkCooperation, type Way } from './cooperation.ts';

const PLACE: Readonly<Record<string, string>> = {
  ServiceRequest: 'ServiceRequest.performer',
  Appointment: 'Appointment.participant.actor',
  Task: 'Task.owner',
};

const MEDICAL: Way = { service: 'medical-cooperation' };
const CARE: Way = { service: 'care-cooperation' };

/**
 * Orders and bookings between institutions (service.md A) need medical cooperation, which care and health institutions never have: these send
 * none. What one who has it orders from them, as home nursing, is care cooperation (B). A Task about an order goes as the order does, for it
 * shows it to whom it names; any other goes by either cooperation.
 */
export const medicalRule: Rule = {
  types: ['ServiceRequest', 'Appointment', 'Task'],
  on: ['create', 'update'],
  before: async (write, change) => {
    const { caller } = write.access;
    if (!caller) return;
    const ways = change.type === 'Task' && !isAboutOrder(write, change) ? [MEDICAL, CARE] : waysOfOrders(caller);
    await checkCooperation(write, change, ways, PLACE[change.type] as string);
  },
};

const waysOfOrders = ({ services = 0 }: Caller): readonly Way[] =>
  (services & SERVICES['medical-cooperation']) === 0 ? [MEDICAL] : [MEDICAL, { ...CARE, carers: true }];

/** By what it follows or shows. */
function isAboutOrder({ engine, changes, referenced }: Write, { type, rid, resource }: Prepared): boolean {
  const found = resource && spreadOf(engine, type, rid, resource, true);
  if (!found) return false;
  return [...found.follows, ...found.carries].some((one) => {
    const target = referenced.get(one)?.type ?? changes.find((change) => change.rid === one)?.type;
    return target === 'ServiceRequest' || target === 'Appointment';
  });
}
