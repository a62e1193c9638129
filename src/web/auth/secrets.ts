// How secrets of the door are kept: only their SHA-256 is stored, which is enough for 256 random bits.
import { createHash } from 'node:crypto';

export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
