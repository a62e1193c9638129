// The parts of forms: a labelled field, a choice, a form that does one thing.
import { type Html, html, type Piece } from '../../shared/page';

export const field = (label: string, name: string, value = '', attributes: Piece = undefined): Html =>
  html`<label>${label}<input name="${name}" value="${value}" ${attributes}></label>`;
export const required = html`required`;
export const date = html`type="date"`;

export type Option = { readonly value: string; readonly text: string };
export const select = (name: string, options: readonly Option[], chosen: string, attributes: Piece = undefined): Html =>
  html`<select name="${name}" ${attributes}>${options.map(
    ({ value, text }) => html`<option value="${value}" ${value === chosen && html`selected`}>${text}</option>`,
  )}</select>`;
export const choice = (label: string, name: string, options: readonly Option[], chosen = ''): Html =>
  html`<label>${label}${select(name, options, chosen)}</label>`;

export const hidden = (name: string, value: string): Html =>
  html`<input type="hidden" name="${name}" value="${value}">`;

/** One row of fields and the button that says what they do. */
export const form = (address: string, label: string, fields: Piece): Html =>
  html`<form class="inline" method="post" action="${address}">${fields}<button>${label}</button></form>`;
export const button = (address: string, label: string, fields: Piece = undefined): Html => form(address, label, fields);
/** A form of several rows. */
export const sheet = (address: string, label: string, ...rows: readonly Piece[]): Html =>
  html`<form method="post" action="${address}">${rows}<div class="inline"><button>${label}</button></div></form>`;
export const row = (...fields: readonly Piece[]): Html => html`<div class="inline">${fields}</div>`;
