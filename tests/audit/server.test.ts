import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadAnchors } from '../../src/audit/verify/anchored.ts';
import { verifyAudit } from '../../src/audit/verify/index.ts';
import { loadConfig } from '../../src/config.ts';
import { type Server, startServer } from '../../src/server.ts';
import { cloneDatabase } from '../support/database.ts';
import { openNetwork } from '../support/network.ts';
import type { RunningServer } from '../support/server.ts';
import { calm, DAY, HOUR, SYSTEM } from './chain.ts';

it('a server keeps its audit: what people did over days is sealed, anchored, and whole', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tasuki-audit-server-'));
  const clone = await cloneDatabase();
  let now = Date.parse('2026-11-23T03:00:00Z');
  const config = loadConfig({ DATABASE_URL: clone.url, DATA_DIR: directory, PORT: '0', LOG_LEVEL: 'error' });
  let server: Server | undefined;
  try {
    server = await startServer(config, () => undefined, { now: () => now, jobsWait: true });
    const { baseUrl, port } = server.config;
    const running = {
      port,
      baseUrl,
      database: clone,
      dataDir: directory,
      fhir: (path: string, init?: RequestInit) => fetch(`${baseUrl}/fhir${path}`, init),
    };
    const network = await openNetwork(running as unknown as RunningServer);
    const hospital = await network.enrol('cooperating-hospital', 'みなと総合病院');
    const { id } = await hospital.create({ resourceType: 'Patient', name: [{ text: '試験 花子' }] });
    const jobs = ['seal-audit', 'anchor-audit', 'stamp-audit', 'audit-months'];
    for (let day = 0; day < 3; day++) {
      for (let hour = 0; hour < 2; hour++) {
        expect((await hospital.get(`Patient/${id}`)).status).toBe(200);
        await calm(server.database);
        for (const job of jobs) await server.jobs.run(job, now);
        now += HOUR;
      }
      now += DAY - 2 * HOUR;
    }
    await calm(server.database);
    for (const job of jobs) await server.jobs.run(job, now);
    const anchors = await loadAnchors([config.auditAnchorFile], () => undefined);
    const report = await verifyAudit(SYSTEM, server.database, { now, anchors });
    expect(report).toMatchObject({ ok: true, problems: [] });
    expect(report.days).toBeGreaterThanOrEqual(2);
    expect(report.rows).toBeGreaterThan(10);
    expect(readFileSync(config.auditAnchorFile, 'utf8')).not.toContain(id);
  } finally {
    await server?.close();
    await clone.drop();
    rmSync(directory, { recursive: true, force: true });
  }
}, 60_000);
