import { Access, type Caller } from '../../src/access/access.ts';

const caller: Caller = {
  organization: 1n,
  organizationId: 'clinic',
  kind: 'medical',
  clientId: 'clinic-system',
  scopes: [],
  networks: [2n],
  medical: [2n],
  care: [],
  timeline: [],
  purpose: 'TREAT',
  requestId: 'r',
};

describe('an Access', () => {
  it('of a caller is that caller’s, and acts on its own behalf', () => {
    const access = Access.of(caller);
    expect(access.caller).toBe(caller);
    expect(access.behalf).toBe(caller);
    expect(access.reason).toBeNull();
    expect(access.isSystem).toBe(false);
  });

  it('of the system says why', () => {
    const access = Access.system('a deadline passed');
    expect(access.caller).toBeNull();
    expect(access.behalf).toBeNull();
    expect(access.reason).toBe('a deadline passed');
    expect(access.isSystem).toBe(true);
  });

  it('of the system may name at whose request it acts, which is not who it is', () => {
    const access = Access.system('a slot was booked', caller);
    expect(access.behalf).toBe(caller);
    expect(access.caller).toBeNull();
    expect(access.isSystem).toBe(true);
  });

  it.each([undefined, null, 0, ''])('is not to be had for the caller %p', (nobody) => {
    expect(() => Access.of(nobody as unknown as Caller)).toThrow('needs a caller');
  });

  it.each([undefined, null, ''])('of the system is not to be had for the reason %p', (reason) => {
    expect(() => Access.system(reason as unknown as string)).toThrow('needs a reason');
  });

  it('does not change', () => {
    const access = Access.of(caller) as { caller: Caller | null };
    expect(() => {
      access.caller = null;
    }).toThrow(TypeError);
    expect(() => Object.assign(access, { reason: 'because' })).toThrow(TypeError);
    expect(() => Object.defineProperty(access, 'isSystem', { value: true })).toThrow(TypeError);
    expect((access as Access).isSystem).toBe(false);
  });

  it('is told from what looks like one', () => {
    expect(Access.of(caller)).toBeInstanceOf(Access);
    expect({ ...Access.system('a copy') }).not.toBeInstanceOf(Access);
    expect(JSON.parse(JSON.stringify(Access.system('sent')))).not.toBeInstanceOf(Access);
  });
});
