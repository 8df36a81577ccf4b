import { type Member, type Network, openNetwork } from './network.ts';
import { type RunningServer, type ServerOptions, startServer } from './server.ts';

/** A server with a cooperating hospital, a clinic in its network for every service, and a hospital with nobody. */
export interface World {
  readonly server: RunningServer;
  readonly network: Network;
  readonly hospital: Member;
  readonly clinic: Member;
  readonly stranger: Member;
  /** Stops the server. */
  close(): Promise<void>;
}

export async function openWorld(options: ServerOptions = {}): Promise<World> {
  const server = await startServer(options);
  try {
    const network = await openNetwork(server);
    const hospital = await network.enrol('cooperating-hospital', 'みなと総合病院');
    const clinic = await network.enrol('medical', 'さくら診療所');
    const stranger = await network.enrol('cooperating-hospital', 'あおば病院');
    await network.affiliate(hospital, clinic);
    return { server, network, hospital, clinic, stranger, close: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
