import { integer } from './parse.ts';
import { setting } from './setting.ts';

/** When what an institution owns is erased (docs/operations.md). */
export const erasureSettings = Object.freeze({
  erasureGraceDays: setting(
    'ERASURE_GRACE_DAYS',
    'Whole days after the last day of a contract until what the institution owned is erased for good; 0: the day after the last',
    '30',
    integer(0, 3650),
  ),
});
