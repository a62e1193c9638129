// The refusals of the service by code, in its own words where they are documented or observed. Thrown by the books, turned into
// a Fault by the wire.

export type FaultType = 'ValidationFault' | 'SystemFault' | 'AuthenticationFault' | 'AuthorizatonFault';
export type FaultError = {
  readonly Message: string;
  readonly Detail: string;
  readonly code: string;
  readonly element?: string;
};

export class Refusal extends Error {
  constructor(
    readonly error: FaultError,
    readonly status = 400,
    readonly type: FaultType = 'ValidationFault',
  ) {
    super(`${error.code} ${error.Detail}`);
    this.name = 'Refusal';
  }
}

const refusal = (code: string, Message: string, detail: string, element = ''): Refusal =>
  new Refusal({ Message, Detail: detail, code, element });

export const unsupported = (what: string): Refusal =>
  refusal('500', 'Unsupported Operation', `Operation ${what} is not supported.`);

export const notFound = (what: string): Refusal =>
  refusal(
    '610',
    'Object Not Found',
    `Object Not Found : Something you're trying to use has been made inactive. Check the fields with accounts, customers, items, vendors or employees. (${what})`,
  );

export const badProperty = (name: string): Refusal =>
  refusal(
    '2010',
    'Request has invalid or unsupported property',
    `Property Name:${name} specified is unsupported or invalid`,
    name,
  );

export const missing = (name: string): Refusal =>
  refusal(
    '2020',
    'Required param missing, need to supply the required value for the API',
    `Required parameter ${name} is missing in the request`,
    name,
  );

export const badLength = (name: string, min: number, max: number, supplied: number): Refusal =>
  refusal(
    '2050',
    'Invalid String. The string is either too short or too long',
    `String length specified does not match the supported length. Min:${min} Max:${max} supported. Supplied length:${supplied}`,
    name,
  );

export const badEnum = (name: string, allowed: string): Refusal =>
  refusal('2170', 'Invalid Enumeration', `Property ${name} must be one of ${allowed}`, name);

export const badNumber = (name: string, value: string): Refusal =>
  refusal('2030', 'Invalid ID', `Id should be a valid number. Supplied value:${value}`, name);

export const badReference = (element: string, id: string): Refusal =>
  refusal('2500', 'Invalid Reference Id', `Invalid Reference Id : ${element} element id ${id} not found`, element);

export const queryNotParsed = (detail: string): Refusal =>
  refusal('4000', 'Error parsing query', `QueryParserError: ${detail}`);

export const queryNotValid = (detail: string): Refusal =>
  refusal('4001', 'Invalid query', `QueryValidationError: ${detail}`);

export const stale = (): Refusal =>
  refusal(
    '5010',
    'Stale Object Error',
    'Stale Object Error : You and root were working on this at the same time. root finished before you did, so your work was not saved.',
  );

export const businessRule = (detail: string, element = ''): Refusal =>
  refusal(
    '6000',
    'A business validation error has occurred while processing your request',
    `Business Validation Error: ${detail}`,
    element,
  );

export const amountMismatch = (supplied: string): Refusal =>
  refusal(
    '6070',
    'Amount calculation incorrect in the request',
    `Amount calculation incorrect in the request : Amount is not equal to UnitPrice * Qty. Supplied value:${supplied}`,
  );

export const duplicateNumber = (number: string, type: string, id: string): Refusal =>
  refusal(
    '6140',
    'Duplicate Document Number Error',
    `Duplicate Document Number Error : You must specify a different number. This number has already been used. DocNumber=${number} is assigned to TxnType=${type} with TxnId=${id}`,
  );

export const duplicateName = (id: string): Refusal =>
  refusal(
    '6240',
    'Duplicate Name Exists Error',
    `The name supplied already exists. : Another customer, vendor or employee is already using this name. Please use a different name. Id=${id}`,
  );

export const badName = (): Refusal =>
  refusal(
    '6240',
    'Duplicate Name Exists Error',
    'The name supplied contains an invalid character. : A name cannot contain a colon, a tab or a new line.',
  );

export const periodClosed = (): Refusal =>
  refusal(
    '6210',
    'Account Period Closed, Cannot Update Through Services API',
    'The account period has closed and the account books cannot be updated through through the QBO Services API. Please use the QBO website to make these changes.',
  );

export const subscriptionEnded = (): Refusal =>
  refusal(
    '6190',
    'Invalid Company Status',
    "Subscription period has ended or canceled or there was a billing problem : You can't add data to QuickBooks Online because your trial or subscription period ended, you canceled your subscription, or there was a billing problem.",
  );

export const deposited = (): Refusal =>
  refusal(
    '6540',
    'Deposited Transaction cannot be changed',
    'Deposited Transaction cannot be changed : If you want to change the amount, you must first delete the associated deposit.',
  );

export const listHasBalance = (): Refusal =>
  refusal(
    '6520',
    'Delete List Has Balance Error',
    'Delete List Has Balance Error : You cannot make a name inactive while it has an open balance.',
  );

export const tooManyBatchItems = (count: number): Refusal =>
  refusal('1040', 'Batch size exceeded', `A batch may hold at most 30 items. Supplied items:${count}`);
