// The outbox: a mail is stored first and sent once. Between "handed over" and "taken" nobody knows; a mail lost there is shown to a person
// and never sent again by itself. What may be true no longer (a reminder) leaves only through a caller that looks once more.
import { createHash } from 'node:crypto';
import type { Clock } from '../../core/clock';
import { BridgeError, refused } from '../../core/errors';
import type { IdSource } from '../../core/ids';
import type { Keyring } from '../../core/keyring';
import type { Logger } from '../../core/logger';
import { findAll, type Page, type Session, StaleRevisionError, type Store } from '../../store/port';
import { type Mail, type MailState, mailFiles, mails, SECRET_MARK } from './documents';
import type { MailOutcome, MailPort } from './mail-port';

export type NewMail = Pick<
  Mail,
  | 'key'
  | 'kind'
  | 'customerId'
  | 'items'
  | 'isReminder'
  | 'threadKey'
  | 'fromName'
  | 'replyTo'
  | 'to'
  | 'subject'
  | 'html'
  | 'text'
  | 'unsubscribeUrl'
  | 'sentBy'
> & {
  readonly isRehearsal: boolean;
  /** A token, say: SECRET_MARK in text and HTML becomes it as the mail leaves. */
  readonly secret?: string;
  readonly files: readonly { readonly name: string; readonly type: string; readonly body: Buffer }[];
};

/** Asked right before a reminder leaves. `drop`: what it says is not true any more. `hold`: nobody can tell now. */
export type LastLook = (
  mail: Mail,
) => Promise<
  | { readonly result: 'send' }
  | { readonly result: 'drop'; readonly reason: string }
  | { readonly result: 'hold'; readonly reason: string }
>;

export type MailOutbox = {
  /** In the caller's transaction, with whatever makes this mail the only one. Throws DuplicateKeyError where the key is taken. */
  store(session: Session, mail: NewMail): Promise<Mail>;
  /** Sends what is due. Without `lastLook` reminders stay where they are. */
  sendWaiting(tenantId: string, lastLook?: LastLook): Promise<readonly Mail[]>;
  /** Sends this one now if it waits; answers it as it then is. */
  sendNow(tenantId: string, id: string): Promise<Mail>;
  /** A person decided that a mail which did not arrive, or may not have, goes out (again) with the same Message-ID. */
  sendAgain(tenantId: string, id: string): Promise<Mail>;
  /** What it says is not wanted any more. A mail that left, or may have, stays as it is. */
  drop(tenantId: string, id: string, reason: string): Promise<Mail>;
  /** Newest first. */
  list(
    tenantId: string,
    query?: {
      readonly customerId?: string;
      readonly state?: MailState;
      readonly limit?: number;
      readonly after?: string;
    },
  ): Promise<Page<Mail>>;
  get(tenantId: string, id: string): Promise<Mail>;
  byKey(tenantId: string, key: string): Promise<Mail | undefined>;
  file(tenantId: string, mailId: string, index: number): Promise<{ name: string; type: string; body: Buffer }>;
};

export type OutboxParts = {
  readonly store: Store;
  readonly mail: MailPort;
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly logger: Logger;
  /** Without one no mail can carry a secret. */
  readonly keyring?: Keyring;
};

/** Longer than any attempt can take by the connector's timeouts. */
const LOST_AFTER_MS = 15 * 60_000;
const MINUTE_MS = 60_000;
/** 5 min, 15 min, 45 min … at most 6 h apart, until it has been tried for three days. */
const GIVE_UP_AFTER_MS = 72 * 60 * MINUTE_MS;
const waitMs = (attempts: number): number => Math.min(5 * 3 ** (attempts - 1), 360) * MINUTE_MS;
const THREAD_LENGTH = 12;

export const createMailOutbox = (parts: OutboxParts): MailOutbox => {
  const { store, mail: port, clock, ids, logger, keyring } = parts;
  const at = (plusMs = 0): string => new Date(clock.now().getTime() + plusMs).toISOString();

  const get = async (tenantId: string, id: string): Promise<Mail> => {
    const mail = await store.forTenant(tenantId).get(mails, id);
    if (mail === undefined) throw new BridgeError('BB_NOT_FOUND', { kind: 'mail', id });
    return mail;
  };

  /** Undefined: somebody else moved it meanwhile. */
  const move = async (mail: Mail, change: Partial<Mail>): Promise<Mail | undefined> => {
    try {
      return await store.forTenant(mail.tenantId).update(mails, { ...mail, ...change });
    } catch (error) {
      if (error instanceof StaleRevisionError) return undefined;
      throw error;
    }
  };

  const filesOf = (mail: Mail) => Promise.all(mail.files.map((_, index) => file(mail.tenantId, mail.id, index)));

  const attempt = async (waiting: Mail): Promise<Mail | undefined> => {
    const attachments = await filesOf(waiting);
    const attempts = waiting.attempts + 1;
    const sending = await move(waiting, { state: 'sending', attempts, dueAt: at(LOST_AFTER_MS), reason: null });
    if (sending === undefined) return undefined;
    const words = wordsOf(sending, keyring);
    const outcome: MailOutcome =
      words === undefined ? SECRET_LOST : await port.send({ ...sending, ...words, attachments, date: at() });
    const change = changeBy(outcome, sending, clock.now());
    if (outcome.result === 'refused' || outcome.result === 'unknown') {
      logger.warn('mail did not go out for sure', {
        mail: sending.id,
        outcome: outcome.result,
        reason: outcome.reason,
      });
    }
    // An answer that came after the attempt was written off is still the better knowledge.
    return (await move(sending, change)) ?? (await move(await get(sending.tenantId, sending.id), change));
  };

  const file: MailOutbox['file'] = async (tenantId, mailId, index) => {
    const entry = (await get(tenantId, mailId)).files[index];
    const stored = entry === undefined ? undefined : await store.forTenant(tenantId).get(mailFiles, entry.id);
    if (entry === undefined || stored === undefined) {
      throw new BridgeError('BB_NOT_FOUND', { kind: 'attachment', id: `${mailId}/${index}` });
    }
    return { name: entry.name, type: entry.type, body: Buffer.from(stored.base64, 'base64') };
  };

  const writeOffLost = async (tenantId: string): Promise<void> => {
    const lost = { where: { state: 'sending', dueAt: { lte: at() } } };
    for await (const mail of findAll(store.forTenant(tenantId), mails, lost)) {
      const reason = 'The program stopped while this mail was being handed over: it may have gone out, or not.';
      await move(mail, { state: 'unknown', reason, dueAt: at() });
    }
  };

  return {
    async store(session, { isRehearsal, files, secret, ...fields }) {
      const id = ids('mail');
      if (secret !== undefined && keyring === undefined) throw new Error('this outbox cannot keep a secret');
      const thread = {
        where: { threadKey: fields.threadKey },
        order: { index: 'thread', direction: 'descending' },
      } as const;
      const earlier = (await session.find(mails, { ...thread, limit: THREAD_LENGTH })).items;
      return session.insert(mails, {
        ...fields,
        id,
        sealedSecret: secret === undefined ? null : (keyring?.seal(secret, id) ?? null),
        state: isRehearsal ? 'rehearsal' : 'waiting',
        dueAt: at(),
        attempts: 0,
        reason: null,
        isAddressRefused: false,
        messageId: messageIdOf(fields.key, fields.customerId ?? '', port.domain),
        references: earlier
          .filter(({ state }) => state === 'sent' || state === 'unknown')
          .map(({ messageId }) => messageId)
          .reverse(),
        files: await keepFiles(session, files),
        createdAt: at(),
        sentAt: null,
      });
    },

    async sendWaiting(tenantId, lastLook) {
      await writeOffLost(tenantId);
      const moved: Mail[] = [];
      const due = { where: { state: 'waiting', dueAt: { lte: at() } } };
      for await (const mail of findAll(store.forTenant(tenantId), mails, due)) {
        if (mail.isReminder && lastLook === undefined) continue;
        const seen = mail.isReminder && lastLook !== undefined ? await lastLook(mail) : ({ result: 'send' } as const);
        const after =
          seen.result === 'send'
            ? await attempt(mail)
            : seen.result === 'drop'
              ? await move(mail, { state: 'dropped', reason: seen.reason, dueAt: at() })
              : await move(mail, { reason: seen.reason });
        if (after !== undefined) moved.push(after);
      }
      return moved;
    },

    async sendNow(tenantId, id) {
      const mail = await get(tenantId, id);
      return (mail.state === 'waiting' ? await attempt(mail) : undefined) ?? get(tenantId, id);
    },

    async sendAgain(tenantId, id) {
      const mail = await get(tenantId, id);
      if (mail.state !== 'unknown' && mail.state !== 'refused' && mail.state !== 'kept') {
        throw refused(
          'This mail is not one that can be sent again.',
          'Look at the list: it may have gone out meanwhile.',
        );
      }
      const waiting = await move(mail, { state: 'waiting', dueAt: at(), isAddressRefused: false, reason: null });
      return (waiting === undefined ? undefined : await attempt(waiting)) ?? get(tenantId, id);
    },

    async drop(tenantId, id, reason) {
      const mail = await get(tenantId, id);
      if (mail.state !== 'waiting' && mail.state !== 'kept' && mail.state !== 'refused') return mail;
      return (await move(mail, { state: 'dropped', reason, dueAt: at(), sealedSecret: null })) ?? get(tenantId, id);
    },

    list: (tenantId, { customerId, state, ...page } = {}) => {
      const index = customerId === undefined ? (state === undefined ? 'createdAt' : 'state') : 'customer';
      const where = { ...(customerId === undefined ? {} : { customerId }), ...(state === undefined ? {} : { state }) };
      return store.forTenant(tenantId).find(mails, { where, order: { index, direction: 'descending' }, ...page });
    },
    get,
    byKey: async (tenantId, key) =>
      (await store.forTenant(tenantId).find(mails, { where: { key }, limit: 1 })).items.at(0),
    file,
  };
};

/** As the reader gets them; undefined where the secret can no longer be read. */
const wordsOf = (
  { id, html, text, sealedSecret }: Mail,
  keyring: Keyring | undefined,
): { readonly html: string; readonly text: string } | undefined => {
  if (sealedSecret === undefined || sealedSecret === null) return { html, text };
  try {
    const secret = keyring?.open(sealedSecret, id) ?? '';
    return secret === ''
      ? undefined
      : { html: html.replaceAll(SECRET_MARK, secret), text: text.replaceAll(SECRET_MARK, secret) };
  } catch {
    return undefined; // the key is gone from the ring: the caller says so on the mail
  }
};

const SECRET_LOST: MailOutcome = {
  result: 'refused',
  about: 'message',
  reason: 'The link in this mail can no longer be read. Make a new one and send that.',
};

const messageIdOf = (key: string, customerId: string, domain: string): string =>
  `${createHash('sha256').update(`${customerId}\n${key}`).digest('hex').slice(0, 40)}@${domain}`;

const keepFiles = async (session: Session, files: NewMail['files']): Promise<Mail['files']> => {
  const kept: Mail['files'] = [];
  for (const { name, type, body } of files) {
    const id = `fil_${createHash('sha256').update(body).digest('hex')}`;
    if ((await session.get(mailFiles, id)) === undefined) {
      await session.insert(mailFiles, { id, base64: body.toString('base64') });
    }
    kept.push({ id, name, type });
  }
  return kept;
};

const changeBy = (outcome: MailOutcome, mail: Mail, now: Date): Partial<Mail> => {
  const dueAt = now.toISOString();
  switch (outcome.result) {
    case 'sent':
      return { state: 'sent', sentAt: dueAt, dueAt, reason: null, sealedSecret: null };
    case 'kept':
      return { state: 'kept', dueAt, reason: 'This server has no outgoing mail: nothing left the house.' };
    case 'refused':
      return { state: 'refused', dueAt, reason: outcome.reason, isAddressRefused: outcome.about === 'address' };
    case 'unknown':
      return { state: 'unknown', dueAt, reason: outcome.reason };
    case 'later': {
      const isTooOld = now.getTime() - new Date(mail.createdAt).getTime() > GIVE_UP_AFTER_MS;
      if (isTooOld) return { state: 'refused', dueAt, reason: `Tried for three days. ${outcome.reason}` };
      const next = new Date(now.getTime() + waitMs(mail.attempts)).toISOString();
      return { state: 'waiting', dueAt: next, reason: outcome.reason };
    }
  }
};
