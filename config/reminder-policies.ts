// Reminder policies as data: on which day which letter goes out, and when chasing ends. How days are counted and when a letter may leave
// is in src/billing/dunning. The numbers are those of reminder practice; change them here, nowhere else.

export type ReminderStep = {
  /** Stored with every reminder: never rename one. */
  readonly key: 'invoice' | 'upcoming' | 'dueToday' | 'friendly' | 'clear' | 'firm' | 'final';
  readonly anchor: 'issueDate' | 'dueDate';
  /** Days after the anchor; negative: before. */
  readonly day: number;
};

export type ReminderPolicy = {
  readonly name: string;
  /** In the order of days. */
  readonly steps: readonly ReminderStep[];
  /** The invoice goes out by itself only this long after its date: what was issued before reminders were on stays with who sent it. */
  readonly invoiceWithinDays: number;
  /** From this many days late on nothing goes out by itself: a person decides. */
  readonly endsAfterDays: number;
  readonly mostMessages: number;
  /** At most `count` messages to one customer in any `days` days in a row. */
  readonly caps: readonly { readonly count: number; readonly days: number }[];
  /** Less than this, in units of the currency (in hundreds of those without decimals), is not chased alone. */
  readonly leastUnits: number;
  /** Letters leave between these times of the customer's day; the start is spread over some minutes. */
  readonly window: { readonly fromHour: number; readonly spreadMinutes: number; readonly untilHour: number };
};

export const friendlyPolicy: ReminderPolicy = {
  name: 'Friendly',
  steps: [
    { key: 'invoice', anchor: 'issueDate', day: 0 },
    { key: 'upcoming', anchor: 'dueDate', day: -3 },
    { key: 'dueToday', anchor: 'dueDate', day: 0 },
    { key: 'friendly', anchor: 'dueDate', day: 3 },
    { key: 'clear', anchor: 'dueDate', day: 7 },
    { key: 'firm', anchor: 'dueDate', day: 14 },
    { key: 'final', anchor: 'dueDate', day: 30 },
  ],
  invoiceWithinDays: 5,
  endsAfterDays: 37,
  mostMessages: 7,
  caps: [
    { count: 1, days: 3 },
    { count: 2, days: 7 },
  ],
  leastUnits: 10,
  window: { fromHour: 9, spreadMinutes: 40, untilHour: 17 },
};
