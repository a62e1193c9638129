import { createInProcessBudget } from '../../../src/connectors/rate-budget/in-process';
import type { RateBudget } from '../../../src/connectors/rate-budget/port';
import { describeRateBudget } from '../../contract/rate-budget/rate-budget-contract';

describeRateBudget('in process', async () => {
  let budget: RateBudget | undefined;
  return {
    open: (clock) => {
      budget ??= createInProcessBudget({ clock });
      return budget;
    },
    end: async () => undefined,
  };
});
