// When two names may mean one company. Loose on spelling and legal form; it only ever makes suggestions or backs up an e-mail address.

const LEGAL_FORMS = new Set(
  'ltd limited llc llp inc incorporated corp corporation co company plc gmbh ag kg sa sarl sas srl spa bv nv oy ab as pty the and'.split(
    ' ',
  ),
);

const tokens = (name: string): readonly string[] =>
  name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/['’.]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== '');

const telling = (name: string): readonly string[] => {
  const all = tokens(name);
  const rest = all.filter((token) => !LEGAL_FORMS.has(token));
  return rest.length > 0 ? rest : all;
};

/** `The O'Brien & Sons, Ltd.` → `obrien sons`. */
export const plainName = (name: string): string => telling(name).join(' ');

/** At least half of the telling words are shared. */
export const isSimilarName = (a: string, b: string): boolean => {
  const [x, y] = [new Set(telling(a)), new Set(telling(b))];
  const shared = [...x].filter((token) => y.has(token)).length;
  return shared > 0 && shared / Math.max(x.size, y.size) >= 0.5;
};
