// GET /v1/account: who the key, or the Stripe-Account header, stands for.
import type { Merchant } from '../books/merchant';

export const accountAnswer = (merchant: Merchant) => ({
  id: merchant.id,
  object: 'account',
  business_profile: { name: merchant.name, support_email: null, support_phone: null, support_url: null, url: null },
  business_type: 'company',
  capabilities: { card_payments: 'active', transfers: 'active' },
  charges_enabled: true,
  controller: { type: 'account' },
  country: merchant.country,
  default_currency: merchant.currency,
  details_submitted: true,
  email: 'owner@example.com',
  metadata: {},
  payouts_enabled: true,
  settings: { dashboard: { display_name: merchant.name, timezone: 'Etc/UTC' } },
  type: 'standard',
});
