// What the front doors share: a Node that is new enough, the packages of the lockfile, a build that is not older than its source,
// and the system programs that tests need. Plain JavaScript without a dependency, since it runs before anything is installed.
const { spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const say = (text) => process.stdout.write(`${text}\n`);

const run = (command, args, options = {}) => {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (done.error) throw done.error;
  return done.status ?? 1;
};

const requireNode = () => {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  say(
    `BillBridge needs Node 20.19 or newer; this is ${process.versions.node}. Install a newer one from your system's packages.`,
  );
  process.exit(1);
};

const hashOf = (file) =>
  createHash('sha256')
    .update(fs.readFileSync(path.join(root, file)))
    .digest('hex');

/** Installs the locked packages once; a second run needs no network. */
const installPackages = () => {
  const mark = path.join(root, 'node_modules', '.billbridge-lock');
  const wanted = hashOf('package-lock.json');
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === wanted) return;
  say('Installing the packages of package-lock.json (about 15 seconds) …');
  const started = Date.now();
  if (run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']) !== 0) {
    say('The packages could not be installed. Check the network and run the same command again.');
    process.exit(1);
  }
  fs.writeFileSync(mark, wanted);
  say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
};

const newestIn = (folder) => {
  let newest = 0;
  const walk = (place) => {
    for (const entry of fs.readdirSync(place, { withFileTypes: true })) {
      const full = path.join(place, entry.name);
      if (entry.isDirectory()) walk(full);
      else if (entry.name.endsWith('.ts')) newest = Math.max(newest, fs.statSync(full).mtimeMs);
    }
  };
  if (fs.existsSync(folder)) walk(folder);
  return newest;
};

const BUILT = ['src', 'config', 'sandbox', 'demo', 'test/bench'];

/** Compiles to dist/ unless it is newer than every source file. */
const build = () => {
  const mark = path.join(root, 'dist', '.built');
  const newest = Math.max(
    ...BUILT.map((folder) => newestIn(path.join(root, folder))),
    fs.statSync(path.join(root, 'tsconfig.build.json')).mtimeMs,
  );
  if (fs.existsSync(mark) && fs.statSync(mark).mtimeMs > newest) return;
  say('Building …');
  fs.rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  if (
    run(process.execPath, [
      path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      '-p',
      'tsconfig.build.json',
    ]) !== 0
  )
    process.exit(1);
  fs.writeFileSync(mark, '');
};

const isInstalled = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/** Program → Debian package that brings it. */
const installPrograms = (programs) => {
  const missing = Object.entries(programs).filter(([program]) => !isInstalled(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  const asRoot = process.getuid?.() === 0 && isInstalled('apt-get');
  if (!asRoot) {
    say(
      `The tests need ${missing.map(([program]) => program).join(' and ')}. Install with:\n  sudo apt-get install -y ${packages.join(' ')}`,
    );
    process.exit(1);
  }
  say(`Installing ${packages.join(', ')} from the system's packages …`);
  const quiet = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 'inherit'] };
  run('apt-get', ['update', '-qq'], quiet);
  if (run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quiet) !== 0) {
    say(`${packages.join(' and ')} could not be installed. Try by hand:\n  apt-get install -y ${packages.join(' ')}`);
    process.exit(1);
  }
};

module.exports = { root, say, run, requireNode, installPackages, installPrograms, build };
