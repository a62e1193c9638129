// How a certificate and its rows look in the API. Amounts leave as decimal strings; what is absent is null.
import { z } from 'zod';
import { type CurrencyCode, formatMinor } from '../../../core/money';
import type { AskedCertificate } from '../../../sync/certificate/asked';
import { CAUSES } from '../../../sync/certificate/causes';
import { type CertificateView, VERDICTS } from '../../../sync/certificate/certificate';
import type { Part, TallyRow } from '../../../sync/certificate/tally';
import { RECORD_KINDS } from '../../../sync/records';
import { Amount } from '../amounts';

const instant = z.iso.datetime();
const count = z.int();

export const CertificateShape = z
  .object({
    id: z.string(),
    madeAt: instant,
    occasion: z.enum(['nightly', 'person']),
    madeBy: z.string().nullable(),
    verdict: z.enum(VERDICTS).meta({
      description:
        '`equal`: both books agree to the cent. `explained`: every difference has a named cause. `unexplained`: something is left over',
    }),
    before: z.enum(VERDICTS).nullable().meta({ description: 'The verdict of the certificate before it' }),
    isNews: z.boolean().meta({ description: 'Verdict, or what is unexplained, is another than the time before' }),
    documents: count,
    customers: count,
    explained: count.meta({ description: 'Records behind the named causes' }),
    unexplained: count,
    unequalAtRest: count.meta({ description: 'Pairs unchanged on both sides and yet not equal' }),
    unexplainedSums: z.array(z.object({ currency: z.string(), amount: Amount })),
    hash: z.string().meta({ description: 'SHA-256 of the rows: the same books give the same' }),
    rowCount: count,
    calls: count.meta({ description: 'Calls to the ledger that it cost' }),
  })
  .meta({ id: 'Certificate' });

export const AskedCertificateShape = z
  .object({
    state: z.enum(['waiting', 'running', 'failed']).meta({
      description: '`waiting`: for its turn or the next try. `failed`: ask again once the reason is gone',
    }),
    askedAt: instant,
    askedBy: z.string(),
    read: z.array(z.object({ kind: z.enum(RECORD_KINDS), count })).meta({ description: 'Read of the ledger so far' }),
    because: z.string().nullable().meta({ description: 'Why the last try came to nothing' }),
  })
  .meta({ id: 'AskedCertificate' });

export const showAskedCertificate = ({
  state,
  askedAt,
  askedBy,
  read,
  because,
}: AskedCertificate): z.input<typeof AskedCertificateShape> => ({
  ...{ state, askedAt, askedBy },
  read: [...read],
  because: because ?? null,
});

export const showCertificate = ({
  ourBug,
  unexplainedSums,
  madeBy,
  before,
  ...rest
}: CertificateView): z.input<typeof CertificateShape> => ({
  ...rest,
  madeBy: madeBy ?? null,
  before: before ?? null,
  unequalAtRest: ourBug,
  unexplainedSums: unexplainedSums.map(({ currency, minor }) => ({ currency, amount: formatMinor(minor, currency) })),
});

const side = z.object({ count, sum: Amount.nullable() });
const part = {
  count,
  sum: Amount.nullable(),
  examples: z.array(z.object({ name: z.string(), localId: z.string().nullable(), externalId: z.string().nullable() })),
};
export const CertificateRowShape = z
  .object({
    month: z.string().nullable().meta({ description: 'YYYY-MM of the document; null for contacts' }),
    kind: z.enum([...RECORD_KINDS, 'openInvoice']),
    currency: z.string().nullable(),
    local: side,
    external: side,
    difference: Amount.nullable(),
    causes: z.array(z.object({ cause: z.enum(CAUSES), ...part })),
    unexplained: z.object(part),
    unequalAtRest: z.object(part),
  })
  .meta({ id: 'CertificateRow' });

export const showCertificateRow = (row: TallyRow): z.input<typeof CertificateRowShape> => {
  const { month, kind, currency, local, external, differenceMinor, causes, unexplained, ourBug } = row;
  const sideOf = ({ count, sumMinor }: TallyRow['local']) => ({ count, sum: amountIn(sumMinor, currency) });
  const partOf = ({ count, sumMinor, examples }: Part) => ({
    count,
    sum: amountIn(sumMinor, currency),
    examples: examples.map(({ name, localId = null, externalId = null }) => ({ name, localId, externalId })),
  });
  return {
    month: month === '' ? null : month,
    kind,
    currency: currency ?? null,
    local: sideOf(local),
    external: sideOf(external),
    difference: amountIn(differenceMinor, currency),
    causes: causes.map(({ cause, ...rest }) => ({ cause, ...partOf(rest) })),
    unexplained: partOf(unexplained),
    unequalAtRest: partOf(ourBug),
  };
};

const amountIn = (minor: number, currency: CurrencyCode | undefined): string | null =>
  currency === undefined ? null : formatMinor(minor, currency);
