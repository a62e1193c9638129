// A delivery report (RFC 3464) as a far mail server sends it back to the envelope's sender, days after it took the mail.
import type { ReceivedMail } from './mails';
import { headerOf } from './mails';

export const bounceFor = (mail: ReceivedMail, at: Date): Buffer => {
  const recipient = mail.envelopeTo[0] ?? '';
  const boundary = `rehearsal-${mail.id}`;
  const lines = [
    'From: Mail Delivery System <mailer-daemon@rehearsal.example>',
    `To: <${mail.envelopeFrom}>`,
    'Subject: Undelivered Mail Returned to Sender',
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <bounce-${mail.id}@rehearsal.example>`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `Your mail to ${recipient} could not be delivered: there is no such mailbox.`,
    '',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; rehearsal.example',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    '',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${headerOf(mail, 'message-id') ?? ''}`,
    `Subject: ${headerOf(mail, 'subject') ?? ''}`,
    '',
    `--${boundary}--`,
    '',
  ];
  return Buffer.from(lines.join('\r\n'));
};
