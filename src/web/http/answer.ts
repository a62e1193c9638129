// What a route's handler may answer. Handlers never touch the response: the shell renders, sets headers and cookies.

export type Section =
  | 'home'
  | 'invoices'
  | 'customers'
  | 'payments'
  | 'creditNotes'
  | 'reminders'
  | 'activity'
  | 'connections'
  | 'settings'
  | 'none';

export type Answer =
  | {
      readonly kind: 'page';
      /** Path below views/ without `.hbs`: `invoices/list`. */
      readonly view: string;
      readonly title: string;
      readonly data: object;
      readonly status?: number;
      /** `app`: with side bar, for signed-in people; `door`: sign-in pages; `customer`: pay pages and portal; `bare`: set-up and errors. */
      readonly layout?: 'app' | 'door' | 'customer' | 'bare';
      readonly section?: Section;
    }
  /** 303 after a form. `said` is shown once at the top of the next page. */
  | { readonly kind: 'redirect'; readonly to: string; readonly said?: string }
  | {
      readonly kind: 'file';
      readonly name: string;
      readonly type: string;
      readonly body: Buffer | string | AsyncIterable<string>;
      readonly inline?: true;
    }
  | {
      readonly kind: 'json';
      readonly body: unknown;
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'text'; readonly body: string; readonly status?: number; readonly type?: string };

type PageAnswer = Extract<Answer, { kind: 'page' }>;

/** A page of the signed-in app. */
export const page = (
  section: Section,
  view: string,
  title: string,
  data: object,
  options: Pick<PageAnswer, 'status' | 'layout'> = {},
): Answer => ({ kind: 'page', section, view, title, data, ...options });

export const redirect = (to: string, said?: string): Answer => ({
  kind: 'redirect',
  to,
  ...(said === undefined ? {} : { said }),
});

export const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Answer => ({
  kind: 'json',
  body,
  status,
  headers,
});
