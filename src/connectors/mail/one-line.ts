// Names and subjects come from people: no line break and no other control character may begin a header of its own.

export const oneLine = (text: string): string =>
  text
    .replace(/\p{Cc}+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
