// Stripe's bracket notation, with what a hostile caller may write in it.
import { describe, expect, it } from '@jest/globals';
import { parseForm } from '../../../sandbox/stripe/http/form';

const plain = (text: string): unknown => JSON.parse(JSON.stringify(parseForm(text)));

describe('bracket notation', () => {
  it('nests objects and lists', () => {
    const text = 'line_items[0][price_data][currency]=eur&line_items[0][quantity]=2&expand[]=a&expand[]=b&x=1%202';
    expect(plain(text)).toEqual({
      line_items: [{ price_data: { currency: 'eur' }, quantity: '2' }],
      expand: ['a', 'b'],
      x: '1 2',
    });
  });

  it('leaves a list with a gap an object, and an empty body empty', () => {
    expect(plain('a[1]=x')).toEqual({ a: { '1': 'x' } });
    expect(plain('')).toEqual({});
  });

  it('touches no prototype, and goes only so deep', () => {
    const form = parseForm('__proto__[admin]=1&constructor[prototype][admin]=1');
    expect(({} as { admin?: string }).admin).toBeUndefined();
    expect(Object.getPrototypeOf(form)).toBeNull();
    expect(() => parseForm(`a${'[b]'.repeat(5000)}=1`)).not.toThrow();
  });
});
