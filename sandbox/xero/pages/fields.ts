// The parts of forms: a labelled field, a choice, a form that does one thing.
import { type Fragment, html, type Markup } from './html';

export const field = (label: string, name: string, value = '', attributes: Fragment = undefined): Markup =>
  html`<label>${label}<input name="${name}" value="${value}" ${attributes}></label>`;
export const required = html`required`;
export const date = html`type="date"`;

export const choice = (
  label: string,
  name: string,
  options: readonly { readonly value: string; readonly text: string }[],
  chosen = '',
): Markup =>
  html`<label>${label}<select name="${name}">${options.map(
    ({ value, text }) => html`<option value="${value}" ${value === chosen && html`selected`}>${text}</option>`,
  )}</select></label>`;

export const hidden = (name: string, value: string): Markup =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** `address` names what is done; `to` where the reader is taken afterwards. */
export const form = (address: string, label: string, fields: Fragment, isMain = false): Markup =>
  html`<form method="post" action="${address}"><fieldset>${fields}<button ${isMain && html`class="main"`}>${label}</button></fieldset></form>`;
export const button = (address: string, label: string, fields: Fragment = undefined): Markup =>
  html`<form class="inline" method="post" action="${address}">${fields}<button>${label}</button></form>`;
