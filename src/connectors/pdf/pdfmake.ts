// The part of pdfmake that we use, with types: the package has none.

export type Content = string | { readonly [property: string]: unknown } | readonly Content[];

export type DocumentDefinition = {
  readonly content: Content;
  readonly [property: string]: unknown;
};

type FontFiles = {
  readonly normal: string;
  readonly bold: string;
  readonly italics: string;
  readonly bolditalics: string;
};

export type Pdfmake = {
  setFonts(fonts: Readonly<Record<string, FontFiles>>): void;
  setLocalAccessPolicy(isAllowed: (file: string) => boolean): void;
  setUrlAccessPolicy(isAllowed: (url: string) => boolean): void;
  createPdf(document: DocumentDefinition): { getBuffer(): Promise<Buffer> };
};

export const pdfmake: Pdfmake = require('pdfmake') as Pdfmake;
