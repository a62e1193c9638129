// How long the planner takes to find nothing to do in 50,000 linked pairs, with the reading of what the store and the wire hand over, and the
// most memory that the process ever held meanwhile.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { z } from 'zod';
import { type Bench, under, without } from './figure';

const LIMIT_S = 5;
const LIMIT_MB = 300;
const Measured = z.object({ pairs: z.number(), unchanged: z.number(), seconds: z.number(), megabytes: z.number() });

export const planner: Bench = {
  name: 'planner',
  run: async (tell) => {
    tell('planning 50,000 unchanged pairs');
    const { pairs, unchanged, seconds, megabytes } = Measured.parse(JSON.parse(await worked()));
    const wrong = unchanged === pairs ? [] : [`${pairs - unchanged} pairs were not found unchanged`];
    const what = `planner: ${pairs} unchanged pairs`;
    return [
      without(`${what}, decisions`, wrong, 'nothing to do'),
      under({ what: `${what}, time`, value: seconds, unit: 's', decimals: 1 }, LIMIT_S),
      under({ what: `${what}, most memory of the process`, value: megabytes, unit: 'MB' }, LIMIT_MB),
    ];
  },
};

const worked = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(__dirname, 'planner-work.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => {
      said += text.toString('utf8');
    });
    child.once('error', reject);
    child.once('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`planner-work ended with ${code}`))));
  });
