import { Stage } from '../signature/stage.ts';
import { parameters } from './parameters.ts';

let stage: Stage;
let now = Date.parse('2026-12-01T03:00:00Z');
beforeAll(async () => {
  stage = await Stage.open({ now: () => now });
}, 60_000);
afterAll(() => stage?.close());

const hello = { kind: 'information', title: 'お知らせ', text: '新しい端末の案内です。' };

/** As if the time of publication, which the database compares with its own clock, were now or never. */
const shownFrom = async (id: string, sql: string) =>
  (await stage.clone.open()).query(`UPDATE notice SET published = ${sql} WHERE id = $1`, [id]);

describe('smoke', () => {
  it('publishes', async () => {
    const made = await stage.network.operator.post(
      'Communication/$publish-notice',
      parameters({ ...hello, everyone: true }),
    );
    expect(made.status).toBe(201);
    console.log(JSON.stringify(made.body, null, 1));
    await shownFrom(made.body.id, 'now()');
    const seen = await stage.clinic.get(`Communication/${made.body.id}`);
    expect(seen.status).toBe(200);
    const t = await stage.clinic.get('$notices');
    console.log(t.text);
    const s = await fetch(`${stage.running.baseUrl}/status.json`);
    console.log(s.status, await s.text());
    now += 1;
  });
});
