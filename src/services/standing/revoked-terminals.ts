import { Access } from '../../access/access.ts';
import type { Engine } from '../../fhir/engine.ts';
import type { ClientTrust } from '../../http/client-trust.ts';
import type { Logger } from '../../http/log.ts';
import type { Job } from '../../jobs/scheduler.ts';
import { actRow, insertAudit } from '../../store/audit.ts';
import { terminalCertificates, terminalRevoked } from '../../store/terminal.ts';
import { tell } from './act.ts';

const EVERY_MS = 15 * 60_000;
const PAGE = 200;

/**
 * Holds the certificates of registered terminals against the revocation lists: one that is on a list is marked for good, told to its
 * institution, and stays out even should the list lose it. A certificate on a list is refused at once anyhow, wherever it is shown.
 */
export const revokedTerminalsJob = (engine: Engine, trust: ClientTrust, log: Logger): Job => ({
  name: 'revoked-terminals',
  everyMs: EVERY_MS,
  run: async (now, signal) => {
    const access = Access.system('revoked-terminals');
    let after: string | null = null;
    for (;;) {
      const page: Awaited<ReturnType<typeof terminalCertificates>> = await terminalCertificates(
        access,
        engine.database,
        after,
        PAGE,
      );
      for (const { id, certificate } of page) {
        if (signal.aborted) return;
        const verdict = trust.judge({ leaf: certificate, between: [] }, now);
        if (!verdict.ok && verdict.code === 'REVOKED') await mark(engine, access, id, now, log);
      }
      const last = page.at(-1);
      if (!last || page.length < PAGE) return;
      after = last.id;
    }
  },
});

async function mark(engine: Engine, access: Access, id: string, now: number, log: Logger): Promise<void> {
  await engine.database.transaction(async (tx) => {
    const terminal = await terminalRevoked(access, tx, id, new Date(now));
    if (!terminal) return;
    const { institution, organizationId, name } = terminal;
    await insertAudit(access, tx, [
      actRow(now, 'revoke-terminal', {
        outcome: 0,
        type: 'Organization',
        resource: institution,
        resourceId: organizationId,
        detail: id,
      }),
    ]);
    await tell(engine, access, tx, [organizationId], {
      code: 'terminal-revoked',
      ja: `端末「${name}」の証明書が失効したため、この端末からは利用できなくなりました。`,
      en: `The certificate of the terminal “${name}” was revoked; the service cannot be used from it any more.`,
    });
  });
  log('info', 'terminal revoked', { terminal: id });
}
