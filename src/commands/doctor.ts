import { UserError } from '../errors.ts';
import type { SessionRequest } from '../request.ts';
import { type Paints, plain, screen } from '../screen.ts';
import { printable } from '../text.ts';
import type { Ui } from '../ui.ts';
import type { Outcome, World } from '../world.ts';
import { cache } from './doctor/cache.ts';
import { configFile, credentialsFile } from './doctor/files.ts';
import {
  type Check,
  examine,
  type Finding,
  failed,
  type Patient,
  type State,
  unknown,
} from './doctor/patient.ts';
import { profile, profiles } from './doctor/profiles.ts';
import { environment, integration, node, program } from './doctor/program.ts';
import { clock, code, device, keys, sts } from './doctor/sts.ts';

/** In the order of the report: the shell, the files, the profile, AWS, the cache. */
const checks: Readonly<Record<string, Check>> = {
  integration,
  program,
  node,
  environment,
  config: configFile,
  credentials: credentialsFile,
  profiles,
  profile,
  sts,
  keys,
  clock,
  device,
  code,
  cache,
};

export interface DoctorOptions {
  readonly request: SessionRequest;
  /** A variable that every command would refuse. */
  readonly wrong?: UserError;
  readonly json: boolean;
}

/** `awsmfa doctor`: checks common problems and shows how to fix each. It asks nothing and changes nothing. */
export async function doctor(
  { request, wrong, json: isJson }: DoctorOptions,
  ui: Ui,
  world: World,
): Promise<Outcome> {
  const patient = examine(request, wrong, ui, world);
  const looked = Object.entries(checks).map(async ([check, look]) =>
    (await attempt(look, patient)).map((one) => ({ check, ...one })),
  );
  const findings = (await ui.sayIfSlow('Waiting for an answer of STS …', Promise.all(looked))).flat();
  const exit = findings.some(({ state }) => state === 'broken') ? 1 : 0;
  const stdout = isJson ? json(findings, exit) : people(findings, world);
  return { stdout, exit };
}

type Named = Finding & { readonly check: string };

/** A check that fails does not stop the others. */
async function attempt(look: Check, patient: Patient): Promise<readonly Finding[]> {
  try {
    return await look(patient);
  } catch (error) {
    if (error instanceof UserError) return [failed(error)];
    return [unknown(`could not be looked at: ${printable(String(error), 200)}`)];
  }
}

function json(findings: readonly Named[], exit: number): string {
  const list = findings.map(({ check, state, message, hint = null }) => ({ check, state, message, hint }));
  return `${JSON.stringify({ ok: exit === 0, checks: list }, undefined, 2)}\n`;
}

function people(findings: readonly Named[], world: World): string {
  const { paint = plain, width = wide } = screen(world);
  const indent = ' '.repeat(width < wide ? 9 : 22);
  const lines = findings.flatMap(({ check, state, message, hint }) => {
    const [mark, colour] = marks[state];
    const line = `${paint[colour](mark.padEnd(7))}  ${check.padEnd(11)}  ${message}`;
    return hint === undefined ? [line] : [line, `${indent}${hint}`];
  });
  return `${[...lines, '', summary(findings)].join('\n')}\n`;
}

/** From this width on, a hint is indented below its message. */
const wide = 80;

const marks: Readonly<Record<State, readonly [mark: string, colour: keyof Paints]>> = {
  ok: ['ok', 'green'],
  warning: ['warn', 'yellow'],
  broken: ['broken', 'red'],
  unknown: ['unknown', 'dim'],
};

function summary(findings: readonly Named[]): string {
  const parts = (['broken', 'warning', 'unknown'] as const).flatMap((wanted) => {
    const count = findings.filter(({ state }) => state === wanted).length;
    const plural = wanted === 'warning' && count > 1 ? 's' : '';
    return count > 0 ? [`${count} ${wanted}${plural}`] : [];
  });
  return parts.length > 0 ? `${parts.join(', ')}.` : 'All is well.';
}
