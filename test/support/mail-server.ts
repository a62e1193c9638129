// A real mail server on loopback for tests: keeps what it takes, and breaks off or refuses where it is told to.
import type { AddressInfo, Socket } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

export type Fault =
  | 'none'
  | 'busyRecipient'
  | 'noSuchRecipient'
  | 'dropAfterMessage'
  | 'dropBeforeMessage'
  | 'refuseMessage';
export type MailServer = {
  readonly url: string;
  readonly taken: {
    readonly parsed: ParsedMail;
    readonly raw: string;
    readonly from: string;
    readonly to: readonly string[];
  }[];
  fault: Fault;
  /** Runs when a mail begins to arrive, before it is answered. */
  onMail: () => Promise<void>;
  close(): Promise<void>;
};

const failure = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

export const startMailServer = async (): Promise<MailServer> => {
  const taken: MailServer['taken'] = [];
  const state: { fault: Fault; onMail: () => Promise<void> } = { fault: 'none', onMail: async () => undefined };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    logger: false,
    disableReverseLookup: true,
    onMailFrom: (_address, session, done) => {
      if (state.fault === 'dropBeforeMessage') drop(session.id);
      else done();
    },
    onRcptTo: (_address, _session, done) => {
      if (state.fault === 'busyRecipient') done(failure(451, '4.7.1 Greylisted, try again later'));
      else if (state.fault === 'noSuchRecipient') done(failure(550, '5.1.1 No such user here'));
      else done();
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const raw = Buffer.concat(chunks);
        const { mailFrom, rcptTo } = session.envelope;
        void simpleParser(raw).then(async (parsed) => {
          await state.onMail();
          if (state.fault === 'refuseMessage') return done(failure(554, '5.7.1 Looks like spam'));
          taken.push({
            parsed,
            raw: raw.toString('utf8'),
            from: mailFrom === false ? '' : mailFrom.address,
            to: rcptTo.map(({ address }) => address),
          });
          if (state.fault === 'dropAfterMessage') return drop(session.id);
          return done();
        });
      });
    },
  });
  const drop = (id: string): void => {
    connections(server)
      .find(({ session }) => session.id === id)
      ?._socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return Object.assign(state, {
    url: `smtp://127.0.0.1:${port}`,
    taken,
    close: () =>
      new Promise<void>((resolve) => {
        for (const { _socket } of connections(server)) _socket.destroy();
        server.close(() => resolve());
      }),
  });
};

/** smtp-server keeps its connections in a set that its types do not show. */
type Connection = { readonly session: { readonly id: string }; readonly _socket: Socket };
const connections = (server: SMTPServer): readonly Connection[] => [
  ...(server as unknown as { readonly connections: Iterable<Connection> }).connections,
];
