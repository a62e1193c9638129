// A visitor without a screen: follows links and redirects, keeps cookies per host, fills in the forms that the pages really offer.
// The demo and the tests of the whole road use it; it knows HTML forms and nothing of BillBridge.

export type PageForm = {
  readonly action: string;
  readonly method: 'GET' | 'POST';
  /** Everything the browser would send if nobody touched the form. */
  readonly fields: readonly (readonly [string, string])[];
  readonly buttons: readonly { readonly name: string; readonly value: string; readonly text: string }[];
};

export type Visited = {
  readonly url: string;
  readonly status: number;
  readonly html: string;
  readonly forms: readonly PageForm[];
};

/** What is typed into fields, by name; a field that may be ticked several times has a list. */
export type Filled = Readonly<Record<string, string | readonly string[]>>;

export type Browser = {
  open(url: string): Promise<Visited>;
  /** Sends the form whose action contains `action`; `press` names a button by its value or text. */
  submit(page: Visited, action: string, values?: Filled, press?: string): Promise<Visited>;
};

const MOST_REDIRECTS = 10;

export const createBrowser = (): Browser => {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: URL): Map<string, string> => {
    const jar = jars.get(url.hostname + url.port) ?? new Map<string, string>();
    jars.set(url.hostname + url.port, jar);
    return jar;
  };

  const request = async (url: URL, init: { method: string; body?: string; referrer?: string }): Promise<Response> => {
    const jar = jarOf(url);
    const headers: Record<string, string> = { accept: 'text/html' };
    if (jar.size > 0) headers.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    if (init.method === 'POST') headers['content-type'] = 'application/x-www-form-urlencoded';
    if (init.method === 'POST' && init.referrer !== undefined) headers.origin = new URL(init.referrer).origin;
    const response = await fetch(url, {
      method: init.method,
      headers,
      redirect: 'manual',
      ...(init.body === undefined ? {} : { body: init.body }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';', 1);
      const [name = '', value = ''] = split(pair, '=');
      if (/max-age=0\b/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  };

  const follow = async (url: URL, init: { method: string; body?: string; referrer?: string }): Promise<Visited> => {
    let at = url;
    let response = await request(at, init);
    for (let hops = 0; response.status >= 300 && response.status < 400; hops++) {
      if (hops === MOST_REDIRECTS) throw new Error(`${url} redirects for ever`);
      at = new URL(response.headers.get('location') ?? '', at);
      response = await request(at, { method: 'GET' });
    }
    const html = await response.text();
    return { url: at.href, status: response.status, html, forms: formsOf(html) };
  };

  return {
    open: (url) => follow(new URL(url), { method: 'GET' }),
    submit: async (page, action, values = {}, press) => {
      const form = page.forms.find((candidate) => candidate.action.includes(action));
      if (form === undefined) {
        throw new Error(
          `${page.url} (${page.status}) has no form for "${action}"; it has ${page.forms.map((one) => one.action).join(', ') || 'none'}`,
        );
      }
      const data = new URLSearchParams();
      for (const [name, value] of form.fields) data.append(name, value);
      for (const [name, value] of Object.entries(values)) {
        data.delete(name);
        for (const each of [value].flat()) data.append(name, each);
      }
      const button = form.buttons.find(({ value, text }) => value === press || text === press);
      if (press !== undefined && button === undefined)
        throw new Error(`the form "${form.action}" of ${page.url} has no button "${press}"`);
      if (button !== undefined && button.name !== '') data.set(button.name, button.value);
      const target = new URL(form.action, page.url);
      if (form.method === 'GET') {
        target.search = data.toString();
        return follow(target, { method: 'GET' });
      }
      return follow(target, { method: 'POST', body: data.toString(), referrer: page.url });
    },
  };
};

const split = (text: string, by: string): [string, string] => {
  const at = text.indexOf(by);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + by.length)];
};

const attribute = (tag: string, name: string): string | undefined => {
  const found = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+))`, 'i').exec(tag);
  return found === null ? undefined : plainText(found[1] ?? found[2] ?? found[3] ?? '');
};
const has = (tag: string, name: string): boolean => new RegExp(`\\s${name}(?=[\\s=/>])`, 'i').test(tag);

export const plainText = (text: string): string =>
  text
    .replace(/&#x([0-9a-f]+);/gi, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** What a person reads: no tags, no doubled spaces. */
export const textOf = (html: string): string =>
  plainText(html.replace(/<(script|style)[\s\S]*?<\/\1>/gi, ' ').replace(/<[^>]+>/g, ' '))
    .replace(/\s+/g, ' ')
    .trim();

const formsOf = (html: string): PageForm[] =>
  [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/gi)].map(([, head = '', body = '']) => ({
    action: attribute(` ${head}>`, 'action') ?? '',
    method: (attribute(` ${head}>`, 'method') ?? 'get').toUpperCase() === 'POST' ? 'POST' : 'GET',
    fields: fieldsOf(body),
    buttons: [...body.matchAll(/<button\b([^>]*)>([\s\S]*?)<\/button>/gi)].map(([, tag = '', text = '']) => ({
      name: attribute(` ${tag}>`, 'name') ?? '',
      value: attribute(` ${tag}>`, 'value') ?? '',
      text: textOf(text),
    })),
  }));

const fieldsOf = (body: string): (readonly [string, string])[] => {
  const fields: (readonly [string, string])[] = [];
  for (const [whole, kind = '', tag = '', inner = ''] of body.matchAll(
    /<(input|select|textarea)\b([^>]*)>(?:([\s\S]*?)<\/\1>)?/gi,
  )) {
    const name = attribute(` ${tag}>`, 'name');
    if (name === undefined || has(` ${tag}>`, 'disabled')) continue;
    const type = attribute(` ${tag}>`, 'type')?.toLowerCase();
    if (kind.toLowerCase() === 'select') fields.push([name, chosenOption(whole)]);
    else if (kind.toLowerCase() === 'textarea') fields.push([name, plainText(inner)]);
    else if (type === 'submit' || type === 'button' || type === 'file') continue;
    else if ((type === 'checkbox' || type === 'radio') && !has(` ${tag}>`, 'checked')) continue;
    else fields.push([name, attribute(` ${tag}>`, 'value') ?? '']);
  }
  return fields;
};

const chosenOption = (select: string): string => {
  const options = [...select.matchAll(/<option\b([^>]*)>([^<]*)/gi)];
  const chosen = options.find(([, tag = '']) => has(` ${tag}>`, 'selected')) ?? options[0];
  return chosen === undefined ? '' : (attribute(` ${chosen[1] ?? ''}>`, 'value') ?? plainText(chosen[2] ?? '').trim());
};
