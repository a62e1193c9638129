// `npm run bench`: measures speed and size and prints each figure beside its limit.
const path = require('node:path');
const { root, requireNode, installPackages, build } = require('./setup');

requireNode();
installPackages();
build();
require(path.join(root, 'dist', 'test', 'bench', 'main.js'));
