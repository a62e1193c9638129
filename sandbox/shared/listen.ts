// Opens and closes a rehearsal server. Only ever on loopback: nothing outside this machine can reach it.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Listening = { readonly server: Server; readonly port: number; close(): Promise<void> };

export const listen = async (listener: RequestListener, port = 0): Promise<Listening> => {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
