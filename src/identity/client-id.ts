/** Printable, and safe in a URL, a log line and a JWT without escaping. */
const CLIENT_ID = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/;

export function isClientId(id: unknown): id is string {
  return typeof id === 'string' && CLIENT_ID.test(id);
}
