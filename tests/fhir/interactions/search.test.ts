import fc from 'fast-check';
import type { Member, Reply } from '../../support/network.ts';
import { openWorld, type World } from '../../support/world.ts';
import { by, fresh, issue, observation, patient } from './samples.ts';

let world: World;
let hospital: World['hospital'];
beforeAll(async () => {
  world = await openWorld();
  ({ hospital } = world);
});
afterAll(() => world.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const ids = (reply: Reply): string[] =>
  (reply.body.entry ?? []).map((entry: { resource: { id: string } }) => entry.resource.id);
const link = (reply: Reply, relation: string): string | undefined =>
  reply.body.link.find((one: { relation: string }) => one.relation === relation)?.url;
const path = (url: string) => url.slice(url.indexOf('/fhir/') + '/fhir/'.length);

/** Observations of one code, as many as there are values; their ids. */
async function measured(code: string, values: readonly number[], subject: string): Promise<string[]> {
  const made: string[] = [];
  for (const value of values) {
    const more = { code: { coding: [{ code }] }, valueQuantity: { value } };
    made.push((await hospital.create(observation(subject, more))).id);
  }
  return made;
}
const aPatient = async () => `Patient/${(await hospital.create(patient(fresh()))).id}`;

describe('a search', () => {
  it('by POST answers as by GET, whatever is in the URL and what in the form', async () => {
    const subject = await aPatient();
    const code = fresh();
    await measured(code, [1, 2, 3], subject);
    const query = `code=${code}&_sort=-value-quantity&_count=2&_total=accurate`;
    const get = await hospital.get(`Observation?${query}`);
    const posts = [
      await hospital.post('Observation/_search', query, FORM),
      await hospital.post(`Observation/_search?code=${code}`, '_sort=-value-quantity&_count=2&_total=accurate', FORM),
      await hospital.send('POST', `Observation/_search?${query}`),
    ];
    for (const post of posts) {
      expect([post.status, ids(post), post.body.total]).toEqual([200, ids(get), 3]);
      expect(ids(await hospital.get(path(link(post, 'next') as string)))).toEqual(
        ids(await hospital.get(path(link(get, 'next') as string))),
      );
    }
  });

  it('says what it has understood, under the configured base, whatever Host says', async () => {
    const reply = await hospital.get(`Patient?${by('x')}&_sort=_id&_count=7`, {
      host: 'evil.example',
      'x-forwarded-host': 'evil.example',
    });
    const self = new URL(link(reply, 'self') as string);
    expect(self.origin).toBe(world.server.baseUrl);
    expect(Object.fromEntries(self.searchParams)).toEqual({
      identifier: 'https://id.example/patients|x',
      _sort: '_id',
      _count: '7',
    });
  });

  it.each([
    ['an unknown parameter', 'nothing=x'],
    ['an unknown modifier', 'family:nothing=x'],
    ['an unknown chain', 'organization.nothing=x'],
    ['an unknown _has', '_has:Observation:nothing:code=x'],
    ['a result parameter that is not offered', '_elements=id'],
    ['an unknown sort key', '_sort=nothing'],
    ['an unknown include', '_include=Patient:nothing'],
    ['an include of another type', '_include=Observation:subject:Nothing'],
    ['a value that is none', 'birthdate=x'],
    ['no value', 'family='],
    ['a count that is none', '_count=x'],
    ['a total that is none', '_total=x'],
    ['a page that is none', '_cursor=x'],
  ])('is refused with %s', async (_, query) => {
    for (const reply of [await hospital.get(`Patient?${query}`), await hospital.post('Patient/_search', query, FORM)]) {
      expect(reply.status).toBe(400);
      expect(issue(reply).diagnostics).not.toBe('');
    }
  });

  it('leaves out what it does not know where the client prefers that, and says so', async () => {
    const value = fresh();
    const { id } = await hospital.create(patient(value));
    const reply = await hospital.get(`Patient?${by(value)}&nothing=x&_elements=id`, { prefer: 'handling=lenient' });
    expect(reply.status).toBe(200);
    const [match, outcome] = reply.body.entry;
    expect(match.resource.id).toBe(id);
    expect(outcome.search.mode).toBe('outcome');
    expect(outcome.resource.issue.map((one: { diagnostics: string }) => one.diagnostics)).toEqual([
      expect.stringContaining('nothing'),
      expect.stringContaining('_elements'),
    ]);
    expect(link(reply, 'self')).not.toContain('nothing');
    expect((await hospital.get(`Patient?${by(value)}&nothing=x`, { prefer: 'handling=strict' })).status).toBe(400);
    expect((await hospital.get('Patient?birthdate=x', { prefer: 'handling=lenient' })).status).toBe(400);
  });

  it('counts as it is asked to', async () => {
    const code = fresh();
    const made = await measured(code, [1, 2, 3], await aPatient());
    const ask = async (more: string) => (await hospital.get(`Observation?code=${code}${more}`)).body;
    expect((await ask('&_summary=count')).total).toBe(3);
    expect(await ask('&_summary=count')).not.toHaveProperty('entry');
    expect((await ask('&_count=0')).total).toBe(3);
    expect((await ask('&_count=1&_total=accurate')).total).toBe(3);
    expect(await ask('&_count=1&_total=none')).not.toHaveProperty('total');
    expect((await ask(`&_id=${made[0]},${made[1]}`)).total).toBe(2);
  });

  it('gives includes once, marked as such', async () => {
    const subject = await aPatient();
    const code = fresh();
    await measured(code, [1, 2], subject);
    const reply = await hospital.get(`Observation?code=${code}&_include=Observation:subject`);
    expect(reply.body.total).toBe(2);
    expect(reply.body.entry.map((entry: { search: { mode: string } }) => entry.search.mode)).toEqual([
      'match',
      'match',
      'include',
    ]);
    expect(reply.body.entry[2].fullUrl).toBe(`${world.server.baseUrl}/fhir/${subject}`);
    const back = await hospital.get(`Patient?_id=${subject.slice(8)}&_revinclude=Observation:subject`);
    expect(back.body.entry).toHaveLength(3);
  });
});

describe('pages', () => {
  it('neither repeat nor skip what was there from the beginning, while others write', async () => {
    const subject = await aPatient();
    const code = fresh();
    const first = await measured(code, [5, 3, 8, 1, 9, 2, 7], subject);
    for (const sort of ['value-quantity', '-value-quantity', '_lastUpdated', '-_lastUpdated', '_id', 'date']) {
      let page = await hospital.get(`Observation?code=${code}&_count=2&_sort=${sort}`);
      const seen = ids(page);
      for (let url = link(page, 'next'); url !== undefined; url = link(page, 'next')) {
        await measured(code, [4], subject);
        page = await hospital.get(path(url));
        seen.push(...ids(page));
      }
      expect(new Set(seen).size).toBe(seen.length);
      expect(first.filter((id) => !seen.includes(id))).toEqual([]);
    }
  });

  it('of whatever size hold the matches in one order', async () => {
    const code = fresh();
    await measured(code, [2, 2, 1, 3, 1, 2, 3, 3, 1, 2], await aPatient());
    const whole = ids(await hospital.get(`Observation?code=${code}&_sort=value-quantity&_count=100`));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 11 }), async (count) => {
        let page = await hospital.get(`Observation?code=${code}&_sort=value-quantity&_count=${count}&_total=accurate`);
        const seen = ids(page);
        for (let url = link(page, 'next'); url !== undefined; url = link(page, 'next')) {
          page = await hospital.get(path(url));
          expect(page.body.total).toBe(10);
          seen.push(...ids(page));
        }
        expect(seen).toEqual(whole);
      }),
      { numRuns: 11, seed: 20261122 },
    );
  });

  it('open only for who asked, for what was asked, and as they were made', async () => {
    const code = fresh();
    await measured(code, [1, 2, 3], await aPatient());
    const url = path(link(await hospital.get(`Observation?code=${code}&_count=1`), 'next') as string);
    const colleague = await world.network.client(hospital, 'system/*.cruds');
    const attempts: [string, Member, string, number][] = [
      ['the caller', hospital, url, 200],
      ['once more', hospital, url, 200],
      ['another institution', world.stranger, url, 400],
      ['another client of the institution', colleague, url, 400],
      ['another code', hospital, url.replace(code, fresh()), 400],
      ['another size', hospital, url.replace('_count=1', '_count=2'), 400],
      ['another type', hospital, url.replace('Observation', 'Condition'), 400],
      ['another order', hospital, `${url}&_sort=_id`, 400],
      ['one sign changed', hospital, url.replace(/(?<=_cursor=)./, (sign) => (sign === 'A' ? 'B' : 'A')), 400],
      ['cut off', hospital, url.slice(0, -8), 400],
      ['nothing', hospital, url.replace(/_cursor=.*/, '_cursor='), 400],
    ];
    for (const [who, member, address, status] of attempts)
      expect([who, (await member.get(address)).status]).toEqual([who, status]);
  });

  it('hold what the caller may see when the page is opened', async () => {
    const code = fresh();
    const made = await measured(code, [1, 2, 3], await aPatient());
    const url = path(
      link(await hospital.get(`Observation?code=${code}&_count=1&_sort=value-quantity`), 'next') as string,
    );
    await hospital.send('DELETE', `Observation/${made[1]}`);
    expect(ids(await hospital.get(url))).toEqual([made[2]]);
  });
});
