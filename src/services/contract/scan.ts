import { randomUUID } from 'node:crypto';
import type { Change, OperationRequest, Resource } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { all } from './asked.ts';
import { operatorOf } from './record.ts';

/** Pictures of the signed paper: what they are called, and how their bytes begin. */
const TYPES: Readonly<Record<string, readonly (readonly number[])[]>> = {
  'application/pdf': [[0x25, 0x50, 0x44, 0x46, 0x2d]],
  'image/jpeg': [[0xff, 0xd8, 0xff]],
  'image/png': [[0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]],
  'image/tiff': [
    [0x49, 0x49, 0x2a, 0x00],
    [0x4d, 0x4d, 0x00, 0x2a],
  ],
};
const MOST = 20;

/** Scans as they are to be stored, with the references that the Contract takes to them. */
export interface Scans {
  readonly changes: readonly Change[];
  readonly papers: readonly string[];
}

/**
 * The parameters `scan`, each a valueAttachment, as a DocumentReference of the operator's with its Binary.
 *
 * @throws FhirError 400, 422
 */
export function scansIn({ engine, body }: Pick<OperationRequest, 'engine' | 'body'>): Scans {
  const owner = operatorOf(engine);
  const date = new Date(engine.now()).toISOString();
  const given = all(body, 'scan');
  if (given.length > MOST)
    throw refuse.unprocessable(`At most ${MOST} scans at a time`, "Parameters.parameter('scan')", 'too-long');
  const scans = given.map((one, i) => {
    const path = `Parameters.parameter('scan')[${i}].value`;
    const { contentType, data, title } = (one.valueAttachment ?? {}) as Record<string, unknown>;
    const starts =
      typeof contentType === 'string' && Object.hasOwn(TYPES, contentType) ? TYPES[contentType] : undefined;
    if (!starts || typeof data !== 'string')
      throw refuse.badRequest(
        `scan is a valueAttachment with data, of one of the types ${Object.keys(TYPES).join(', ')}`,
        path,
        'value',
      );
    const head = Buffer.from(data.slice(0, 64), 'base64');
    if (!starts.some((bytes) => bytes.every((byte, at) => head[at] === byte)))
      throw refuse.unprocessable(`The bytes are no ${contentType}`, `${path}.data`, 'value');
    const heading = typeof title === 'string' && title.trim() !== '' ? title : '利用申込書';
    return scan({ contentType: contentType as string, data, title: heading, owner, date });
  });
  return { changes: scans.flatMap(({ changes }) => changes), papers: scans.flatMap(({ papers }) => papers) };
}

function scan(one: { contentType: string; data: string; title: string; owner: bigint; date: string }): Scans {
  const { contentType, data, title, owner, date } = one;
  const [binary, document] = [randomUUID(), randomUUID()];
  const resources: readonly Resource[] = [
    { resourceType: 'Binary', id: binary, contentType, data },
    {
      resourceType: 'DocumentReference',
      id: document,
      status: 'current',
      description: title,
      date,
      content: [{ attachment: { contentType, title, url: `Binary/${binary}` } }],
    },
  ];
  return {
    changes: resources.map((resource) => ({
      interaction: 'create',
      type: resource.resourceType,
      id: resource.id as string,
      resource,
      owner,
    })),
    papers: [`DocumentReference/${document}`, `Binary/${binary}`],
  };
}
