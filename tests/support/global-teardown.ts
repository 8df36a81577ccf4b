/** Stops what the global setup has started, and nothing else. */
export default async function tearDown(): Promise<void> {
  await (globalThis as { tasukiTestServer?: () => Promise<void> }).tasukiTestServer?.();
}
