import { isOperator } from '../../access/administers.ts';
import { Asked } from '../../fhir/asked.ts';
import type { OperationRequest } from '../../fhir/engine.ts';
import { refuse } from '../../http/errors.ts';
import { announce } from './announce.ts';
import { ANNOUNCEMENT_PARAMETERS, announcementOf } from './announcement.ts';
import { audienceOf } from './audience.ts';
import { atBothLevels } from './levels.ts';

/** Who speaks through the information function: the operator, and a hospital to its network. */
export const PUBLISHERS = {
  kinds: ['operator', 'cooperating-hospital'],
  roles: ['operator', 'administrator', 'coordinator'],
} as const;

/** Among the operator's people only those with its role publish. */
export function permitPublisher({ access }: OperationRequest): void {
  if (access.caller?.kind === 'operator' && !isOperator(access))
    throw refuse.forbidden('Notices of the operator are published by people with the role operator');
}

/** `Communication/$publish-notice`: makes a notice, shows it from its publication on, and to nobody else than those it is for. */
export const publishOperations = (changed: () => void) =>
  atBothLevels({
    name: 'publish-notice',
    types: ['Communication'],
    level: 'type',
    methods: ['POST'],
    ...PUBLISHERS,
    permission: 'c',
    documentation:
      'Publishes a notice. In: kind, title, text, titleEn, textEn, everyone | network* | recipient*, publish, effective, stops, override. Out: the Communication.',
    run: async (request) => {
      permitPublisher(request);
      const { engine, access, body, query } = request;
      const known = ['kind', ...ANNOUNCEMENT_PARAMETERS, 'everyone', 'network', 'recipient'];
      const asked = new Asked('publish-notice', body, query, known);
      const announcement = announcementOf(engine, access, asked);
      const { id, content } = await engine.database.transaction(async (transaction) => {
        const audience = await audienceOf(engine, access, transaction, asked);
        if (announcement.stops && !audience.everyone)
          throw refuse.unprocessable(
            'What stops the service is announced to everyone',
            `Parameters.parameter('everyone')`,
          );
        return announce(engine, access, transaction, announcement, audience);
      });
      changed();
      return {
        status: 201,
        body: content,
        headers: { Location: `${engine.baseUrl}/fhir/Communication/${id}/_history/1`, ETag: 'W/"1"' },
      };
    },
  });
