import type { Access } from '../../access/access.ts';
import type { Asked } from '../../fhir/asked.ts';
import type { Engine } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import type { Queryable } from '../../store/database.ts';
import { type Audience, addressees, membersAmong } from '../../store/notice.ts';

const MOST = 1000;

/**
 * To whom a notice is to go: `everyone`, `network` (hospitals) and `recipient` (institutions). A hospital reaches its own network and members
 * of it, and where it names nobody, its network.
 */
export async function audienceOf(
  engine: Engine,
  access: Access,
  transaction: Queryable,
  asked: Asked,
): Promise<Audience> {
  const rids = (name: string) => {
    const ids = [...new Set(asked.references(name, 'Organization'))];
    if (ids.length > MOST) throw asked.refuse(name, `is given ${MOST} times at most`);
    return ids.map((id) => engine.keys.rid('Organization', id));
  };
  const everyone = asked.flag('everyone');
  const networks = rids('network');
  const institutions = rids('recipient');
  const { caller } = access;
  if (caller?.kind === 'operator') {
    if (!everyone && networks.length + institutions.length === 0)
      throw refuse.badRequest(
        '$publish-notice needs everyone, network or recipient: to whom it goes',
        'Parameters',
        'required',
      );
    const known = await addressees(access, transaction, [...networks, ...institutions]);
    if (networks.some((rid) => known.get(rid) !== 'cooperating-hospital')) throw unknown('network', 'hospital');
    if (institutions.some((rid) => !known.has(rid))) throw unknown('recipient', 'institution');
    return { everyone, networks, institutions };
  }
  const own = caller?.organization as bigint;
  if (everyone || networks.some((rid) => rid !== own))
    throw refuse.unprocessable(
      'A hospital publishes notices to its own network; to others the operator does',
      `Parameters.parameter('${everyone ? 'everyone' : 'network'}')`,
    );
  const members = await membersAmong(access, transaction, own, institutions);
  if (institutions.some((rid) => !members.has(rid))) throw unknown('recipient', 'institution of your network');
  return { everyone: false, networks: networks.length + institutions.length === 0 ? [own] : networks, institutions };
}

const unknown = (name: string, what: string) =>
  refuse.unprocessable(`${name} must name an active ${what}`, `Parameters.parameter('${name}')`, 'not-found');
