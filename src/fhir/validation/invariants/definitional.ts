/** Invariants of definitional resources, by key: those that are common, or that FHIRPath would evaluate in more than linear time. */
import type { Node } from '../run.ts';
import type { Native } from './native.ts';
import { child, descend, distinct, has, hasChoice, list, number, text, values } from './nodes.ts';

const all = (v: Node, name: string, key: string) =>
  list(v, name).flatMap((entry) => (entry[key] === undefined ? [] : [entry[key]]));
const elements = (v: Node, view: string) => list(child(v, view), 'element');

/** `a xor b` of two elements. */
const either =
  (a: string, b: string): Native =>
  (v) =>
    has(v, a) !== has(v, b);

function hasUniqueCodes(system: Node): boolean {
  return distinct([...descend(system, 'concept')].map((concept) => concept.code));
}

/** Every element's path begins with the first one's, which is the type's own unless the model is logical. */
function pathsFollow(snapshot: Node, definition: Node): boolean {
  const [root, ...others] = list(snapshot, 'element').map((element) => String(element.path));
  return (
    (definition.kind === 'logical' || root === definition.type) && others.every((path) => path.startsWith(`${root}.`))
  );
}

function differentialFollows(differential: Node, definition: Node): boolean {
  const [first = '', ...others] = list(differential, 'element').map((element) => String(element.path));
  const root = first.split('.')[0];
  return (
    (definition.kind === 'logical' || first.startsWith(String(definition.type))) &&
    others.every((path) => path.startsWith(`${root}.`))
  );
}

const described = (v: Node) => has(v, 'description') || has(v, 'software') || has(v, 'implementation');
const isInstanceWithout: Native = (v) => v.kind !== 'instance' || has(v, 'implementation');
const isCapability: Native = (v) => v.kind !== 'capability' || (!has(v, 'implementation') && has(v, 'software'));
const isRequirements: Native = (v) => v.kind !== 'requirements' || (!has(v, 'implementation') && !has(v, 'software'));

export const definitional: Readonly<Record<string, Native>> = {
  'cmd-1': (v) => has(v, 'comment') || (v.equivalence !== 'narrower' && v.equivalence !== 'inexact'),
  'cmd-2': (v) => v.mode !== 'fixed' || has(v, 'code'),
  'cmd-3': (v) => v.mode !== 'other-map' || has(v, 'url'),
  'cpb-1': (v) => has(v, 'rest') || has(v, 'messaging') || has(v, 'document'),
  'cpb-2': described,
  'cpb-3': (v) => v.kind === 'instance' || list(v, 'messaging').every((messaging) => !has(messaging, 'endpoint')),
  'cpb-7': (v) => distinct(list(v, 'document').map((document) => `${document.profile ?? ''}${document.mode ?? ''}`)),
  'cpb-9': (v) => distinct(all(v, 'resource', 'type')),
  'cpb-12': (v) => distinct(all(v, 'searchParam', 'name')),
  'cpb-14': isInstanceWithout,
  'cpb-15': isCapability,
  'cpb-16': isRequirements,
  'csd-1': hasUniqueCodes,
  'ig-1': (v) => {
    const groups = new Set(all(v, 'grouping', 'id'));
    return all(v, 'resource', 'groupingId').every((id) => groups.has(id));
  },
  'ig-2': (v) => {
    const versions = new Set(values(v, 'fhirVersion'));
    return list(child(v, 'definition'), 'resource').every((resource) =>
      values(resource, 'fhirVersion').every((version) => versions.has(version)),
    );
  },
  'mea-1': (v) =>
    list(v, 'group').every((group) =>
      list(group, 'stratifier').every(
        (s) => (has(s, 'code') || has(s, 'description') || has(s, 'criteria')) !== has(s, 'component'),
      ),
    ),
  'mrp-1': (v) => v.type !== 'data-collection' || !has(v, 'group'),
  'mrp-2': (v) =>
    list(v, 'group').every((group) =>
      list(group, 'stratifier').every((s) =>
        list(s, 'stratum').every((stratum) => has(stratum, 'value') !== has(stratum, 'component')),
      ),
    ),
  'md-1': (v) => v.max === undefined || v.max === '*' || /^0*[1-9]\d*$/.test(v.max as string),
  'msq-3': (v) => number(v, 'coordinateSystem') === 0 || number(v, 'coordinateSystem') === 1,
  'msq-5': (v) => has(v, 'chromosome') === has(v, 'genomeBuild'),
  'msq-6': (v) =>
    ['genomeBuild', 'referenceSeqId', 'referenceSeqPointer', 'referenceSeqString'].filter((name) => has(v, name))
      .length === 1,
  'nsd-1': (v) => v.kind !== 'root' || list(v, 'uniqueId').every((id) => id.type !== 'uuid'),
  'nsd-2': (v) =>
    distinct(list(v, 'uniqueId').flatMap((id) => (id.preferred === true && id.type !== undefined ? [id.type] : []))),
  'opd-1': (v) => has(v, 'type') || has(v, 'part'),
  'opd-2': (v) => !has(v, 'searchType') || v.type === 'string',
  'opd-3': (v) => !has(v, 'targetProfile') || v.type === 'Reference' || v.type === 'canonical',
  'que-2': (v) => distinct([...descend(v, 'item')].flatMap((item) => (item.linkId === undefined ? [] : [item.linkId]))),
  'sdf-1': (v) => v.derivation === 'constraint' || distinct(elements(v, 'snapshot').map((element) => element.path)),
  'sdf-2': (v) => has(v, 'name') || has(v, 'uri'),
  'sdf-3': (v) =>
    list(v, 'element').every((element) => has(element, 'definition') && has(element, 'min') && has(element, 'max')),
  'sdf-4': (v) => v.abstract === true || has(v, 'baseDefinition'),
  'sdf-5': (v) => v.type !== 'Extension' || v.derivation === 'specialization' || has(v, 'context'),
  'sdf-6': (v) => has(v, 'snapshot') || has(v, 'differential'),
  'sdf-8': pathsFollow,
  'sdf-8a': differentialFollows,
  'sdf-8b': (v) => list(v, 'element').every((element) => has(element, 'base')),
  // @medplum/core's children() finds neither snapshot nor differential.
  'sdf-9': (v) =>
    ['snapshot', 'differential'].every((view) =>
      elements(v, view).every(
        (element) =>
          (text(element, 'path') ?? '').includes('.') ||
          !['label', 'code', 'requirements'].some((name) => has(element, name)),
      ),
    ),
  'sdf-10': (v) =>
    !has(v, 'binding') || has(child(v, 'binding') ?? {}, 'valueSet') || has(child(v, 'binding') ?? {}, 'description'),
  'sdf-14': (v) =>
    ['snapshot', 'differential'].every((view) => elements(v, view).every((element) => has(element, 'id'))),
  'sdf-16': (v) => hasDistinctIds(elements(v, 'snapshot')),
  'sdf-17': (v) => hasDistinctIds(elements(v, 'differential')),
  'sdf-18': (v) => !has(v, 'contextInvariant') || v.type === 'Extension',
  'sdf-21': (v) =>
    v.derivation === 'specialization' ||
    elements(v, 'differential').every((element) => !hasChoice(element, 'defaultValue')),
  'sdf-22': (v) =>
    !(text(v, 'url') ?? '').startsWith('http://hl7.org/fhir/StructureDefinition') ||
    ['snapshot', 'differential'].every((view) =>
      elements(v, view).every((element) => !hasChoice(element, 'defaultValue')),
    ),
  'sdf-23': (v) =>
    ['snapshot', 'differential'].every((view) =>
      elements(v, view).every((element) => (text(element, 'path') ?? '').includes('.') || !has(element, 'sliceName')),
    ),
  'spd-1': (v) => !has(v, 'xpath') || has(v, 'xpathUsage'),
  'spd-2': (v) => !has(v, 'chain') || v.type === 'reference',
  'tcp-2': described,
  'tcp-3': isInstanceWithout,
  'tcp-4': isCapability,
  'tcp-5': isRequirements,
  'TestReport.setup.action:inv-1': either('operation', 'assert'),
  'inv-2': either('operation', 'assert'),
  'tst-1': either('operation', 'assert'),
  'tst-2': either('operation', 'assert'),
  'vsd-1': (v) => has(v, 'valueSet') || has(v, 'system'),
  'vsd-2': (v) => !(has(v, 'concept') || has(v, 'filter')) || has(v, 'system'),
  'vsd-3': (v) => !has(v, 'concept') || !has(v, 'filter'),
  'vsd-6': (v) => has(v, 'code') || has(v, 'display'),
  'vsd-9': (v) => has(v, 'code') || v.abstract === true,
  'vsd-10': (v) => !has(v, 'code') || has(v, 'system'),
};

function hasDistinctIds(nodes: readonly Node[]): boolean {
  return nodes.every((element) => has(element, 'id')) && distinct(nodes.map((element) => element.id));
}
