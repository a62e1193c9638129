// `npm start`: the product, for real credentials. Reads .env beside package.json where it exists.
const fs = require('node:fs');
const path = require('node:path');
const { root, requireNode, installPackages, build } = require('./setup');

requireNode();
installPackages();
build();
const file = path.join(root, '.env');
if (fs.existsSync(file)) process.loadEnvFile(file);
require(path.join(root, 'dist', 'src', 'main.js'));
