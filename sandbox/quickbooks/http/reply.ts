// An answer before it is written to the socket.
import type { Json } from '../books/input';
import type { Answer } from '../wire/fault-body';

export type Reply = {
  readonly status: number;
  /** JSON unless `type` says otherwise. */
  readonly body: Json | string;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export const replyOf = (answer: Answer): Reply => answer;

export const htmlPage = (status: number, title: string): Reply => ({
  status,
  type: 'text/html; charset=utf-8',
  body: `<!DOCTYPE html><html><head><title>${status} ${title}</title></head><body><h1>${title}</h1><p>intuit</p></body></html>`,
});
