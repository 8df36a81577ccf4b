import type { Service } from '../../fhir/engine.ts';
import { type Announce, publishTermsOperation } from './publish.ts';
import { acceptancesOperation, termsOperation } from './read.ts';

/** The terms of use, version by version. People accept them on the page that identity/terms.ts stands behind, systems by their contract. */
export function termsService(announce: Announce): Service {
  return {
    name: 'terms',
    operations: [publishTermsOperation(announce), termsOperation, acceptancesOperation],
    rules: [],
  };
}
