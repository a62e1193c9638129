// GET /v1/account: who the key, or the Stripe-Account header, stands for.
import type { Merchant } from '../books/merchant';

export const accountAnswer = (merchant: Merchant) => ({
  id: merchant.id,
  object: 'account',
  business_profile: {
    mcc: null,
    minority_owned_business_designation: null,
    name: merchant.name,
    specified_commercial_transactions_act_url: null,
    support_address: null,
    support_email: null,
    support_phone: null,
    support_url: null,
    url: null,
  },
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
  settings: {
    branding: { icon: null, logo: null, primary_color: null, secondary_color: null },
    card_payments: {
      decline_on: { avs_failure: false, cvc_failure: true },
      statement_descriptor_prefix: null,
      statement_descriptor_prefix_kana: null,
      statement_descriptor_prefix_kanji: null,
    },
    dashboard: { display_name: merchant.name, timezone: 'Etc/UTC' },
    payments: { statement_descriptor: null, statement_descriptor_kana: null, statement_descriptor_kanji: null },
  },
  type: 'standard',
});
