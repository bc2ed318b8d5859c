import { type Refusal, refusal, validationError } from './refusals.ts';

export type Params = Readonly<Record<string, string>>;

/** One parameter of the published STS model; `name` in AWS's lower camel case, the request has it in upper. */
export type Constraint = {
  readonly name: string;
  readonly required?: boolean;
  /** Inclusive limits of an integer. */
  readonly range?: readonly [min: number, max: number];
  /** Inclusive limits of a length in characters. */
  readonly length?: readonly [min: number, max: number];
  /** As the model writes it, because the text quotes it; it must match the whole value. */
  readonly pattern?: string;
};

/** What is wrong with each parameter, all in one refusal as AWS does it; undefined when nothing is. */
export function checkParams(params: Params, constraints: readonly Constraint[]): Refusal | undefined {
  const faults: string[] = [];
  for (const constraint of constraints) {
    const value = params[upperCamel(constraint.name)];
    // AWS fails to parse the request before it validates anything; its text for that is not known.
    if (value !== undefined && constraint.range !== undefined && !/^[+-]?\d+$/.test(value)) {
      return refusal(400, 'MalformedInput', `${upperCamel(constraint.name)} is not an integer`);
    }
    const fault = faultOf(value, constraint);
    if (fault === undefined) continue;
    const shown = value === undefined ? 'null' : `'${value}'`;
    faults.push(`Value ${shown} at '${constraint.name}' failed to satisfy constraint: Member must ${fault}`);
  }
  if (faults.length === 0) return undefined;
  const count = faults.length === 1 ? '1 validation error' : `${faults.length} validation errors`;
  return validationError(`${count} detected: ${faults.join('; ')}`);
}

/** The first thing that is wrong with one value. */
function faultOf(
  value: string | undefined,
  { required, range, length, pattern }: Constraint,
): string | undefined {
  if (value === undefined) return required === true ? 'not be null' : undefined;
  const fault = outside(range, Number(value), 'value') ?? outside(length, [...value].length, 'length');
  if (fault !== undefined || pattern === undefined) return fault;
  return new RegExp(`^(?:${pattern})$`).test(value)
    ? undefined
    : `satisfy regular expression pattern: ${pattern}`;
}

function outside(limits: Constraint['range'], actual: number, what: string): string | undefined {
  if (limits === undefined) return undefined;
  const [min, max] = limits;
  if (actual < min) return `have ${what} greater than or equal to ${min}`;
  return actual > max ? `have ${what} less than or equal to ${max}` : undefined;
}

function upperCamel(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
