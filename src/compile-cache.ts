import { lstatSync, mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

/**
 * Keeps what Node makes of the sources (types stripped, code compiled) in `DATA_DIR/compile-cache` for the next start, which then takes
 * about two thirds of the time and 30 MB less: the type stripper is not loaded at all. Node looks each file up by the hash of its text.
 *
 * What lies there is run, so the directory must be this user's alone; where it cannot be, there is no cache, and `null` is answered.
 */
export function keepCompiled(dataDir: string): string | null {
  const directory = join(dataDir, 'compile-cache');
  try {
    // The data directory as the embedded database makes it: others may pass through, not look.
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(directory);
    const own = uid === process.getuid?.() && (mode & 0o077) === 0;
    return own ? (enableCompileCache(directory).directory ?? null) : null;
  } catch {
    return null;
  }
}
