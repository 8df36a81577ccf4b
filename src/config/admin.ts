import { directory } from './parse.ts';
import { optional } from './setting.ts';

/** Of the command line for administrators (docs/admin.md). */
export const adminSettings = Object.freeze({
  adminDir: optional('ADMIN_DIR', 'Where `tasuki admin login` keeps its token', '`~/.config/tasuki`', directory),
});
