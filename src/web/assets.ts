// One style sheet and one script, put together at start and named by their content, so that browsers may keep them for ever.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import express, { type Router } from 'express';

export type Assets = { readonly css: string; readonly js: string; readonly router: Router };

export const loadAssets = (folder: string): Assets => {
  const css = collapsed(joined(path.join(folder, 'css'), '.css'));
  const js = joined(path.join(folder, 'js'), '.js');
  const names = { css: `/assets/app.${hash(css)}.css`, js: `/assets/app.${hash(js)}.js` };
  const router = express.Router();
  const serve = (name: string, type: string, body: string): void => {
    router.get(name, (_req, res) => {
      res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
      res.type(type).send(body);
    });
  };
  serve(names.css, 'text/css', css);
  serve(names.js, 'text/javascript', js);
  return { ...names, router };
};

const joined = (folder: string, extension: string): string =>
  readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8').trimEnd())
    .join('\n');

/** Without comments and the white space that only people need. Safe because no rule of ours holds text in quotes but single signs. */
const collapsed = (css: string): string =>
  css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,]) ?/g, '$1')
    .replace(/;}/g, '}')
    .trim();

const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);
