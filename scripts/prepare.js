// npm runs this in a clone: for `npm install`, for `npm install --global .`, and for a git URL.
import { mkdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import './ready.js';

// For `npm install --global GIT-URL` npm starts a second `npm install` in its temporary clone, and that one inherits
// --global: it links the clone into the global directory. The clone is deleted later, and the link would be left in
// place of the package (npm 7 to 11). With an empty directory there, npm installs what it packs.
const { _PACOTE_NO_PREPARE_: fromGit, npm_config_global: global, npm_config_prefix: prefix } = process.env;
if (fromGit && global === 'true' && prefix) {
  const modules = process.platform === 'win32' ? 'node_modules' : join('lib', 'node_modules');
  const link = join(prefix, modules, 'awsmfa');
  if (leadsHere(link)) {
    rmSync(link);
    mkdirSync(link);
  }
}

function leadsHere(link) {
  try {
    return realpathSync(link) === realpathSync('.');
  } catch {
    return false;
  }
}
