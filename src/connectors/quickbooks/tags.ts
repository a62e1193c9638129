// Our tag (`bb:<localId>:<generation>`) travels in free text that people may add to: in the notes of a customer, in the private note of a
// transaction. It is written once, at creation, and found wherever it stands: a void puts "Voided - " before it.

const TAG = /\bbb:([a-z]{3}_[0-9a-z]+|[^\s:[\]]+):(\d+)(?![0-9])/;

export const noteWithTag = (tag: string): string => `BillBridge [${tag}]`;

export const tagIn = (note: string | undefined): string | undefined => TAG.exec(note ?? '')?.[0];

/** The prefix of the id inside a tag: `alc` of `bb:alc_01…:0`. */
export const prefixOf = (tag: string | undefined): string | undefined => /^bb:([a-z]{3})_/.exec(tag ?? '')?.[1];
