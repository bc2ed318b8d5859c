import { printable } from '../../printable.ts';
import type { KeysProfile } from '../../profile/profile.ts';
import { profileWord } from '../../shell-word.ts';
import { namedStore, usableStores } from '../../stores/stores.ts';
import { outsideOf } from '../../stores/tools.ts';
import { silent } from '../../ui.ts';
import { ageInDays, askCreated, oldAge, sayAge } from '../keys/age.ts';
import { type Finding, ok, warning } from './finding.ts';
import type { Patient } from './patient.ts';

/** Where a long-term key is kept, and how old it is, as far as IAM tells. */
export async function keptKey(
  profile: KeysProfile,
  { chosen, env, request, ui, world }: Patient,
): Promise<readonly Finding[]> {
  if (!('files' in chosen) || !profile.file) return [];
  const { store } = profile.keys;
  const created = await askCreated(profile, { env, files: chosen.files }, request, silent(ui), world);
  const days = ageInDays(created, world);
  const word = profileWord(profile.name);
  const age = days === undefined ? '' : `, ${sayAge(days)}`;
  const findings: Finding[] = [];
  if (store) findings.push(ok(`kept in ${namedStore(store.value, store.by).title}${age}`));
  const [first] = store ? [] : usableStores(outsideOf(world));
  if (first) {
    findings.push(
      warning(
        `its secret lies in ${printable(profile.file.place().path)}, where every program of yours can read it`,
        `${first.title.replace(/^./, (letter) => letter.toUpperCase())} could keep it: awsmfa keys store ${word}`,
      ),
    );
  }
  if (days !== undefined && days > oldAge) {
    findings.push(warning(`it is ${sayAge(days)}`, `Make a new one: awsmfa keys rotate ${word}`));
  }
  return findings;
}
