// Where the mail templates lie, for tests.
import path from 'node:path';
import { projectRoot } from '../../config/paths';

export const templatesFolder = path.join(projectRoot, 'config', 'templates');
