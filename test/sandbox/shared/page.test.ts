// What a stranger writes into a record must not become part of the page.
import { describe, expect, it } from '@jest/globals';
import { Html, html, page } from '../../../sandbox/shared/page';

describe('the page template', () => {
  it('escapes what is put in, in text and in attributes', () => {
    const name = `"><script>alert('x')</script>&`;
    const { text } = html`<a title="${name}">${name}</a>`;
    expect(text).not.toContain('<script>');
    expect(text).toContain('&#34;&#62;&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;&#38;');
  });

  it('joins lists, nests templates, and prints nothing for what is absent', () => {
    const rows = ['a', '<b>'].map((one) => html`<li>${one}</li>`);
    expect(html`<ul>${rows}</ul>${undefined}${null}${false}${0}`.text).toBe('<ul><li>a</li><li>&#60;b&#62;</li></ul>0');
    expect(html`${new Html('<i>')}`.text).toBe('<i>');
  });

  it('says that this is a rehearsal, and marks the page one is on', () => {
    const nav = [
      { href: '/a', label: 'A', current: true },
      { href: '/b', label: 'B' },
    ];
    const text = page({ system: 'stripe', title: 'A & B', nav, body: html`<p>x</p>` });
    expect(text).toContain('<b>Rehearsal</b> <span>This is not Stripe.');
    expect(text).toContain('<a href="/a" aria-current="page">A</a><a href="/b">B</a>');
    expect(text).toContain('<h1>A &#38; B</h1>');
    expect(text).not.toMatch(/ style=|<style|<script/);
  });
});
