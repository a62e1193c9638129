// What a company is: country, currencies, tax scheme, the preferences that change how writes behave. A company is described by
// the caller; nothing here is read from a request.

/** `automated`: US automated sales tax. `codes`: tax codes per line, as everywhere outside the US. `off`: no sales tax at all. */
export type TaxScheme = 'automated' | 'codes' | 'off';

export type TaxCodeOption = {
  readonly name: string;
  readonly description?: string;
  /** Several rates where a code is made of several taxes (GST + PST). */
  readonly rates: readonly { readonly name: string; readonly percent: string }[];
};

export type CompanyOptions = {
  /** Digits, as the real ones. Default: a fixed one per position. */
  readonly realmId?: string;
  readonly name?: string;
  /** ISO 3166 alpha-2; default `US`. */
  readonly country?: string;
  readonly homeCurrency?: string;
  readonly taxScheme?: TaxScheme;
  /** For `codes`; default: the United Kingdom's. */
  readonly taxCodes?: readonly TaxCodeOption[];
  /** For `automated`: percent by state; a state that is not named is not taxed. Default: California 8.25, New York 8.875, Texas 6.25. */
  readonly salesTaxByState?: Readonly<Record<string, string>>;
  /** Home units per foreign unit. Naming any turns multicurrency on. */
  readonly exchangeRates?: Readonly<Record<string, string>>;
  /** True: the sender numbers documents. Default false: the service does. */
  readonly customTxnNumbers?: boolean;
  /** Some companies replace a number that the sender chose although they number themselves. Default false. */
  readonly overridesNumbers?: boolean;
  /** Some companies append ` (deleted)` to the name of a customer that is made inactive. Default false. */
  readonly marksInactiveNames?: boolean;
  readonly allowDiscount?: boolean;
  readonly autoApplyCredit?: boolean;
  readonly autoApplyPayments?: boolean;
  readonly closingDate?: string;
  readonly timeZone?: string;
  readonly state?: string;
  /** The number of the first document that the service numbers. */
  readonly firstDocNumber?: number;
};

export type Company = {
  readonly realmId: string;
  readonly name: string;
  readonly country: string;
  readonly homeCurrency: string;
  readonly taxScheme: TaxScheme;
  readonly taxCodes: readonly TaxCodeOption[];
  readonly salesTaxByState: Readonly<Record<string, string>>;
  readonly exchangeRates: Readonly<Record<string, string>>;
  readonly multicurrency: boolean;
  readonly timeZone: string;
  readonly state: string;
  readonly firstDocNumber: number;
  readonly overridesNumbers: boolean;
  readonly marksInactiveNames: boolean;
  /** What a person may change on the settings page. */
  readonly preferences: Preferences;
};

export type Preferences = {
  customTxnNumbers: boolean;
  allowDiscount: boolean;
  autoApplyCredit: boolean;
  autoApplyPayments: boolean;
  closingDate: string | undefined;
  /** A lapsed company can be read and not written. */
  subscription: 'active' | 'lapsed';
};

const UK_CODES: readonly TaxCodeOption[] = [
  { name: '20.0% S', description: 'Standard rate', rates: [{ name: '20.0% S (Sales)', percent: '20' }] },
  { name: '5.0% R', description: 'Reduced rate', rates: [{ name: '5.0% R (Sales)', percent: '5' }] },
  { name: '0.0% Z', description: 'Zero rate', rates: [{ name: '0.0% Z (Sales)', percent: '0' }] },
  { name: 'Exempt', description: 'Exempt from VAT', rates: [{ name: 'Exempt (Sales)', percent: '0' }] },
  { name: 'No VAT', description: 'Outside the scope of VAT', rates: [] },
];

export const describeCompany = (options: CompanyOptions, realmId: string): Company => {
  const country = options.country ?? 'US';
  const isUS = country === 'US';
  const exchangeRates = options.exchangeRates ?? {};
  return {
    realmId: options.realmId ?? realmId,
    name: options.name ?? (isUS ? 'Rehearsal Company US' : `Rehearsal Company ${country}`),
    country,
    homeCurrency: options.homeCurrency ?? (isUS ? 'USD' : 'GBP'),
    taxScheme: options.taxScheme ?? (isUS ? 'automated' : 'codes'),
    taxCodes: options.taxCodes ?? UK_CODES,
    salesTaxByState: options.salesTaxByState ?? { CA: '8.25', NY: '8.875', TX: '6.25' },
    exchangeRates,
    multicurrency: Object.keys(exchangeRates).length > 0,
    timeZone: options.timeZone ?? (isUS ? 'America/Los_Angeles' : 'Europe/London'),
    state: options.state ?? (isUS ? 'CA' : ''),
    firstDocNumber: options.firstDocNumber ?? 1001,
    overridesNumbers: options.overridesNumbers ?? false,
    marksInactiveNames: options.marksInactiveNames ?? false,
    preferences: {
      customTxnNumbers: options.customTxnNumbers ?? false,
      allowDiscount: options.allowDiscount ?? true,
      autoApplyCredit: options.autoApplyCredit ?? false,
      autoApplyPayments: options.autoApplyPayments ?? false,
      closingDate: options.closingDate,
      subscription: 'active',
    },
  };
};
