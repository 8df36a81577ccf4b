import { FhirError } from '../../../../src/http/errors.ts';
import { renderLetter } from '../../../../src/services/signature/letter/render.ts';
import { LetterRenderer, type RendererLimits } from '../../../../src/services/signature/letter/renderer.ts';
import { briefLetter, bytes, ISSUED_AT } from './letters.ts';

const renderers: LetterRenderer[] = [];
const renderer = (limits: Partial<RendererLimits> = {}, entry?: URL) => {
  const made = entry ? new LetterRenderer(limits, entry) : new LetterRenderer(limits);
  renderers.push(made);
  return made;
};
afterEach(async () => {
  await Promise.all(renderers.splice(0).map((made) => made.close()));
});

const status = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: unknown) => (error instanceof FhirError ? `${error.status} ${error.issues[0]?.code}` : error),
  );

describe('letters rendered in a worker', () => {
  const job = { document: bytes(briefLetter()), issuedAt: ISSUED_AT };

  it('are those that are rendered here, and the document stays with its owner', async () => {
    const here = await renderLetter(job);
    const worker = renderer();
    const [first, second] = await Promise.all([worker.render(job), worker.render(job)]);
    expect(Buffer.compare(first, here)).toBe(0);
    expect(Buffer.compare(second, here)).toBe(0);
    expect(job.document.length).toBeGreaterThan(0);
  });

  it('are refused as they would be here, and the next is rendered', async () => {
    const worker = renderer();
    const json = briefLetter();
    json.entry[0].resource.status = 'preliminary';
    const wrong = await worker.render({ ...job, document: bytes(json) }).catch((error: unknown) => error);
    expect(wrong).toBeInstanceOf(FhirError);
    expect(wrong).toMatchObject({ status: 422, issues: [{ expression: ['Composition.status'] }] });
    expect(await status(worker.render({ ...job, issuedAt: Number.NaN }))).toBe('500 exception');
    expect(await status(worker.render(job))).toBe(200);
  });
});

describe('a worker that fails', () => {
  const entry = new URL('./failing-worker.js', import.meta.url);
  const job = (what: string) => ({ document: new TextEncoder().encode(what), issuedAt: 0 });

  it.each([
    ['exit', '500 exception'],
    ['throw', '500 exception'],
    ['loop', '422 too-costly'],
    ['memory', '422 too-costly'],
  ])('by %s is replaced, and those who wait are served', async (what, expected) => {
    const worker = renderer({ time: 3000, memory: 32 }, entry);
    const results = await Promise.all([
      status(worker.render(job('echo'))),
      status(worker.render(job(what))),
      status(worker.render(job('echo'))),
    ]);
    expect(results).toEqual([200, expected, 200]);
  });

  it('lets only so many wait', async () => {
    const worker = renderer({ waiting: 2 }, entry);
    const results = await Promise.all(Array.from({ length: 5 }, () => status(worker.render(job('echo')))));
    expect(results).toEqual([200, 200, 200, '503 transient', '503 transient']);
  });

  it('takes no document beyond the size', async () => {
    expect(await status(renderer({ size: 3 }, entry).render(job('echo')))).toBe('422 too-long');
  });

  it('refuses what is not rendered when it is closed, and all after', async () => {
    const worker = renderer({}, entry);
    const open = [status(worker.render(job('loop'))), status(worker.render(job('echo')))];
    await worker.close();
    expect(await Promise.all(open)).toEqual(['503 transient', '503 transient']);
    expect(await status(worker.render(job('echo')))).toBe('503 transient');
  });
});
