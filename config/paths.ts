// Where the project lies on disk. Views and assets are read from the source tree by the compiled program (dist/) and by the
// development start alike, so both look upwards for the same package.json.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const isOurs = (folder: string): boolean => {
  const manifest = path.join(folder, 'package.json');
  if (!existsSync(manifest)) return false;
  const parsed: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'name' in parsed && parsed.name === 'billbridge';
};

const findRoot = (from: string): string => {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (isOurs(folder)) return folder;
    if (path.dirname(folder) === folder) throw new Error(`no package.json of billbridge above ${from}`);
  }
};

export const projectRoot = findRoot(__dirname);
export const viewsFolder = path.join(projectRoot, 'src', 'web', 'views');
export const mailTemplatesFolder = path.join(projectRoot, 'config', 'templates');
export const assetsFolder = path.join(projectRoot, 'src', 'web', 'assets');
