import type { Caller } from '../../access/access.ts';
import type { Prepared, Resource, Write } from '../../fhir/engine.ts';
import { spreadOf } from '../../fhir/put.ts';
import { refuse } from '../../http/errors.ts';
import { type CooperationName, cooperating } from '../../store/institution.ts';

/** By what somebody else may be named. */
export interface Way {
  readonly service: CooperationName;
  /** Only institutions that are no medical ones. */
  readonly carers?: boolean;
}

const NETWORKS: Readonly<Record<CooperationName, 'medical' | 'care'>> = {
  'medical-cooperation': 'medical',
  'care-cooperation': 'care',
};

/**
 * Whatever makes other institutions parties needs a cooperation with each of them: by the contracts of both, and by the network of a hospital
 * that has registered both for it. Who is named already stays so. Whoever keeps an appointment of its own with a
 * patient may say so; else a patient's name is its hospital's address. What the operator and the service itself
 * write needs none.
 *
 * @param ways  of which one must be open to each of them
 * @throws FhirError 422
 */
export async function checkCooperation(
  write: Write,
  change: Prepared,
  ways: readonly Way[],
  place: string,
): Promise<void> {
  const { caller } = write.access;
  if (!caller || caller.kind === 'operator' || !change.resource || change.owner !== caller.organization) return;
  const before = change.current && !change.current.deleted ? named(write, change, await change.previous()) : [];
  const others = named(write, change, change.resource)
    .filter((rid) => !before.includes(rid))
    .flatMap((rid) => {
      const target = write.referenced.get(rid);
      return !target || (target.type === 'Patient' && change.type === 'Appointment') ? [] : target.owner;
    })
    .filter((owner) => owner !== caller.organization);
  if (others.length > 0) await checkOthers(write, caller, ways, { others: [...new Set(others)], place });
}

interface Asked {
  readonly others: readonly bigint[];
  readonly place: string;
}

async function checkOthers(
  { access, transaction }: Write,
  caller: Caller,
  ways: readonly Way[],
  { others, place }: Asked,
): Promise<void> {
  let left = others;
  for (const { service, ...limits } of ways) {
    const networks = caller[NETWORKS[service]];
    const reached = await cooperating(access, transaction, service, { networks, others: left, ...limits });
    left = left.filter((rid) => !reached.has(rid));
    if (left.length === 0) return;
  }
  throw refuse.unprocessable(
    `You do not have ${ways.map(({ service }) => service).join(' or ')} with an institution that is named: the contracts of both must have it, and a hospital must have registered both for it`,
    place,
  );
}

/** What it names of the things whose owners become parties by that. */
const named = ({ engine }: Write, { type, rid }: Prepared, resource: Resource): readonly bigint[] =>
  spreadOf(engine, type, rid, resource, true)?.names ?? [];
