// A mail as it was received, parsed once. What cannot be parsed is kept raw all the same.
import { randomUUID } from 'node:crypto';
import { type ParsedMail, simpleParser } from 'mailparser';

export type MailAttachment = {
  readonly name: string;
  readonly contentType: string;
  readonly size: number;
  readonly content: Buffer;
};

export type ReceivedMail = {
  readonly id: string;
  readonly receivedAt: string;
  readonly envelopeFrom: string;
  readonly envelopeTo: readonly string[];
  readonly from: string;
  /** Addresses of the To header. */
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string | undefined;
  /** In their order, names in lower case, values unfolded. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly attachments: readonly MailAttachment[];
  readonly raw: Buffer;
};

export type Envelope = { readonly from: string; readonly to: readonly string[] };

export const readMail = async (raw: Buffer, envelope: Envelope, receivedAt: Date): Promise<ReceivedMail> => {
  // Links to the pictures inside a mail are resolved by the parser; nothing is ever fetched.
  const parsed = await simpleParser(raw, { keepDeliveryStatus: true });
  return {
    id: randomUUID(),
    receivedAt: receivedAt.toISOString(),
    envelopeFrom: envelope.from,
    envelopeTo: envelope.to,
    from: parsed.from?.text ?? '',
    to: addresses(parsed.to),
    subject: parsed.subject ?? '',
    text: parsed.text ?? '',
    html: typeof parsed.html === 'string' ? parsed.html : undefined,
    headers: parsed.headerLines.map(({ key, line }) => ({ name: key, value: unfolded(line) })),
    attachments: parsed.attachments.map((attachment) => ({
      name: attachment.filename ?? 'attachment',
      contentType: attachment.contentType,
      size: attachment.size,
      content: attachment.content,
    })),
    raw,
  };
};

export const headerOf = (mail: ReceivedMail, name: string): string | undefined =>
  mail.headers.find((header) => header.name === name.toLowerCase())?.value;

const addresses = (to: ParsedMail['to']): readonly string[] =>
  [to ?? []].flat().flatMap(({ value }) => value.flatMap(({ address }) => address ?? []));

const unfolded = (line: string): string =>
  line
    .slice(line.indexOf(':') + 1)
    .replaceAll(/\r?\n[ \t]+/g, ' ')
    .trim();
