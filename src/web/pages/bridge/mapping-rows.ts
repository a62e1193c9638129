// One choice of the mapping page: what may be chosen, what is, and the suggestion with its reason.
import type { Suggestion } from '../../../sync/service';

export type Option = { readonly value: string; readonly label: string };
export type RowView = {
  readonly group: string | null;
  readonly name: string;
  readonly label: string;
  readonly id: string;
  readonly options: readonly (Option & { readonly chosen: boolean })[];
  readonly why: string | null;
};

export const row = (
  group: string | null,
  name: string,
  label: string,
  options: readonly Option[],
  current: string | undefined,
  suggestion: Suggestion | undefined,
  isRequired: boolean,
): RowView => {
  const chosen = current ?? suggestion?.value ?? '';
  const isKnown = chosen === '' || options.some(({ value }) => value === chosen);
  return {
    group,
    name,
    label,
    id: `m-${name.replace(/\W+/g, '-')}`,
    options: [
      { value: '', label: isRequired ? 'Choose …' : 'Not used', chosen: chosen === '' },
      ...(isKnown ? [] : [{ value: chosen, label: `${chosen} (not there any more)`, chosen: true }]),
      ...options.map((option) => ({ ...option, chosen: option.value === chosen })),
    ],
    why: current === undefined && suggestion !== undefined ? `Suggested: ${suggestion.why}` : null,
  };
};
