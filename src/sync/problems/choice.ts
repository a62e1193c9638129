// A person's answer as a rebase: the losing side's value becomes that side's base, the winner's base is cleared, and the ordinary plan
// carries the winner across. An answer given for other values than today's is worth nothing. Pure.

import type { Base, Link } from '../links/link';
import { sameValue, withAtoms, withoutAtoms } from '../planner/atoms';
import { type SideView, shownValue } from '../planner/side-view';

export type Rebased =
  | { readonly state: 'none'; readonly link: Link; readonly chosen: ReadonlySet<string> }
  | { readonly state: 'applied'; readonly link: Link; readonly chosen: ReadonlySet<string> }
  /** Asked anew: a value moved, or the mapping did, since it was shown. */
  | { readonly state: 'stale' };

export const applyChoice = (link: Link, local: SideView, external: SideView, mapVersion: string): Rebased => {
  const { choice } = link;
  if (choice === undefined) return { state: 'none', link, chosen: new Set() };
  if (choice.mapVersion !== mapVersion) return { state: 'stale' };
  let { baseLocal, baseExternal } = link;
  const chosen = new Set<string>();
  for (const [atom, { local: shownLocal, external: shownExternal, take }] of Object.entries(choice.atoms)) {
    if (!sameValue(shownValue(local, atom), shownLocal) || !sameValue(shownValue(external, atom), shownExternal)) {
      return { state: 'stale' };
    }
    chosen.add(atom);
    if (take === 'billing') {
      baseExternal = lost(baseExternal, external, atom);
      baseLocal = won(baseLocal, atom);
    } else {
      baseLocal = lost(baseLocal, local, atom);
      baseExternal = won(baseExternal, atom);
    }
  }
  return { state: 'applied', link: { ...link, baseLocal, baseExternal }, chosen };
};

/** Losing the status means: everything this side is now has been judged. */
const lost = (base: Base, side: SideView, atom: string): Base => {
  if (side.state !== 'present') return { ...base, status: 'void' };
  if (atom === 'status') return { status: side.projection.status, atoms: side.projection.atoms };
  return withAtoms(base, [atom], side.projection.atoms);
};

const won = (base: Base, atom: string): Base =>
  atom === 'status' ? { atoms: base.atoms } : withoutAtoms(base, [atom]);
