import type { Config } from '../../config.ts';
import type { Service } from '../../fhir/engine.ts';
import { eraseOperations } from './erase.ts';
import { exportOwn } from './export-own.ts';

export { erasureJob } from './job.ts';

/** After the end of its contract all that an institution owned is erased (Art. 26), and a record says so. */
export const erasureService = ({ erasureGraceDays }: Pick<Config, 'erasureGraceDays'>): Service => ({
  name: 'erasure',
  operations: [...eraseOperations(erasureGraceDays), exportOwn],
  rules: [],
});
