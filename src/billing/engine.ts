// Puts the billing engine together. Everything else in this folder is reached through what this returns.
import type { Query } from '../store/port';
import { createBusinesses } from './businesses';
import { createChanges } from './changes';
import { createCommands, findEffect } from './commands';
import { createCreditNotes } from './credit-notes';
import { createCustomers } from './customers';
import { activity } from './documents';
import { createInvoices } from './invoices';
import { pageOf } from './paging';
import { createPayments } from './payments';
import { createRefunds } from './refunds';
import { createReports } from './reports';
import type { ActivityService, Billing, BillingDependencies, PageRequest } from './service';
import { loadDocument } from './unit-of-work';

export const createBilling = (dependencies: BillingDependencies): Billing => {
  const commands = createCommands(dependencies);
  return {
    businesses: createBusinesses(dependencies),
    customers: createCustomers(dependencies, commands),
    invoices: createInvoices(dependencies, commands),
    creditNotes: createCreditNotes(dependencies, commands),
    payments: createPayments(dependencies, commands),
    refunds: createRefunds(dependencies, commands),
    allocations: {
      get: (tenantId, id) => loadDocument(dependencies.store.forTenant(tenantId), 'allocation', id),
    },
    reports: createReports(dependencies),
    activity: activityLog(dependencies),
    changes: createChanges(dependencies),
    effectOf: (tenantId, key) => findEffect(dependencies.store, tenantId, key),
  };
};

const activityLog = ({ store }: BillingDependencies): ActivityService => {
  const newestFirst = (index: string, page: PageRequest = {}): Query => ({
    order: { index, direction: 'descending' },
    ...pageOf(page),
  });
  return {
    all: (tenantId, page) => store.forTenant(tenantId).find(activity, newestFirst('at', page)),
    of: (tenantId, subjectId, page) =>
      store.forTenant(tenantId).find(activity, { where: { subjectId }, ...newestFirst('subject', page) }),
  };
};
