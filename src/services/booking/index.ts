import type { Service } from '../../fhir/engine.ts';
import { bookOperation } from './book.ts';
import { findOperation } from './find.ts';
import { heldSlotRule } from './held.ts';
import { slotRule } from './slot.ts';
import { subscriptionRule } from './subscription.ts';

/** Booking (service.md A1, A2): slots are taken and freed with the Appointments that name them. */
export function bookingService(): Service {
  return {
    name: 'booking',
    operations: [bookOperation, findOperation],
    rules: [subscriptionRule, slotRule, heldSlotRule],
  };
}
