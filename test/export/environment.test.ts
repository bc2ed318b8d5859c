import { describe, expect, test } from 'vitest';
import { Secret, type Session } from '../../src/credentials.ts';
import { type Applied, apply, type Change, clear, lead } from '../../src/export/environment.ts';
import { serverOf } from '../../src/export/memory.ts';
import { environmentProfile } from '../../src/profile/choice.ts';

const session: Session = {
  accessKeyId: 'ASIANEW',
  secretAccessKey: new Secret('new secret'),
  sessionToken: new Secret('new token'),
  expiration: 1_795_261_666,
};

type Env = Record<string, string>;

/** What a shell makes of a change. */
function after(env: Env, change: Change | undefined): Env {
  const result = { ...env };
  for (const step of change ?? []) {
    if ('set' in step) result[step.set] = step.value instanceof Secret ? step.value.reveal() : step.value;
    else for (const name of step.unset) delete result[name];
  }
  return result;
}

/** `regions` is what the config file says of the profiles. */
const regions: Record<string, string | undefined> = { work: 'eu-west-1', prod: 'us-west-2' };

function use(env: Env, profile: string, more: Partial<Applied> = {}): Env {
  const own = regions[profile];
  const heldRegion = regions[env.AWSMFA_PROFILE ?? ''];
  const applied = { profile, region: own, profileRegion: own, heldRegion, keepProfile: false, ...more };
  return after(env, apply(session, applied, env));
}

const cleared = (env: Env) => after(env, clear(env, regions[env.AWSMFA_PROFILE ?? '']));

/** Without the memory of `clear`, whose form is nobody else's business. */
const visible = ({ AWSMFA_RESTORE: _, ...env }: Env) => env;

const held = {
  AWS_ACCESS_KEY_ID: 'ASIANEW',
  AWS_SECRET_ACCESS_KEY: 'new secret',
  AWS_SESSION_TOKEN: 'new token',
  AWS_CREDENTIAL_EXPIRATION: '2026-11-21T11:47:46Z',
  AWSMFA_EXPIRES_AT: '1795261666',
};
const regionOf = (region: string) => ({ AWS_REGION: region, AWS_DEFAULT_REGION: region });

const stale = {
  AWS_ACCESS_KEY_ID: 'ASIAOLD',
  AWS_SECRET_ACCESS_KEY: 'old',
  AWS_SESSION_TOKEN: 'old',
  AWS_SECURITY_TOKEN: 'old',
  AWS_CREDENTIAL_EXPIRATION: 'old',
  AWS_VAULT: 'old',
  AWSUME_PROFILE: 'old',
  AWSUME_EXPIRATION: 'old',
  AWS_SESSION_EXPIRATION: 'old',
  AWS_ACCESS_KEY: 'old',
  AWS_SECRET_KEY: 'old',
  AMAZON_ACCESS_KEY_ID: 'old',
  AMAZON_SECRET_ACCESS_KEY: 'old',
  AMAZON_SESSION_TOKEN: 'old',
  AWS_CREDENTIAL_FILE: 'old',
};

test('the change, in its order', () => {
  const applied = { profile: 'work', region: 'eu-west-1', profileRegion: 'eu-west-1', heldRegion: undefined };
  const change = apply(session, { ...applied, keepProfile: false }, {});
  const flat = change.flatMap<unknown>((step) => ('set' in step ? [[step.set, step.value]] : step.unset));
  expect(flat).toEqual([
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_SECURITY_TOKEN',
    'AWS_CREDENTIAL_EXPIRATION',
    'AWS_ACCOUNT_ID',
    'AWS_PROFILE',
    'AWS_DEFAULT_PROFILE',
    'AWS_VAULT',
    'AWSUME_PROFILE',
    'AWSUME_EXPIRATION',
    'AWS_SESSION_EXPIRATION',
    'AWS_ACCESS_KEY',
    'AWS_SECRET_KEY',
    'AMAZON_ACCESS_KEY_ID',
    'AMAZON_SECRET_ACCESS_KEY',
    'AMAZON_SESSION_TOKEN',
    'AWS_CREDENTIAL_FILE',
    ['AWS_ACCESS_KEY_ID', 'ASIANEW'],
    ['AWS_SECRET_ACCESS_KEY', session.secretAccessKey],
    ['AWS_SESSION_TOKEN', session.sessionToken],
    ['AWS_CREDENTIAL_EXPIRATION', '2026-11-21T11:47:46Z'],
    ['AWS_REGION', 'eu-west-1'],
    ['AWS_DEFAULT_REGION', 'eu-west-1'],
    ['AWSMFA_PROFILE', 'work'],
    ['AWSMFA_EXPIRES_AT', '1795261666'],
  ]);
});

test('yesterday’s session and what other tools left goes', () => {
  const env = { HOME: '/home/ada', ...stale };
  expect(visible(use(env, 'other'))).toEqual({ HOME: '/home/ada', ...held, AWSMFA_PROFILE: 'other' });
});

describe('the profile variables', () => {
  const env = { AWS_PROFILE: 'prod', AWS_DEFAULT_PROFILE: "$(id) & = % é'" };
  const other = { ...held, AWSMFA_PROFILE: 'other' };

  test('go, and clear brings them back', () => {
    expect(visible(use(env, 'other'))).toEqual(other);
    expect(cleared(use(env, 'other'))).toEqual(env);
    expect(cleared(use(use(use(env, 'other'), 'work'), 'other'))).toEqual(env);
  });

  test('that were set since are the ones that come back', () => {
    const later = { ...use(env, 'other'), AWS_PROFILE: 'later' };
    expect(cleared(use(later, 'work'))).toEqual({ ...env, AWS_PROFILE: 'later' });
    expect(cleared(later)).toEqual({ ...env, AWS_PROFILE: 'later' });
  });

  test('that are empty go, and nothing comes back', () => {
    expect(cleared(use({ AWS_PROFILE: '' }, 'other'))).toEqual({});
  });

  test('name the profile in use with --keep-profile, and clear brings the others back', () => {
    const kept = use(env, 'other', { keepProfile: true });
    expect(visible(kept)).toEqual({ AWS_PROFILE: 'other', ...other });
    expect(cleared(kept)).toEqual(env);
    expect(visible(use(kept, 'work', { keepProfile: true }))).toMatchObject({ AWS_PROFILE: 'work' });
    expect(cleared(use(kept, 'work', { keepProfile: true }))).toEqual(env);
    expect(visible(use(kept, 'other'))).toEqual(other);
    expect(cleared(use({}, 'other', { keepProfile: true }))).toEqual({});
  });

  test('that the user has set over ours since are his', () => {
    const later = { ...use(env, 'other', { keepProfile: true }), AWS_PROFILE: 'later' };
    expect(cleared(later)).toEqual({ ...env, AWS_PROFILE: 'later' });
  });

  test('keys from the environment have no profile to keep', () => {
    expect(visible(use(env, environmentProfile, { keepProfile: true }))).not.toHaveProperty('AWS_PROFILE');
  });

  test('that went once come back after a later --keep-profile', () => {
    expect(cleared(use(use(env, 'other'), 'other', { keepProfile: true }))).toEqual(env);
  });
});

describe('the account', () => {
  const mine: Session = { ...session, accountId: '111122223333' };
  const used = (env: Env, of: Session) =>
    after(
      env,
      apply(
        of,
        {
          profile: 'other',
          region: undefined,
          profileRegion: undefined,
          heldRegion: undefined,
          keepProfile: false,
        },
        env,
      ),
    );

  test('is set where it is known, and a stale one goes where it is not', () => {
    expect(visible(used({}, mine))).toMatchObject({ AWS_ACCOUNT_ID: '111122223333' });
    expect(visible(used(used({}, mine), session))).not.toHaveProperty('AWS_ACCOUNT_ID');
  });

  test('of the user comes back with clear', () => {
    const env = { AWS_ACCOUNT_ID: '999999999999' };
    for (const of of [mine, session]) {
      expect(cleared(used(env, of))).toEqual(env);
      expect(cleared(used(used(env, mine), of))).toEqual(env);
    }
    expect(cleared(used({}, mine))).toEqual({});
  });
});

describe('the region', () => {
  test('of the profile goes and comes with it', () => {
    const work = use({}, 'work');
    expect(visible(work)).toEqual({ ...held, AWSMFA_PROFILE: 'work', ...regionOf('eu-west-1') });
    const prod = use(work, 'prod');
    expect(visible(prod)).toEqual({ ...held, AWSMFA_PROFILE: 'prod', ...regionOf('us-west-2') });
    expect(visible(use(prod, 'other'))).toEqual({ ...held, AWSMFA_PROFILE: 'other' });
    expect([work, prod].map(cleared)).toEqual([{}, {}]);
  });

  test('of --region goes and comes as well', () => {
    const there = use({}, 'work', { region: 'sa-east-1' });
    expect(visible(there)).toMatchObject(regionOf('sa-east-1'));
    expect(visible(use(there, 'prod'))).toMatchObject(regionOf('us-west-2'));
    expect(cleared(there)).toEqual({});
  });

  test.for<Env>([
    { AWS_REGION: 'ap-south-1' },
    regionOf('ap-south-1'),
    regionOf('eu-west-1'),
    { AWS_DEFAULT_REGION: 'us-west-2' },
  ])('of --region takes the place of the one that the user has set, which comes back: %o', (env) => {
    for (const region of ['sa-east-1', 'eu-west-1']) {
      const there = use(env, 'work', { region, isRegionAsked: true });
      expect(visible(there)).toEqual({ ...held, AWSMFA_PROFILE: 'work', ...regionOf(region) });
      expect(cleared(there)).toEqual(env);
      expect(visible(use(use(there, 'work'), 'prod'))).toEqual({ ...held, ...env, AWSMFA_PROFILE: 'prod' });
      expect(cleared(use(there, 'prod'))).toEqual(env);
      const twice = use(there, 'prod', { region: 'us-east-1', isRegionAsked: true });
      expect(visible(twice)).toMatchObject(regionOf('us-east-1'));
      expect(cleared(twice)).toEqual(env);
    }
  });

  test.for<Env>([
    { AWS_REGION: 'ap-south-1' },
    { AWS_DEFAULT_REGION: 'ap-south-1' },
    regionOf('ap-south-1'),
    { AWS_REGION: 'ap-south-1', AWS_DEFAULT_REGION: 'eu-west-1' },
    { AWS_DEFAULT_REGION: 'eu-west-1' },
  ])('that the user has set himself stays, whatever happens: %o', (env) => {
    const work = use(env, 'work');
    expect(visible(work)).toEqual({ ...held, ...env, AWSMFA_PROFILE: 'work' });
    expect(visible(use(work, 'prod'))).toEqual({ ...held, ...env, AWSMFA_PROFILE: 'prod' });
    expect(cleared(work)).toEqual(env);
  });

  test('that the user has set himself stays, even when it is that of the profile', () => {
    const env = regionOf('eu-west-1');
    expect(visible(use(use(env, 'work'), 'prod'))).toEqual({ ...held, ...env, AWSMFA_PROFILE: 'prod' });
    expect(cleared(use(env, 'work'))).toEqual(env);
  });

  test('that the user sets after us stays', () => {
    const later = { ...use({}, 'work'), ...regionOf('ap-south-1') };
    expect(visible(use(later, 'prod'))).toMatchObject(regionOf('ap-south-1'));
    expect(cleared(later)).toEqual(regionOf('ap-south-1'));
  });
});

describe('a server', () => {
  const url = 'http://127.0.0.1:1234/';
  const server = { url, token: new Secret('token') };
  const led = (env: Env, profile = 'work') => {
    const region = regions[profile];
    const applied = { profile, region, profileRegion: region, heldRegion: undefined, keepProfile: false };
    return after(env, lead(server, applied, env));
  };
  const variables = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'token',
  };
  const others = {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/x',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/x',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/x',
  };

  test('takes the place of everything that programs would find before', () => {
    const env = { ...stale, ...others, AWS_PROFILE: 'prod', AWSMFA_EXPIRES_AT: '1', KEPT: 'x' };
    const there = led(env);
    expect(visible(there)).toEqual({
      ...variables,
      ...regionOf('eu-west-1'),
      AWSMFA_PROFILE: 'work',
      KEPT: 'x',
    });
    expect(serverOf(there)).toBe(url);
    expect(cleared(there)).toEqual({ AWS_PROFILE: 'prod', KEPT: 'x' });
  });

  test('is taken out by clear after a session was put over it, too', () => {
    const both = use(led({}), 'prod');
    expect(visible(both)).toEqual({
      ...held,
      ...variables,
      ...regionOf('us-west-2'),
      AWSMFA_PROFILE: 'prod',
    });
    expect(cleared(both)).toEqual({});
  });

  test('of somebody else stays', () => {
    const env = { ...led({}), AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' };
    expect(serverOf(env)).toBeUndefined();
    expect(cleared(env)).toEqual({ ...variables, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' });
    expect(serverOf({})).toBeUndefined();
  });
});

describe('clear', () => {
  test('has nothing to do where nothing is held', () => {
    expect(
      [{}, { AWS_PROFILE: 'prod', AWS_REGION: 'x' }, { AWS_ACCESS_KEY_ID: 'AKIA' }].map((env) =>
        clear(env, undefined),
      ),
    ).toEqual([undefined, undefined, undefined]);
  });

  test('leaves long-term keys, and takes a session of whoever it is', () => {
    const longTerm = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'own' };
    expect(cleared({ ...longTerm, AWSMFA_PROFILE: 'work' })).toEqual(longTerm);
    const session = {
      ...longTerm,
      AWS_SESSION_TOKEN: 'x',
      AWS_SECURITY_TOKEN: 'x',
      AWS_CREDENTIAL_EXPIRATION: 'x',
    };
    expect(cleared(session)).toEqual({});
  });

  test('twice is once', () => {
    const once = cleared(use({ AWS_PROFILE: 'prod' }, 'work'));
    expect(cleared(once)).toEqual(once);
  });

  test.for([
    '',
    '%',
    '=',
    '&&&',
    'AWS_PROFILE',
    'AWS_PROFILE=%E0%A4%A',
    'PATH=/tmp&LD_PRELOAD=/x',
    'region=%00',
  ])('a memory that somebody else wrote sets nothing: %j', (memory) => {
    const env = { ...held, AWSMFA_PROFILE: 'work', AWSMFA_RESTORE: memory, PATH: '/bin' };
    expect(cleared(env)).toEqual({ PATH: '/bin' });
  });
});
