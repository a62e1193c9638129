// The SMTP side: takes any mail from anybody on this machine, with or without a password, unless a fault says otherwise.
import type { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import { type FaultSwitch, faultNumber } from '../shared/faults';
import type { FaultName } from './faults';
import type { Envelope } from './mails';

export type SmtpParts = {
  readonly faults: FaultSwitch;
  readonly keep: (raw: Buffer, envelope: Envelope, willBounce: boolean) => Promise<void>;
  readonly onCommand: (line: string) => void;
  /** Where given, AUTH must carry these. */
  readonly login?: { readonly user: string; readonly password: string };
};

const MOST_BYTES = 25 * 1024 * 1024;

export const createSmtp = ({ faults, keep, onCommand, login }: SmtpParts): SMTPServer => {
  const cutter = createCutter();
  const take = (name: FaultName, line: string) => faults.take(name, line);

  const receive = async (stream: SMTPServerDataStream, session: SMTPServerSession): Promise<Error | undefined> => {
    const raw = await readAll(stream);
    const envelope = envelopeOf(session);
    const line = `DATA ${envelope.to.join(' ')}`;
    onCommand(line);
    if (stream.sizeExceeded) return refusal(552, 'The mail is larger than 25 MB');
    const slow = take('slow', line);
    if (slow) await wait(faultNumber(slow, 'ms', 1000));
    if (take('mailDeferred', line)) return refusal(451, '4.3.0 Try again later');
    if (take('mailRefused', line)) return refusal(554, '5.7.1 The mail was refused');
    await keep(raw, envelope, take('bounce', line) !== undefined);
    if (take('dropAfterData', line)) cutter.cut(session);
    return undefined;
  };

  const server = new SMTPServer({
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    hideSTARTTLS: true,
    size: MOST_BYTES,
    logger: false,
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) => {
      const known = login === undefined || (username === login.user && password === login.password);
      if (known) done(null, { user: username ?? 'anybody' });
      else done(refusal(535, '5.7.8 Wrong user or password'));
    },
    onRcptTo: ({ address }, session, done) => {
      const line = `RCPT ${address}`;
      onCommand(line);
      if (take('dropBeforeData', line)) cutter.cut(session);
      else if (take('recipientRefused', line)) done(refusal(550, `5.1.1 There is no mailbox ${address}`));
      else if (take('recipientDeferred', line)) done(refusal(451, '4.2.1 The mailbox is busy, try again later'));
      else done();
    },
    onData: (stream, session, done) => {
      receive(stream, session).then(
        (refused) => done(refused),
        (problem: unknown) => done(refusal(451, `The mail could not be kept: ${String(problem)}`)),
      );
    },
  });
  cutter.watch(server);
  return server;
};

const readAll = async (stream: SMTPServerDataStream): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

const envelopeOf = ({ envelope }: SMTPServerSession): Envelope => ({
  from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
  to: envelope.rcptTo.map(({ address }) => address),
});

const refusal = (responseCode: number, message: string): Error => Object.assign(new Error(message), { responseCode });

/** Cuts a session off as when a cable is pulled: no answer, no goodbye. */
const createCutter = (): { watch(server: SMTPServer): void; cut(session: SMTPServerSession): void } => {
  const sockets = new Map<number | undefined, Socket>();
  return {
    watch: ({ server }) => {
      server.on('connection', (socket: Socket) => {
        const { remotePort } = socket;
        sockets.set(remotePort, socket);
        socket.once('close', () => sockets.delete(remotePort));
      });
    },
    cut: ({ remotePort }) => void sockets.get(remotePort)?.destroy(),
  };
};
