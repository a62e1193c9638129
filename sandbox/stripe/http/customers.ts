// Customers as Stripe keeps them: enough to tie payments together.
import type { Customer } from '../books/records';
import { noSuch } from '../books/refusal';
import type { Call } from './call';
import { merged } from './intents';
import type { Params } from './params';

export const createCustomer = ({ merchant, params }: Call): unknown => {
  const given = readCustomer(params);
  const metadata = params.metadata() ?? {};
  params.end();
  const customer: Customer = merchant.customers.put({
    id: merchant.newId('cus'),
    object: 'customer',
    address: null,
    balance: 0,
    created: merchant.nowSeconds(),
    currency: null,
    default_source: null,
    delinquent: false,
    description: null,
    discount: null,
    email: null,
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata,
    name: null,
    phone: null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: 'none',
    ...given,
  });
  merchant.emit('customer.created', customer);
  return customer;
};

export const updateCustomer = ({ merchant, params, id }: Call): unknown => {
  const before = merchant.customers.get(id);
  if (!before) throw noSuch('customer', id, 'customer');
  const given = readCustomer(params);
  const metadata = merged(before.metadata, params.metadata());
  params.end();
  const customer = merchant.customers.change(id, { ...given, metadata });
  merchant.emit('customer.updated', customer);
  return customer;
};

const readCustomer = (params: Params): Partial<Customer> => {
  const [email, name, phone, description] = (['email', 'name', 'phone', 'description'] as const).map(params.text);
  params.ignore('address', 'preferred_locales', 'shipping');
  return {
    ...(email !== undefined && { email }),
    ...(name !== undefined && { name }),
    ...(phone !== undefined && { phone }),
    ...(description !== undefined && { description }),
  };
};
