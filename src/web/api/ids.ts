// Ids as callers send them, in paths, queries and bodies: visible characters, of bounded length. Whether they name anything is the
// services' to say.
import { z } from 'zod';

const PLAIN_ID = /^[\x21-\x7e]{1,200}$/;

export const isPlainId = (text: string): boolean => PLAIN_ID.test(text);

export const idOf = (what: string) => z.string(`name ${what} by its id`).regex(PLAIN_ID, `name ${what} by its id`);
