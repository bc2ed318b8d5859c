const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');

const { STAND_IN_DATA: data, STAND_IN_LOG: log, STAND_IN_LOCK: lock } = process.env;
const argv = process.argv.slice(2);
appendFileSync(log, `${JSON.stringify(argv)}\n`);

exports.argv = argv;
exports.isLocked = () => existsSync(lock);
exports.entries = () => JSON.parse(readFileSync(data, 'utf8'));
exports.keep = (entries) => writeFileSync(data, JSON.stringify(entries));
exports.stdin = () => readFileSync(0, 'utf8');
exports.fail = (status, message) => {
  process.stderr.write(`${message}\n`);
  process.exit(status);
};

/** Options with and without values; everything else, and a value that is missing, is wrong usage. */
exports.options = (words, withValue, alone = []) => {
  const found = {};
  const rest = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (withValue.includes(word)) {
      if (words[index + 1] === undefined) return undefined;
      found[word] = words[++index];
    } else if (alone.includes(word)) found[word] = true;
    else if (word.startsWith('-') && word !== '-') return undefined;
    else rest.push(word);
  }
  return { found, rest };
};
