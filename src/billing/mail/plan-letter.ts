// What the letter says by which an accountant is asked to approve a write plan: facts in words, before it has a layout. Types only;
// connectors/mail renders it with the templates of config/templates.
import type { Letter, RenderedLetter } from './letter';

export type PlanLetter = {
  readonly language: string;
  readonly seller: Letter['seller'];
  readonly organisation: string;
  readonly ledger: string;
  /** `214 writes`. */
  readonly writes: string;
  /** `create 214 invoices, £182,400.00, in Xero`, one for each kind and currency. */
  readonly lines: readonly string[];
  /** First signs of the plan's fingerprint. */
  readonly plan: string;
  /** Who asks. */
  readonly asker: string;
  /** The work starts with the approval; false: the asker starts it after that. */
  readonly isStart: boolean;
  readonly days: number;
  readonly go: { readonly url: string; readonly label: string; readonly host: string };
};

export type PlanLetterRenderer = { renderPlan(letter: PlanLetter): RenderedLetter };
