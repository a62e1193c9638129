// On a fresh checkout Jest knows no durations and goes by file size, which leaves the longest roads to the end, where they run alone.
const { default: Sequencer } = require('@jest/test-sequencer');

const LONGEST = [
  '/test/e2e/real-data.',
  '/test/e2e/',
  '/test/billing/distributed.',
  '/test/web/api/receivables.',
  '/test/model/',
];
const rankOf = ({ path }) => {
  const rank = LONGEST.findIndex((part) => path.includes(part));
  return rank === -1 ? LONGEST.length : rank;
};

module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    return super.sort(tests).toSorted((a, b) => rankOf(a) - rankOf(b));
  }
};
