// The inbox in a browser: every mail that anybody would have got, with its HTML, its plain text, its headers and its files.
import { Router } from 'express';
import { type Html, html, sendPage } from '../shared/page';
import type { ReceivedMail } from './mails';

export type PageParts = { readonly mails: () => readonly ReceivedMail[] };

export const mailboxPages = ({ mails }: PageParts): Router => {
  const find = (id: unknown): ReceivedMail | undefined => mails().find((mail) => mail.id === id);
  return Router()
    .get('/', (request, response) => {
      const wanted = String(request.query.q ?? '').toLowerCase();
      const shown = mails().filter((mail) => `${mail.to.join(' ')} ${mail.subject}`.toLowerCase().includes(wanted));
      sendPage(response, { system: 'mailbox', title: 'Mails', body: list([...shown].reverse(), wanted) });
    })
    .get('/mails/:id', (request, response) => {
      const mail = find(request.params.id);
      if (mail) sendPage(response, { system: 'mailbox', title: mail.subject || 'No subject', body: letter(mail) });
      else
        sendPage(
          response,
          { system: 'mailbox', title: 'There is no such mail', body: html`<p><a href="/">All mails</a></p>` },
          404,
        );
    })
    .get('/mails/:id/html', (request, response) => {
      // A stranger's HTML: it may show itself, and nothing else. No scripts, no forms, nothing from elsewhere.
      response.set(
        'Content-Security-Policy',
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
      );
      response.type('html').send(withLinksOutside(find(request.params.id)?.html ?? ''));
    })
    .get('/mails/:id/raw', (request, response) => {
      response.type('text/plain').send(find(request.params.id)?.raw ?? Buffer.alloc(0));
    })
    .get('/mails/:id/files/:position', (request, response) => {
      const file = find(request.params.id)?.attachments[Number(request.params.position)];
      if (!file) {
        response.status(404).type('text/plain').send('There is no such file.');
        return;
      }
      response.attachment(file.name).set('X-Content-Type-Options', 'nosniff').type(file.contentType).send(file.content);
    });
};

/** Links open beside the inbox, not inside the frame. */
const withLinksOutside = (text: string): string => `<base target="_blank">${text}`;

const time = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

const list = (mails: readonly ReceivedMail[], wanted: string): Html => html`
<form class="inline" role="search"><label>To or subject <input name="q" value="${wanted}"></label></form>
${mails.length === 0 && html`<p class="empty">No mail here. What BillBridge sends will stand here, and go nowhere else.</p>`}
${
  mails.length > 0 &&
  html`<div class="scroll"><table class="fold"><thead><tr><th>When (UTC)<th>To<th>Subject<th>Files</thead><tbody>${mails.map(
    (
      mail,
    ) => html`<tr><td>${time(mail.receivedAt)}<td>${mail.to.join(', ')}<td><a href="/mails/${mail.id}">${mail.subject || 'No subject'}</a>
<td>${mail.attachments.map((file) => file.name).join(', ')}</tr>`,
  )}</tbody></table></div>`
}`;

const letter = (mail: ReceivedMail): Html => html`
<p><a href="/">All mails</a></p>
<dl><dt>From</dt><dd>${mail.from}</dd><dt>To</dt><dd>${mail.to.join(', ')}</dd><dt>Envelope</dt><dd>${mail.envelopeFrom} → ${mail.envelopeTo.join(', ')}</dd>
<dt>Received (UTC)</dt><dd>${time(mail.receivedAt)}</dd>
${mail.attachments.length > 0 && html`<dt>Files</dt><dd>${mail.attachments.map((file, position) => html`<a href="/mails/${mail.id}/files/${position}">${file.name}</a> <small>${file.size} bytes</small> `)}</dd>`}</dl>
${mail.html !== undefined && html`<h2>As HTML</h2><iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="The mail as HTML" src="/mails/${mail.id}/html"></iframe>`}
<h2>As plain text</h2><pre>${mail.text}</pre>
<h2>Headers</h2><dl>${mail.headers.map(({ name, value }) => html`<dt>${name}</dt><dd><code>${value}</code></dd>`)}</dl>
<p><a href="/mails/${mail.id}/raw">The whole mail as it came</a></p>`;
