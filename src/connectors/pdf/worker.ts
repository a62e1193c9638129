// The thread that draws PDFs: takes a request, answers bytes or why not. pdfmake may read its own fonts and nothing else, and no address.
import path from 'node:path';
import { parentPort } from 'node:worker_threads';
import type { DrawingAnswer, DrawingRequest } from './create-pdf';
import { invoiceDocument } from './invoice-document';
import { pdfmake } from './pdfmake';
import { reportDocument } from './report-document';

const fontFolder = path.join(path.dirname(require.resolve('pdfmake/package.json')), 'fonts', 'Roboto');
const font = (name: string): string => path.join(fontFolder, `Roboto-${name}.ttf`);

pdfmake.setFonts({
  Roboto: {
    normal: font('Regular'),
    bold: font('Medium'),
    italics: font('Italic'),
    bolditalics: font('MediumItalic'),
  },
});
pdfmake.setLocalAccessPolicy((file) => path.dirname(path.resolve(file)) === fontFolder);
pdfmake.setUrlAccessPolicy(() => false);

const answer = async (request: DrawingRequest): Promise<DrawingAnswer> => {
  const { id } = request;
  try {
    const document = request.paper === 'invoice' ? invoiceDocument(request.parts) : reportDocument(request.parts);
    return { id, body: await pdfmake.createPdf(document).getBuffer() };
  } catch (error) {
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
};

parentPort?.on('message', (request: DrawingRequest) => {
  void answer(request).then((drawn) => parentPort?.postMessage(drawn));
});
