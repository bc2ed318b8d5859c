import { Exit, UserError } from '../../errors.ts';
import { printable } from '../../printable.ts';
import { type KeysProfile, sourceOf } from '../../profile/profile.ts';
import { profileWord } from '../../shell-word.ts';
import { namedStore, outsideOf, usableStores } from '../../stores/stores.ts';
import { silent } from '../../ui.ts';
import { ageInDays, askCreated, oldAge, sayAge } from '../keys/age.ts';
import { type Check, type Finding, failed, ok, unknown, warning } from './finding.ts';
import type { Patient } from './patient.ts';

/** The long-term keys, and whose they are. */
export const keys: Check = async (patient) => {
  const { chosen, sts } = patient;
  if (chosen instanceof UserError) return [unknown('no keys to ask about without a profile')];
  const root = sourceOf(chosen.profile);
  if (!('keys' in root)) {
    return [
      unknown(
        `those of "${printable(root.name, 60)}" come from elsewhere, and are not fetched here`,
        `To see whether they can be had: awsmfa login ${profileWord(chosen.profile.name)}`,
      ),
    ];
  }
  const { accessKeyId } = root.keys;
  const shown = `${printable(accessKeyId.slice(0, 4))}…${printable(accessKeyId.slice(-4))} of "${printable(root.name, 60)}"`;
  const { identity, error } = await sts;
  if (identity) return [ok(`${shown} is ${printable(identity.arn, 200)}`), ...(await keptKey(root, patient))];
  if (error && /^(key-|bad-key-|no-such-store)/.test(error.code)) return [failed(error)];
  if (!error || error.exit !== Exit.refused)
    return [unknown(`${shown}: not asked about, STS was not reached`)];
  if (error.code === 'clock-off') return [unknown(`${shown}: not asked about, the clock is off`)];
  return [failed(error)];
};

/** Where a long-term key is kept, and how old it is, as far as IAM tells. */
async function keptKey(
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
