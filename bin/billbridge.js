#!/usr/bin/env node
// `npx billbridge …`: what an operator does without a browser. Reads .env of the folder where package.json stands, as `npm start` does.
const fs = require('node:fs');
const path = require('node:path');
const { root, requireNode, installPackages, build } = require('./setup');

// What setting up says is not part of the answer: `--json` has stdout for itself.
const answer = process.stdout.write;
process.stdout.write = process.stderr.write.bind(process.stderr);
requireNode();
installPackages();
build();
process.stdout.write = answer;
const file = path.join(root, '.env');
if (fs.existsSync(file)) process.loadEnvFile(file);
require(path.join(root, 'dist', 'src', 'cli', 'main.js'));
