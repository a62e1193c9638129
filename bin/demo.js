// `npm run demo`: sets up, builds and plays the main job against the sandbox. `-- --exit` ends after the closing table.
const { spawn } = require('node:child_process');
const path = require('node:path');
const { root, requireNode, installPackages, build } = require('./setup');

requireNode();
installPackages();
build();
const play = spawn(process.execPath, [path.join(root, 'dist', 'demo', 'main.js'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => play.kill(signal));
play.on('exit', (code) => process.exit(code ?? 1));
