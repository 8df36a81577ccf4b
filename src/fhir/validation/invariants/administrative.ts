/** Invariants of Bundle, Parameters and administrative resources, by key. */
import type { Node } from '../run.ts';
import type { Native } from './native.ts';
import { child, coded, distinct, has, hasChoice, list, text } from './nodes.ts';

const first = (bundle: Node) => child(list(bundle, 'entry')[0] ?? {}, 'resource');
const isOneOf = (v: Node, ...types: string[]) => types.includes(v.type as string);
const isPatientless =
  (scope: string): Native =>
  (v) =>
    has(v, 'patient') || !coded(child(v, 'scope'), 'something', scope);

export const administrative: Readonly<Record<string, Native>> = {
  'bdl-1': (v) => !has(v, 'total') || isOneOf(v, 'searchset', 'history'),
  'bdl-2': (v) => v.type === 'searchset' || list(v, 'entry').every((entry) => !has(entry, 'search')),
  'bdl-3': (v) => {
    const wanted = isOneOf(v, 'batch', 'transaction', 'history');
    return list(v, 'entry').every((entry) => has(entry, 'request') === wanted);
  },
  'bdl-4': (v) => {
    const wanted = isOneOf(v, 'batch-response', 'transaction-response', 'history');
    return list(v, 'entry').every((entry) => has(entry, 'response') === wanted);
  },
  'bdl-5': (v) => has(v, 'resource') || has(v, 'request') || has(v, 'response'),
  'bdl-7': (v) => {
    if (v.type === 'history') return true;
    const named = list(v, 'entry').filter((entry) => entry.fullUrl !== undefined);
    return distinct(
      named.map(
        (entry) => `${entry.fullUrl} ${text(child(child(entry, 'resource') ?? {}, 'meta'), 'versionId') ?? ''}`,
      ),
    );
  },
  'bdl-8': (v) => !(text(v, 'fullUrl') ?? '').includes('/_history/'),
  'bdl-9': (v) =>
    v.type !== 'document' ||
    (has(child(v, 'identifier') ?? {}, 'system') && has(child(v, 'identifier') ?? {}, 'value')),
  'bdl-10': (v) => v.type !== 'document' || v.timestamp !== undefined,
  'bdl-11': (v) => v.type !== 'document' || first(v)?.resourceType === 'Composition',
  'bdl-12': (v) => v.type !== 'message' || first(v)?.resourceType === 'MessageHeader',
  'Parameters.parameter:inv-1': (v) =>
    Number(has(v, 'part')) + Number(hasChoice(v, 'value')) + Number(has(v, 'resource')) === 1,
  'sev-1': (v) => !has(v, 'name') || !has(v, 'query'),
  'ppc-1': (v) => has(v, 'policy') || has(v, 'policyRule'),
  'ppc-2': isPatientless('patient-privacy'),
  'ppc-3': isPatientless('research'),
  'ppc-4': isPatientless('adr'),
  'ppc-5': isPatientless('treatment'),
  'ces-1': (v) => has(v, 'category') !== has(v, 'productOrService'),
  'grp-1': (v) => !has(v, 'member') || v.actual === true,
  'ipn-1': (v) => has(v, 'identifier') || has(v, 'name'),
  'lnk-1': (v) => list(v, 'item').length > 1,
  'org-1': (v) => has(v, 'identifier') || has(v, 'name'),
  'org-2': (v) => v.use !== 'home',
  'org-3': (v) => v.use !== 'home',
  'pat-1': (v) => has(v, 'name') || has(v, 'telecom') || has(v, 'address') || has(v, 'organization'),
};
