// A call that never comes back is given up after three seconds here, not after the minute that it gets in earnest. Imported before
// anything that loads the connectors.
import { jest } from '@jest/globals';

jest.mock('../../../src/connectors/xero/limits', () => ({
  ...(jest.requireActual('../../../src/connectors/xero/limits') as object),
  CALL_TIMEOUT_MS: 3_000,
}));
jest.mock('../../../src/connectors/quickbooks/limits', () => ({
  ...(jest.requireActual('../../../src/connectors/quickbooks/limits') as object),
  CALL_TIMEOUT_MS: 3_000,
}));
