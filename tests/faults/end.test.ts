import { fresh, patient } from '../fhir/interactions/samples.ts';
import { openWorld } from '../support/world.ts';
import { newStorm, write } from './storm.ts';

const WRITERS = 8;

it.each(['SIGTERM', 'SIGINT'] as const)(
  'a server that is told to end by %s in the middle of a storm answers what it has begun, and keeps what it has answered',
  async (signal) => {
    const world = await openWorld();
    const { hospital, server } = world;
    const { id } = await hospital.create(patient(fresh()));
    const storm = newStorm();
    let acknowledged = 0;
    let ended: ReturnType<typeof server.kill> | undefined;
    const acknowledge = () => {
      acknowledged++;
      if (acknowledged === 100) ended = server.kill(signal);
    };
    await Promise.all(Array.from({ length: WRITERS }, () => write(hospital, id, storm, acknowledge)));
    expect(await ended).toEqual({ code: 0, signal: null });
    expect(storm.unexpected).toEqual([]);
    // Each had one request under way, and may have sent another before the server had the signal; nobody was served on.
    expect(acknowledged).toBeLessThanOrEqual(100 + 5 * WRITERS);
    const database = await server.database?.open({ poolSize: 1 });
    const { rows } = (await database?.query<{ location: string }>(
      `SELECT r.type || '/' || r.id || '/_history/' || v.version AS location FROM resource_version v JOIN resource r USING (rid)`,
    )) ?? { rows: [] };
    const stored = new Set(rows.map(({ location }) => location));
    expect(storm.acknowledged.filter(({ location }) => !stored.has(location))).toEqual([]);
    await world.close();
  },
);
