// Stories between two books, played whole, each held against the report beside it (golden/<name>.md), which an accountant can
// read. `UPDATE_GOLDEN=1 npx jest test/scenarios/golden` writes the reports anew; read the difference before it is committed.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { storiesOfCustomers } from './golden/stories-of-customers';
import { storiesOfEndings } from './golden/stories-of-endings';
import { storiesOfMoney } from './golden/stories-of-money';
import { play } from './golden/story';

const FOLDER = join(__dirname, 'golden');
const STORIES = [...storiesOfCustomers, ...storiesOfMoney, ...storiesOfEndings];
const rewrites = process.env.UPDATE_GOLDEN === '1';

describe('the story', () => {
  it.each(STORIES.map((story) => [story.title, story] as const))('%s', async (_title, story) => {
    const { report, broken, restless, unexplainedMinor } = await play(story);
    expect(broken).toEqual([]); // whatever the file says
    expect({ restless, unexplainedMinor }).toEqual({ restless: 0, unexplainedMinor: [] });
    const path = join(FOLDER, `${story.name}.md`);
    if (rewrites) writeFileSync(path, report);
    expect(report).toBe(readFileSync(path, 'utf8'));
  });

  it('has a name of its own, and each file a story', () => {
    const files = readdirSync(FOLDER).flatMap((file) => (file.endsWith('.md') ? [file.slice(0, -3)] : []));
    expect(files.toSorted()).toEqual(STORIES.map(({ name }) => name).toSorted());
  });
});
