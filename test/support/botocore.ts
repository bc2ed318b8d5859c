import { execFileSync, spawnSync } from 'node:child_process';

/** What botocore makes of one pair of files. A nested block is an object; an error is botocore's class of it. */
export interface Judgement {
  readonly config: Judged<{ profiles: Sections; sso_sessions: Sections; services: Sections }>;
  readonly credentials: Judged<Sections>;
  /** The names of the profiles in botocore's order. */
  readonly names: readonly string[];
  readonly merged: Sections;
}

export type Judged<T> = T | { readonly error: string };
export type Sections = Record<string, Record<string, string | Record<string, string>>>;

const candidates = ['/usr/bin/python3', 'python3'];

/** A Python that has botocore, or nothing. */
export function pythonWithBotocore(): string | undefined {
  return candidates.find((python) => spawnSync(python, ['-c', 'import botocore.configloader']).status === 0);
}

/** Asks botocore about all the files in one process. */
export function judge(
  python: string,
  files: readonly { config: string; credentials: string }[],
): Judgement[] {
  const output = execFileSync(python, ['-c', script], {
    input: JSON.stringify(files),
    env: { ...process.env, PYTHONUTF8: '1' },
    maxBuffer: 1 << 28,
    encoding: 'utf8',
  });
  return JSON.parse(output) as Judgement[];
}

// The merge is that of botocore.session.Session.full_config. Versions before 1.31 knew no [services]: for them its
// rule is that of the other two kinds, `_parse_section`.
const script = `
import json, shlex, sys
from botocore.configloader import load_config, raw_config_parse

def services_of(config):
    found = {}
    for header, values in config.items():
        if header.startswith('services'):
            try:
                words = shlex.split(header)
            except ValueError:
                continue
            if len(words) == 2:
                found[words[1]] = values
    return found

def config_of(path):
    config = load_config(path)
    services = config['services'] if 'services' in config else services_of(config)
    return {'profiles': config['profiles'], 'sso_sessions': config['sso_sessions'], 'services': services}

def attempt(read, path):
    try:
        return read(path)
    except Exception as error:
        return {'error': type(error).__name__}

answers = []
for pair in json.load(sys.stdin):
    config = attempt(config_of, pair['config'])
    credentials = attempt(raw_config_parse, pair['credentials'])
    answer = {'config': config, 'credentials': credentials, 'names': [], 'merged': {}}
    if 'error' not in config and 'error' not in credentials:
        merged = {name: dict(values) for name, values in config['profiles'].items()}
        for name, values in credentials.items():
            merged.setdefault(name, {}).update(values)
        answer['names'] = list(merged)
        answer['merged'] = merged
    answers.append(answer)
json.dump(answers, sys.stdout)
`;
