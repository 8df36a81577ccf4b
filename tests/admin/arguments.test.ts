import { readArguments } from '../../src/admin/arguments.ts';
import { notices } from '../../src/admin/commands/notices.ts';

const publish = notices.commands.find(({ name }) => name === 'publish-notice')!;
const typed = (...more: string[]) =>
  readArguments(publish, ['--kind', 'information', '--title', 'A', '--text', 'B', ...more]).values;

describe('what is true or false', () => {
  it('is true where it stands alone, and is what it says', () => {
    const values = typed('--everyone', '--stops', 'false');
    expect([values.get('everyone'), values.get('stops')]).toEqual([['true'], ['false']]);
    expect(typed('--stops=true', '--everyone').get('everyone')).toEqual(['true']);
  });

  it('swallows nothing that follows', () => {
    expect(() => typed('--everyone', 'yes')).toThrow();
  });
});
