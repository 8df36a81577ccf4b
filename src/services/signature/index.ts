import type { Service } from '../../fhir/engine.ts';
import { confirmSignerOperation } from './confirm.ts';
import { guardRule } from './guard.ts';
import { renderOperations } from './issue.ts';
import { orderRule } from './order.ts';
import type { SignatureParts } from './parts.ts';
import { requirementRule, signedBookingRule } from './required.ts';
import { numberRule } from './role.ts';
import { verificationOperation, verifyAgainOperation } from './show.ts';
import { submitSignedOperation } from './submit.ts';
import { voidRule } from './void.ts';

export type { SignatureParts } from './parts.ts';
export { letterJobs } from './recheck.ts';

/** Letters that leave as PDF, come back signed with an HPKI card, and are believed only if everything about them is right. */
export function signatureService(parts: SignatureParts): Service {
  return {
    name: 'signature',
    operations: [
      ...renderOperations(parts),
      submitSignedOperation(parts),
      verificationOperation,
      verifyAgainOperation(parts),
      confirmSignerOperation(parts),
    ],
    rules: [guardRule, numberRule, requirementRule, signedBookingRule, voidRule, orderRule],
  };
}
