/**
 * 1Password's `op` 2, as far as its reference says: an item comes from a template on stdin; two items may have the same
 * title, and then the title names neither; every failure ends with 1. A template is read from a pipe alone: not from a
 * file, and not from the socket that Node gives to a child.
 */
const { fstatSync } = require('node:fs');
const { argv, entries, fail, isLocked, keep, options, stdin } = require('./common.cjs');

const [noun, verb, ...rest] = argv;
const parsed = options(rest, ['--vault', '--format'], ['--archive', '--reveal']);
if (noun !== 'item' || !parsed) fail(1, '[ERROR] unknown command or flag');
if (isLocked())
  fail(1, '[ERROR] You are not currently signed in. Please run `op signin --help` for instructions');
const { '--vault': vault = 'Private', '--format': format } = parsed.found;
const all = entries();
const [name] = parsed.rest;
/** Names in the data: VAULT/TITLE, and VAULT/TITLE#2 for a second one. */
const same = Object.keys(all).filter((key) => key.replace(/#\d+$/, '') === `${vault}/${name}`);

if (verb === 'create') {
  if (name !== '-' || parsed.rest.length !== 1) fail(1, '[ERROR] a template on stdin is named by -');
  if (!fstatSync(0).isFIFO()) fail(1, "[ERROR] provide the item category with '--category' flag");
  let item;
  try {
    item = JSON.parse(stdin());
  } catch {
    fail(1, '[ERROR] invalid JSON');
  }
  const field = item.fields?.find(({ id }) => id === 'password');
  if (item.category !== 'PASSWORD' || !item.title || field?.type !== 'CONCEALED' || !field.value)
    fail(1, '[ERROR] invalid item template');
  const key = `${vault}/${item.title}`;
  keep({ ...all, [all[key] === undefined ? key : `${key}#2`]: field.value });
  process.exit(0);
}
if (verb === 'list') {
  const titles = Object.keys(all).filter((key) => key.startsWith(`${vault}/`));
  process.stdout.write(JSON.stringify(titles.map((key) => ({ title: key.slice(vault.length + 1) }))));
  process.exit(0);
}
if (same.length === 0)
  fail(1, `[ERROR] "${name}" isn't an item. Specify the item with its UUID, name, or domain.`);
if (same.length > 1)
  fail(1, `[ERROR] More than one item matches "${name}". Try again and specify the item by its ID`);
if (verb === 'get') {
  if (format !== 'json') fail(1, '[ERROR] the tests know JSON alone');
  // Outputs of op 2.30 and later conceal.
  const isConcealed = process.env.STAND_IN_CONCEALS && !parsed.found['--reveal'];
  const value = isConcealed ? "[use 'op item get abc --reveal' to reveal]" : all[same[0]];
  const fields = [
    { id: 'notesPlain', type: 'STRING', purpose: 'NOTES', label: 'notesPlain' },
    { id: 'password', type: 'CONCEALED', purpose: 'PASSWORD', label: 'password', value },
  ];
  process.stdout.write(JSON.stringify({ id: 'abc', title: name, category: 'PASSWORD', fields }));
} else if (verb === 'delete') {
  const { [same[0]]: _, ...others } = all;
  keep(others);
} else fail(1, '[ERROR] unknown command');
