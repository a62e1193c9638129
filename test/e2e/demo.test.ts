// The whole road of the demo on the embedded store: one process, one SQLite file.
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type Played, playTheRoad, secretsInLog } from './played-road';

describe('the main job, end to end, embedded', () => {
  let played: Played;
  beforeAll(async () => {
    played = await playTheRoad();
  }, 180_000);

  test('holds in every line of its closing table, on both ledgers', () => {
    expect({ failures: played.failures, told: played.failures.length === 0 ? '' : played.told }).toEqual({
      failures: [],
      told: '',
    });
    expect(played.rows.length).toBeGreaterThanOrEqual(6);
  });

  test('leaves no secret in the log: none of the set-up, no token, cookie, key, password or pay link', () => {
    const kinds = new Set(played.secrets.values());
    // Each kind was heard, so that the search below means something.
    for (const kind of ['a secret of the set-up', 'a pay token', 'a password', 'an API key', 'access_token'])
      expect(kinds).toContain(kind);
    expect([...kinds].some((kind) => kind.startsWith('the cookie '))).toBe(true);
    expect(played.log).toContain('"ready"');
    expect(secretsInLog(played)).toEqual([]);
  });
});
