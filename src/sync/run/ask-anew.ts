// Open questions under new rules: where a person changed who wins, every open conflict is looked at once more by a run that knows the new
// rules. The flag is cleared only after all of them are marked; a crash in between marks them twice.
import { amendConnection } from '../connection/connection-documents';
import type { DirtyKey } from '../feeds/dirty-set';
import { isFieldQuestion } from '../policy/past-decisions';
import type { Bridge } from './bridge';
import { dirtyKeyOf } from './rows';

export const askAnew = async (bridge: Bridge): Promise<number> => {
  const { policy } = bridge.connection;
  if (policy?.asksAnew !== true) return 0;
  const open: DirtyKey[] = [];
  for await (const link of bridge.links.inState('conflict')) {
    if (isFieldQuestion(link.problem?.code ?? '')) open.push(dirtyKeyOf(link));
  }
  await bridge.dirty.add(open);
  await amendConnection(bridge.store, bridge, (now) =>
    now.policy?.version === policy.version ? { ...now, policy: { ...now.policy, asksAnew: false } } : now,
  );
  return open.length;
};

/** Whoever began under rules that have been changed since may have put questions that these rules do not ask. */
export const noteRulesMoved = async (bridge: Bridge): Promise<void> => {
  const began = bridge.connection.policy?.version;
  await amendConnection(bridge.store, bridge, (now) =>
    now.policy === undefined || now.policy.version === began || now.policy.asksAnew
      ? now
      : { ...now, policy: { ...now.policy, asksAnew: true } },
  );
};
