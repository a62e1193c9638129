import { expect, it } from '@jest/globals';
import { pathForLog } from '../../../src/web/http/request-log';

it.each(['pay', 'u', 'enter', 'portal', 'plan', 'question'])('keeps the secret of /%s/… out of the log', (room) => {
  expect(pathForLog(`/${room}/s3cret`)).toBe(`/${room}/[token]`);
  expect(pathForLog(`/${room}/s3cret/pdf`)).toBe(`/${room}/[token]/pdf`);
});

it('names every other path as it is', () => {
  expect(pathForLog('/connections/con_1/plan')).toBe('/connections/con_1/plan');
});
