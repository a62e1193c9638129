// How long people wait for a page of a business with many invoices: one visitor, page after page, as a browser loads them.
import { type Figure, percentile, under } from './figure';
import type { Rehearsal } from './rehearsal';

const LIMIT_MS = 150;
const VISITS = 40;

export const pageFigures = async (
  { owner, url, house, tenantId }: Rehearsal,
  invoices: number,
  tell: (text: string) => void,
): Promise<readonly Figure[]> => {
  const { items } = await house.billing.invoices.list(tenantId, { limit: 100 });
  const pages: readonly (readonly [name: string, address: (visit: number) => string])[] = [
    ['home', () => '/'],
    ['invoices', () => '/invoices'],
    ['overdue invoices', () => '/invoices?filter=overdue'],
    ['search', (visit) => `/search?q=${encodeURIComponent(items[visit % items.length]?.number ?? '')}`],
    ['one invoice', (visit) => `/invoices/${items[visit % items.length]?.id}`],
    ['customers', () => '/customers'],
  ];
  const figures: Figure[] = [];
  for (const [name, address] of pages) {
    tell(`page ${name} at ${invoices} invoices`);
    const samples: number[] = [];
    for (let visit = -3; visit < VISITS; visit++) {
      const started = performance.now();
      const page = await owner.browser.open(`${url}${address(Math.abs(visit))}`);
      if (page.status !== 200) throw new Error(`${page.url} answered ${page.status}`);
      if (visit >= 0) samples.push(performance.now() - started); // the first visits warm up
    }
    const what = `page: ${name} at ${invoices} invoices, p95`;
    figures.push(under({ what, value: percentile(samples, 0.95), unit: 'ms' }, LIMIT_MS));
  }
  return figures;
};
