import type { Reply } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';
import { fresh, issue, patient } from './samples.ts';

let world: World;
let hospital: World['hospital'];
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
});
afterAll(() => world.close());

/** A patient of so many versions; the answers to its writes. */
async function versions(count: number): Promise<{ id: string; replies: Reply[] }> {
  const first = await hospital.post('Patient', patient(fresh()));
  const { id } = first.body;
  const replies = [first];
  while (replies.length < count) replies.push(await hospital.put(`Patient/${id}`, patient(fresh(), { id })));
  return { id, replies };
}
const etags = (reply: Reply): string[] =>
  (reply.body.entry ?? []).map((entry: { response: { etag: string } }) => entry.response.etag);
const next = (reply: Reply): string | undefined =>
  reply.body.link.find(({ relation }: { relation: string }) => relation === 'next')?.url.split('/fhir/')[1];

describe('the history of an instance', () => {
  it('has every version, newest first, as it was and how it came about', async () => {
    const { id, replies } = await versions(3);
    const reply = await hospital.get(`Patient/${id}/_history`);
    expect(reply.body).toMatchObject({ resourceType: 'Bundle', type: 'history', total: 3 });
    expect(etags(reply)).toEqual(['W/"3"', 'W/"2"', 'W/"1"']);
    const [newest, , first] = reply.body.entry;
    expect(newest).toEqual({
      fullUrl: `${world.server.baseUrl}/fhir/Patient/${id}`,
      resource: replies[2]?.body,
      request: { method: 'PUT', url: `Patient/${id}` },
      response: { status: '200 OK', etag: 'W/"3"', lastModified: replies[2]?.body.meta.lastUpdated },
    });
    expect(first.request).toEqual({ method: 'POST', url: 'Patient' });
    expect(first.response.status).toBe('201 Created');
  });

  it('of what was deleted has the deletion, which has no content', async () => {
    const { id } = await versions(2);
    await hospital.send('DELETE', `Patient/${id}`);
    const reply = await hospital.get(`Patient/${id}/_history`);
    expect(etags(reply)).toEqual(['W/"3"']);
    expect(reply.body.entry[0]).not.toHaveProperty('resource');
    expect(reply.body.entry[0]).toMatchObject({
      request: { method: 'DELETE' },
      response: { status: '204 No Content' },
    });
  });

  it('comes in pages that neither repeat nor skip while versions are added', async () => {
    const { id } = await versions(7);
    let page = await hospital.get(`Patient/${id}/_history?_count=3`);
    const seen = etags(page);
    await hospital.put(`Patient/${id}`, patient(fresh(), { id }));
    for (let url = next(page); url !== undefined; url = next(page)) {
      page = await hospital.get(url);
      expect(page.status).toBe(200);
      seen.push(...etags(page));
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((version) => `W/"${version}"`));
  });

  it('has a next page only where there is more', async () => {
    const { id } = await versions(4);
    expect(next(await hospital.get(`Patient/${id}/_history?_count=4`))).toBeUndefined();
    const first = await hospital.get(`Patient/${id}/_history?_count=2`);
    const last = await hospital.get(next(first) as string);
    expect([etags(last), next(last)]).toEqual([['W/"2"', 'W/"1"'], undefined]);
    const since = (await hospital.get(`Patient/${id}/_history/3`)).body.meta.lastUpdated;
    const later = await hospital.get(`Patient/${id}/_history?_since=${since}`);
    const all = later.body.total as number;
    expect(next(await hospital.get(`Patient/${id}/_history?_since=${since}&_count=${all}`))).toBeUndefined();
    await hospital.send('DELETE', `Patient/${id}`);
    expect(next(await hospital.get(`Patient/${id}/_history?_count=1`))).toBeUndefined();
  });

  it('from _since on has the versions at or after that time', async () => {
    const { id, replies } = await versions(4);
    const since = replies[2]?.body.meta.lastUpdated;
    const later = replies.filter(({ body }) => body.meta.lastUpdated >= since).length;
    const reply = await hospital.get(`Patient/${id}/_history?_since=${since}`);
    expect(etags(reply)).toHaveLength(later);
    expect(reply.body.total).toBe(later);
    const inTokyo = new Date(Date.parse(since) + 9 * 3_600_000).toISOString().replace('Z', '+09:00');
    expect(etags(await hospital.get(`Patient/${id}/_history?_since=${encodeURIComponent(inTokyo)}`))).toHaveLength(
      later,
    );
    const future = await hospital.get(`Patient/${id}/_history?_since=2999-01-01T00:00:00Z`);
    expect([future.status, future.body.total, etags(future)]).toEqual([200, 0, []]);
  });

  it.each([
    '_count=0',
    '_count=-1',
    '_count=x',
    '_count=1.5',
    '_count=1e3',
    '_count=0x10',
    '_count=',
    '_count=9999999999',
    '_since=2026',
    '_since=2026-01-01',
    '_since=yesterday',
    '_at=2026-01-01T00:00:00Z',
    '_list=1',
    'nothing=x',
    '_cursor=x',
    '_cursor=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ])('is refused with %s', async (query) => {
    const { id } = await versions(1);
    const reply = await hospital.get(`Patient/${id}/_history?${query}`);
    expect(reply.status).toBe(400);
    expect(issue(reply).severity).toBe('error');
  });

  it('has page links that open for nobody else, for no other resource and for no other query', async () => {
    const [one, other] = [await versions(3), await versions(3)];
    const url = next(await hospital.get(`Patient/${one.id}/_history?_count=1`)) as string;
    expect((await hospital.get(url)).status).toBe(200);
    expect((await hospital.get(url.replace(one.id, other.id))).status).toBe(400);
    expect((await hospital.get(url.replace('_count=1', '_count=2'))).status).toBe(400);
    expect((await world.stranger.get(url)).status).toBe(400);
    const colleague = await world.network.client(hospital, 'system/*.cruds');
    expect((await colleague.get(url)).status).toBe(400);
  });
});

it.each(['Patient/_history', '_history', 'Patient/none/_history/1/x'])(
  '%s is not offered, and says so',
  async (path) => {
    const reply = await hospital.get(path);
    expect([reply.status, issue(reply).code]).toEqual([404, 'not-supported']);
  },
);
