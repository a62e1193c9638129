// Countries of addresses: Xero keeps free text of letters, the house keeps ISO codes. Written as the English name where that is plain letters.

const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

const ALIASES: Readonly<Record<string, string>> = {
  uk: 'GB',
  'great britain': 'GB',
  england: 'GB',
  scotland: 'GB',
  wales: 'GB',
  'northern ireland': 'GB',
  usa: 'US',
  'united states of america': 'US',
  america: 'US',
  aotearoa: 'NZ',
  holland: 'NL',
};

const A = 'A'.charCodeAt(0);
const letters = Array.from({ length: 26 }, (_, i) => String.fromCharCode(A + i));
const codes = letters.flatMap((first) => letters.map((second) => first + second));

const byName = new Map<string, string>();
for (const code of codes) {
  const name = names.of(code);
  if (name !== undefined && !byName.has(name.toLowerCase())) byName.set(name.toLowerCase(), code);
}

export const countryName = (code: string): string => {
  const name = names.of(code.toUpperCase());
  const survives =
    name !== undefined && /^[A-Za-z ]+$/.test(name) && byName.get(name.toLowerCase()) === code.toUpperCase();
  return survives ? name : code;
};

/** Null where nobody can tell which country is meant. */
export const countryCode = (text: string): string | null => {
  const plain = text.trim().toLowerCase();
  if (plain === '') return null;
  const known = ALIASES[plain] ?? byName.get(plain);
  if (known !== undefined) return known;
  return /^[a-z]{2}$/.test(plain) && names.of(plain.toUpperCase()) !== undefined ? plain.toUpperCase() : null;
};
