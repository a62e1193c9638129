// What a route is given: the account it works on, its parameters, and the id in its path where there is one.
import type { Merchant } from '../books/merchant';
import type { Params } from './params';

export type Call = { readonly merchant: Merchant; readonly params: Params; readonly id: string; readonly path: string };
