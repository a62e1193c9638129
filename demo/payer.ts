// The customer: opens the pay link of the newest reminder and pays on Stripe's page with a test card.
import { createBrowser, plainText, textOf } from './browser';
import type { Owner } from './owner';
import type { World } from './world';

export type PaidLink = {
  readonly customer: string;
  readonly mail: string;
  readonly invoice: string;
  readonly amount: string;
  readonly doneUrl: string;
};

export const payFirstLink = async (world: World, owner: Owner): Promise<PaidLink> => {
  const customers = [...owner.play.onlyHere, ...owner.play.bothSides, ...owner.play.onlyLedger];
  for (const { name, email } of customers) {
    for (const mail of [...world.mailbox.mails].reverse()) {
      const link = mail.to.includes(email)
        ? new RegExp(`${world.appUrl}/pay/[\\w-]+`).exec(plainText(mail.html ?? mail.text ?? ''))?.[0]
        : undefined;
      if (link === undefined) continue;
      const browser = createBrowser();
      const page = await browser.open(link);
      const words = textOf(page.html);
      const checkout = await browser.submit(page, '/checkout');
      const form = checkout.forms.find(({ method }) => method === 'POST');
      if (form === undefined)
        throw new Error(`no way to pay at ${checkout.url}: ${textOf(checkout.html).slice(0, 200)}`);
      const done = await browser.submit(checkout, form.action, { number: '4242424242424242', email });
      if (!done.url.startsWith(`${link}/done`))
        throw new Error(`the way back from Stripe ended at ${done.url}: ${textOf(done.html).slice(0, 200)}`);
      return {
        customer: name,
        mail: email,
        invoice: /Invoice ([\w-]+)/.exec(words)?.[1] ?? 'the invoice',
        amount: /Pay ([^\s]+)/.exec(words)?.[1] ?? '',
        doneUrl: done.url,
      };
    }
  }
  throw new Error(`no reminder of ${owner.play.business} carries a pay link`);
};
