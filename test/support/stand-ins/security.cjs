/**
 * `security` of macOS, as far as its manual page and its published source say: `-i` reads commands from stdin, quoted as in a
 * shell; -X is hex; 44 is errSecItemNotFound, 36 errSecInteractionNotAllowed, 45 errSecDuplicateItem, 2 wrong usage.
 */
const { argv, entries, fail, isLocked, keep, options, stdin } = require('./common.cjs');

const notFound =
  'security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain.';

function words(line) {
  const found = line.match(/"(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']+/g) ?? [];
  return found.map((word) => (/^["']/.test(word) ? word.slice(1, -1) : word));
}

function run([command, ...rest]) {
  if (isLocked()) return [36, 'security: User interaction is not allowed.'];
  const all = entries();
  if (command === 'add-generic-password') {
    const parsed = options(rest, ['-a', '-s', '-l', '-T', '-X', '-w'], ['-U']);
    if (!parsed || parsed.rest.length > 0) return [2, 'Usage: add-generic-password …'];
    const { '-a': account, '-s': service, '-X': hex, '-T': trusted, '-U': update } = parsed.found;
    if (!/^(?:[0-9a-f]{2})+$/.test(hex ?? '') || trusted !== '') return [2, 'Usage: add-generic-password …'];
    const name = `${service}/${account}`;
    if (all[name] !== undefined && !update) return [45, 'security: The specified item already exists.'];
    keep({ ...all, [name]: Buffer.from(hex, 'hex').toString('utf8') });
    return [0];
  }
  const parsed = options(rest, ['-a', '-s'], command === 'find-generic-password' ? ['-w'] : []);
  if (!parsed || parsed.rest.length > 0) return [2, `Usage: ${command} …`];
  const name = `${parsed.found['-s']}/${parsed.found['-a']}`;
  if (all[name] === undefined) return [44, notFound];
  if (command === 'find-generic-password') {
    // Without -w it prints attributes alone.
    const value = all[name];
    // What it does not take for text comes in hex.
    const shown = /^[\x20-\x7e]*$/.test(value) ? value : Buffer.from(value).toString('hex');
    if (parsed.found['-w']) process.stdout.write(`${shown}\n`);
    return [0];
  }
  if (command !== 'delete-generic-password') return [2, `unknown command "${command}"`];
  const { [name]: _, ...others } = all;
  keep(others);
  process.stderr.write('password has been deleted.\n');
  return [0];
}

if (argv[0] === '-i' && argv.length === 1) {
  let last = 0;
  for (const line of stdin().split('\n').filter(Boolean)) {
    // Its buffer for a line has 4,096 bytes; what is left of a longer one is the next command.
    if (line.length > 4095) fail(1, `security: unknown command "${line.slice(4095)}"`);
    const [status, message] = run(words(line));
    if (message) process.stderr.write(`${message}\n`);
    last = status;
  }
  process.exit(last);
}
const [status, message] = run(argv);
if (message) fail(status, message);
process.exit(status);
