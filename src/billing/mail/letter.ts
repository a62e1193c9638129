// What a letter to a customer says, before it has a layout: facts in words of the reader's locale. Types only; dunning/compose-letter.ts
// fills it, connectors/mail renders it with the templates of config/templates.

export const LETTER_KINDS = [
  'invoice',
  'upcoming',
  'dueToday',
  'friendly',
  'clear',
  'firm',
  'final',
  'receipt',
] as const;
export type LetterKind = (typeof LETTER_KINDS)[number];

export type LetterItem = {
  readonly number: string;
  /** What is still open of it. */
  readonly amount: string;
  readonly dueDate: string;
  /** `7 days late`, `due today`, `due in 3 days`. */
  readonly standing: string;
  readonly reference: string | null;
  readonly payUrl: string | null;
  readonly isPaid: boolean;
};

export type Letter = {
  readonly kind: LetterKind;
  readonly language: string;
  readonly seller: {
    readonly name: string;
    readonly initials: string;
    /** Name, address, phone and tax number as one line for the foot. */
    readonly foot: string;
    readonly accent: string;
  };
  readonly greetingName: string;
  /** The invoice that sets the tone. Of a receipt: the one that was paid, or null where the money is kept as credit. */
  readonly lead: LetterItem;
  /** Sum of what the letter is about, as the headline has it. */
  readonly amount: string;
  /** True: the letter is about one invoice only. */
  readonly isOne: boolean;
  readonly overdue: readonly LetterItem[];
  readonly comingDue: readonly LetterItem[];
  readonly comingDueHeading: string;
  /** Customer's money that no invoice has used yet; null where there is none. */
  readonly credit: string | null;
  /** `7 days`; null where the lead is not late. */
  readonly late: string | null;
  /** The lead is due on the day of the letter. */
  readonly isDueToday: boolean;
  /** Invoices that the headline's amount counts. */
  readonly count: number;
  /** More than one of them. */
  readonly isMany: boolean;
  /** A date to pay by, for the firmer letters. */
  readonly byDate: string;
  readonly pay: { readonly url: string; readonly label: string; readonly host: string } | null;
  /** The three answers, as links that begin a reply; null where the business has no address to reply to. */
  readonly answers: readonly { readonly label: string; readonly url: string }[] | null;
  readonly receipt: {
    readonly received: string;
    readonly date: string;
    readonly isSettled: boolean;
    readonly stillOpen: string | null;
  } | null;
  readonly unsubscribeUrl: string | null;
  readonly hasPdf: boolean;
};

export type RenderedLetter = { readonly subject: string; readonly html: string; readonly text: string };
export type LetterRenderer = { render(letter: Letter): RenderedLetter };
