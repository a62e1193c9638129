// Writing several elements in one call. By default one bad element refuses them all with 400; with summarizeErrors=false the
// call answers 200 and each element says for itself whether it was taken.
import type { z } from 'zod';
import { parseFields } from '../books/input';
import { Refusal, refuse } from '../books/refusal';
import type { Json } from '../wire/json';
import { type Call, envelope } from './call';
import { exception, invalid, type Reply } from './reply';

export type BatchRules<S extends z.ZodType> = {
  readonly plural: string;
  readonly idField: string;
  readonly schema: S;
  readonly write: (input: z.infer<S>) => Json;
};

const NO_ID = '00000000-0000-0000-0000-000000000000';
type Outcome = { readonly taken: true; readonly shape: Json } | { readonly taken: false; readonly shape: Json };

/** Thrown to undo a batch whose reply is already known. */
class Undone extends Error {
  constructor(readonly reply: Reply) {
    super('undone');
  }
}

export const batchReply = <S extends z.ZodType>(call: Call, rules: BatchRules<S>): Reply => {
  const elements = elementsOf(call.body, rules.plural);
  if (elements === undefined || elements.length === 0) {
    return exception('PostDataInvalidException', `The request must contain ${rules.plural}`);
  }
  const inputs = elements.map((element) => parseFields(rules.schema, element));
  const attempt = (): Outcome[] =>
    inputs.map((input, index) => {
      const write =
        call.refusedElement?.index === index ? () => refuse(call.refusedElement?.message ?? '') : rules.write;
      return outcomeOf(input, elements[index] ?? {}, { ...rules, write });
    });
  if (call.query.get('summarizeerrors')?.toLowerCase() === 'false') {
    return envelope(call, { [rules.plural]: attempt().map((outcome) => outcome.shape) });
  }
  try {
    return call.books.together(() => {
      const outcomes = attempt();
      const refused = outcomes.filter((outcome) => !outcome.taken);
      if (refused.length > 0) throw new Undone(invalid(refused.map((outcome) => outcome.shape)));
      return envelope(call, { [rules.plural]: outcomes.map(({ shape }) => withoutStatus(shape)) });
    });
  } catch (error) {
    if (error instanceof Undone) return error.reply;
    throw error;
  }
};

/** One element in the body or its address; always all or nothing, always 400 on refusal. */
export const singleReply = <S extends z.ZodType>(call: Call, rules: BatchRules<S>, id?: string): Reply => {
  const element = elementsOf(call.body, rules.plural)?.[0];
  if (element === undefined) return exception('PostDataInvalidException', `The request must contain ${rules.plural}`);
  const addressed = id === undefined ? element : { ...element, [rules.idField]: id };
  const outcome = outcomeOf(parseFields(rules.schema, addressed), addressed, rules);
  return outcome.taken ? envelope(call, { [rules.plural]: [withoutStatus(outcome.shape)] }) : invalid([outcome.shape]);
};

/** `{"Invoices":[…]}`, `[…]` or one bare object. */
export const elementsOf = (body: unknown, plural: string): Json[] | undefined => {
  if (Array.isArray(body)) return body.every(isObject) ? body : undefined;
  if (!isObject(body)) return undefined;
  const wrapped = body[plural];
  if (wrapped === undefined) return [body];
  return Array.isArray(wrapped) && wrapped.every(isObject) ? wrapped : undefined;
};

const outcomeOf = <S extends z.ZodType>(input: z.infer<S>, echo: Json, rules: BatchRules<S>): Outcome => {
  try {
    const shape = rules.write(input);
    return { taken: true, shape: { ...shape, StatusAttributeString: 'Warnings' in shape ? 'WARNING' : 'OK' } };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const shape = {
      ...echo,
      [rules.idField]: echo[rules.idField] ?? NO_ID,
      ...(FLAG_OF[rules.plural] === undefined ? {} : { [FLAG_OF[rules.plural] ?? '']: true }),
      StatusAttributeString: 'ERROR',
      ValidationErrors: error.messages.map((Message) => ({ Message })),
    };
    return { taken: false, shape };
  }
};
const FLAG_OF: Readonly<Record<string, string>> = {
  Invoices: 'HasErrors',
  CreditNotes: 'HasErrors',
  Contacts: 'HasValidationErrors',
  Payments: 'HasValidationErrors',
};

const withoutStatus = ({ StatusAttributeString: _status, ...shape }: Json): Json => shape;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
