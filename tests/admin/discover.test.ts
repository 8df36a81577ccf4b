import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { discover } from '../../src/admin/oauth.ts';

it.each([
  [503, /does not answer at the moment; .*\/status says why$/],
  [404, /is no server of Tasuki: 404$/],
  [200, /is no server of Tasuki: 200$/],
])('a server that answers %i', async (status, says) => {
  const server = createServer((_request, response) => response.writeHead(status).end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await expect(discover(`http://127.0.0.1:${port}`)).rejects.toMatchObject({
    status,
    message: expect.stringMatching(says),
  });
  await new Promise((resolve) => server.close(resolve));
});
