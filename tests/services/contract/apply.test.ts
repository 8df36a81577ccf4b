import { application, call, FORM, noticesOf, output } from './papers.ts';
import { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open('2026-03-01');
});
afterAll(() => stage.close());

describe('the form', () => {
  it('is a Questionnaire that every caller reads', async () => {
    const { body } = await stage.hospital.get(`Questionnaire?url=${FORM}`);
    expect(body.total).toBe(1);
    expect(body.entry[0].resource).toMatchObject({ id: 'contract-application', title: 'サービス利用申込書' });
  });
});

describe('$apply', () => {
  it('records an application of a new institution, which is registered, and has no service', async () => {
    const reply = await call(stage.operator, 'Contract/$apply', { application: application(), received: '2026-02-27' });
    expect(reply.status).toBe(201);
    const contract = output(reply, 'contract');
    const organization = output(reply, 'organization');
    expect(output(reply, 'status')).toBe('offered');
    expect(output(reply, 'number')).toMatch(/^\d{3}-\d{3}-\d{4}$/);
    expect((await stage.operator.get(organization)).body).toMatchObject({ name: 'さくら診療所', active: true });
    const { body } = await stage.operator.get(contract);
    expect(body).toMatchObject({
      status: 'offered',
      subject: [{ reference: organization, display: 'さくら診療所' }],
      identifier: [{ value: output(reply, 'number') }],
    });
    expect(body.applies).toBeUndefined();
    const response = (await stage.operator.get(body.legallyBindingReference.reference)).body;
    expect(response).toMatchObject({ status: 'completed', questionnaire: FORM, subject: { reference: organization } });
    expect(await noticesOf(stage.operator, contract)).toEqual(['received']);
    expect(await stage.services(organization)).toBe(0);
  });
});
