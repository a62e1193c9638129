// What a ledger's provider grants a connection, for people: how long our sign-in lasts, and what was received this month. Makes no call.
import type { LedgerPort } from '../../sync/ports/ledger-port';
import type { GrantVault } from '../oauth/grant-vault';
import type { TrafficMeter, TrafficRef } from './meter';

type Parts = {
  readonly ref: TrafficRef;
  readonly grantId: string;
  readonly vault: GrantVault;
  readonly meter: TrafficMeter | undefined;
  readonly includedBytes?: number;
};

export const supplyOf = ({
  ref,
  grantId,
  vault,
  meter,
  includedBytes,
}: Parts): Pick<LedgerPort, 'consent' | 'received'> => ({
  consent: async () => {
    const { state, refreshEndsAt } = await vault.health({ tenantId: ref.tenantId, grantId });
    return { isLost: state === 'reconnect', ...(refreshEndsAt === undefined ? {} : { endsAt: refreshEndsAt }) };
  },
  ...(meter === undefined
    ? {}
    : {
        received: async () => ({
          ...(await meter.read(ref)),
          ...(includedBytes === undefined ? {} : { includedBytes }),
        }),
      }),
});
