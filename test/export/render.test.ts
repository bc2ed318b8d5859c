import { expect, test } from 'vitest';
import { Secret } from '../../src/credentials.ts';
import { formats, shells } from '../../src/export/dialects.ts';
import type { Change } from '../../src/export/environment.ts';

const change: Change = [
  { unset: ['AWS_PROFILE', 'AWS_VAULT'] },
  { set: 'AWS_ACCESS_KEY_ID', value: 'ASIAKEY' },
  { set: 'AWS_SECRET_ACCESS_KEY', value: new Secret('a\'b\\c"$(id)`id`\n!d') },
  { set: 'AWS_SESSION_TOKEN', value: new Secret('tok/en+=') },
  { set: 'AWS_CREDENTIAL_EXPIRATION', value: '2026-11-21T11:47:46Z' },
  { set: 'AWSMFA_PROFILE', value: '' },
];

const rendered = (list: Record<string, { render(change: Change): string; failure: string; kind: string }>) =>
  Object.fromEntries(
    Object.entries(list).map(([name, { render, failure, kind }]) => [
      name,
      [kind, failure, ...attempt(() => render(change)).split('\n')],
    ]),
  );

/** Some cannot hold a line break: what they say then is in the snapshot. */
function attempt(render: () => string): string {
  try {
    return render();
  } catch (error) {
    return String(error);
  }
}

test('every shell', () => {
  expect(rendered(shells)).toMatchInlineSnapshot(`
    {
      "bash": [
        "code",
        "false
    ",
        "\\builtin unset AWS_PROFILE AWS_VAULT;",
        "\\builtin export AWS_ACCESS_KEY_ID='ASIAKEY';",
        "\\builtin export AWS_SECRET_ACCESS_KEY='a'\\''b\\c"$(id)\`id\`",
        "!d';",
        "\\builtin export AWS_SESSION_TOKEN='tok/en+=';",
        "\\builtin export AWS_CREDENTIAL_EXPIRATION='2026-11-21T11:47:46Z';",
        "\\builtin export AWSMFA_PROFILE='';",
        "",
      ],
      "cmd": [
        "code",
        "set AWSMFA_FAILED
    ",
        "UserError: cmd cannot hold the value of AWS_SECRET_ACCESS_KEY: it has a line break or another control character",
      ],
      "elvish": [
        "code",
        "fail 'awsmfa failed'
    ",
        "use builtin;",
        "builtin:unset-env AWS_PROFILE;",
        "builtin:unset-env AWS_VAULT;",
        "builtin:set-env AWS_ACCESS_KEY_ID 'ASIAKEY';",
        "builtin:set-env AWS_SECRET_ACCESS_KEY 'a''b\\c"$(id)\`id\`",
        "!d';",
        "builtin:set-env AWS_SESSION_TOKEN 'tok/en+=';",
        "builtin:set-env AWS_CREDENTIAL_EXPIRATION '2026-11-21T11:47:46Z';",
        "builtin:set-env AWSMFA_PROFILE '';",
        "",
      ],
      "fish": [
        "code",
        "false
    ",
        "set -el AWS_PROFILE AWS_VAULT; set -eg AWS_PROFILE AWS_VAULT;",
        "set -q AWS_PROFILE; and set -gx AWS_PROFILE '';",
        "set -q AWS_VAULT; and set -gx AWS_VAULT '';",
        "set -gx AWS_ACCESS_KEY_ID 'ASIAKEY';",
        "set -gx AWS_SECRET_ACCESS_KEY 'a\\'b\\\\c"$(id)\`id\`",
        "!d';",
        "set -gx AWS_SESSION_TOKEN 'tok/en+=';",
        "set -gx AWS_CREDENTIAL_EXPIRATION '2026-11-21T11:47:46Z';",
        "set -gx AWSMFA_PROFILE '';",
        "builtin true;",
        "",
      ],
      "nushell": [
        "code",
        "awsmfa env failed
    ",
        "{"AWS_PROFILE":null,"AWS_VAULT":null,"AWS_ACCESS_KEY_ID":"ASIAKEY","AWS_SECRET_ACCESS_KEY":"a'b\\\\c\\"$(id)\`id\`\\n!d","AWS_SESSION_TOKEN":"tok/en+=","AWS_CREDENTIAL_EXPIRATION":"2026-11-21T11:47:46Z","AWSMFA_PROFILE":""}",
        "",
      ],
      "powershell": [
        "code",
        "Microsoft.PowerShell.Utility\\Write-Error 'awsmfa env failed';
    ",
        "$env:AWS_PROFILE = $null;",
        "$env:AWS_VAULT = $null;",
        "$env:AWS_ACCESS_KEY_ID = 'ASIAKEY';",
        "$env:AWS_SECRET_ACCESS_KEY = 'a''b\\c"$(id)\`id\`' + [char]10 + '!d';",
        "$env:AWS_SESSION_TOKEN = 'tok/en+=';",
        "$env:AWS_CREDENTIAL_EXPIRATION = '2026-11-21T11:47:46Z';",
        "$env:AWSMFA_PROFILE = '';",
        "",
      ],
      "sh": [
        "code",
        "false
    ",
        "\\unset AWS_PROFILE AWS_VAULT;",
        "\\export AWS_ACCESS_KEY_ID='ASIAKEY';",
        "\\export AWS_SECRET_ACCESS_KEY='a'\\''b\\c"$(id)\`id\`",
        "!d';",
        "\\export AWS_SESSION_TOKEN='tok/en+=';",
        "\\export AWS_CREDENTIAL_EXPIRATION='2026-11-21T11:47:46Z';",
        "\\export AWSMFA_PROFILE='';",
        "",
      ],
      "tcsh": [
        "code",
        "false
    ",
        "UserError: tcsh cannot hold the value of AWS_SECRET_ACCESS_KEY: it has a character that cannot be quoted there",
      ],
      "xonsh": [
        "code",
        "raise RuntimeError('awsmfa failed')
    ",
        "\${...}.pop('AWS_PROFILE', None);",
        "\${...}.pop('AWS_VAULT', None);",
        "\${...}['AWS_ACCESS_KEY_ID'] = 'ASIAKEY';",
        "\${...}['AWS_SECRET_ACCESS_KEY'] = 'a\\'b\\\\c"$(id)\`id\`\\U0000000a!d';",
        "\${...}['AWS_SESSION_TOKEN'] = 'tok/en+=';",
        "\${...}['AWS_CREDENTIAL_EXPIRATION'] = '2026-11-21T11:47:46Z';",
        "\${...}['AWSMFA_PROFILE'] = '';",
        "",
      ],
      "zsh": [
        "code",
        "false
    ",
        "\\builtin unset AWS_PROFILE AWS_VAULT;",
        "\\builtin export AWS_ACCESS_KEY_ID='ASIAKEY';",
        "\\builtin export AWS_SECRET_ACCESS_KEY='a'\\''b\\c"$(id)\`id\`",
        "!d';",
        "\\builtin export AWS_SESSION_TOKEN='tok/en+=';",
        "\\builtin export AWS_CREDENTIAL_EXPIRATION='2026-11-21T11:47:46Z';",
        "\\builtin export AWSMFA_PROFILE='';",
        "",
      ],
    }
  `);
});

test('every format', () => {
  expect(rendered(formats)).toMatchInlineSnapshot(`
    {
      "dotenv": [
        "data",
        "",
        "UserError: dotenv cannot hold the value of AWS_SECRET_ACCESS_KEY: it has a character that cannot be quoted there",
      ],
      "env": [
        "code",
        "false
    ",
        "unset AWS_PROFILE AWS_VAULT;",
        "export AWS_ACCESS_KEY_ID='ASIAKEY';",
        "export AWS_SECRET_ACCESS_KEY='a'\\''b\\c"$(id)\`id\`",
        "!d';",
        "export AWS_SESSION_TOKEN='tok/en+=';",
        "export AWS_CREDENTIAL_EXPIRATION='2026-11-21T11:47:46Z';",
        "export AWSMFA_PROFILE='';",
        "",
      ],
      "env-no-export": [
        "code",
        "false
    ",
        "unset AWS_PROFILE AWS_VAULT;",
        "AWS_ACCESS_KEY_ID='ASIAKEY';",
        "AWS_SECRET_ACCESS_KEY='a'\\''b\\c"$(id)\`id\`",
        "!d';",
        "AWS_SESSION_TOKEN='tok/en+=';",
        "AWS_CREDENTIAL_EXPIRATION='2026-11-21T11:47:46Z';",
        "AWSMFA_PROFILE='';",
        "",
      ],
      "fish": [
        "code",
        "false
    ",
        "set -el AWS_PROFILE AWS_VAULT; set -eg AWS_PROFILE AWS_VAULT;",
        "set -q AWS_PROFILE; and set -gx AWS_PROFILE '';",
        "set -q AWS_VAULT; and set -gx AWS_VAULT '';",
        "set -gx AWS_ACCESS_KEY_ID 'ASIAKEY';",
        "set -gx AWS_SECRET_ACCESS_KEY 'a\\'b\\\\c"$(id)\`id\`",
        "!d';",
        "set -gx AWS_SESSION_TOKEN 'tok/en+=';",
        "set -gx AWS_CREDENTIAL_EXPIRATION '2026-11-21T11:47:46Z';",
        "set -gx AWSMFA_PROFILE '';",
        "builtin true;",
        "",
      ],
      "ini": [
        "data",
        "",
        "UserError: ini cannot hold the value of AWSMFA_PROFILE: it has a character that cannot be quoted there",
      ],
      "json": [
        "data",
        "",
        "{",
        "  "AWS_ACCESS_KEY_ID": "ASIAKEY",",
        "  "AWS_SECRET_ACCESS_KEY": "a'b\\\\c\\"$(id)\`id\`\\n!d",",
        "  "AWS_SESSION_TOKEN": "tok/en+=",",
        "  "AWS_CREDENTIAL_EXPIRATION": "2026-11-21T11:47:46Z",",
        "  "AWSMFA_PROFILE": """,
        "}",
        "",
      ],
      "powershell": [
        "code",
        "Microsoft.PowerShell.Utility\\Write-Error 'awsmfa env failed';
    ",
        "$env:AWS_PROFILE = $null;",
        "$env:AWS_VAULT = $null;",
        "$env:AWS_ACCESS_KEY_ID = 'ASIAKEY';",
        "$env:AWS_SECRET_ACCESS_KEY = 'a''b\\c"$(id)\`id\`' + [char]10 + '!d';",
        "$env:AWS_SESSION_TOKEN = 'tok/en+=';",
        "$env:AWS_CREDENTIAL_EXPIRATION = '2026-11-21T11:47:46Z';",
        "$env:AWSMFA_PROFILE = '';",
        "",
      ],
      "process": [
        "data",
        "",
        "{"Version":1,"AccessKeyId":"ASIAKEY","SecretAccessKey":"a'b\\\\c\\"$(id)\`id\`\\n!d","SessionToken":"tok/en+=","Expiration":"2026-11-21T11:47:46Z"}",
        "",
      ],
      "windows-cmd": [
        "code",
        "set AWSMFA_FAILED
    ",
        "UserError: cmd cannot hold the value of AWS_SECRET_ACCESS_KEY: it has a line break or another control character",
      ],
    }
  `);
});

const { cmd } = shells;

test('cmd', () => {
  const held = change.map((step) =>
    'set' in step && step.set === 'AWS_SECRET_ACCESS_KEY' ? { ...step, value: "a'b&c^d|e (f)/+=" } : step,
  );
  expect(formats['windows-cmd']).toBe(cmd);
  expect(cmd.render(held).split('\r\n')).toMatchInlineSnapshot(`
    [
      "set "AWS_PROFILE="",
      "set "AWS_VAULT="",
      "set "AWS_ACCESS_KEY_ID=ASIAKEY"",
      "set "AWS_SECRET_ACCESS_KEY=a'b&c^d|e (f)/+="",
      "set "AWS_SESSION_TOKEN=tok/en+="",
      "set "AWS_CREDENTIAL_EXPIRATION=2026-11-21T11:47:46Z"",
      "set "AWSMFA_PROFILE="",
      "",
    ]
  `);
});

test.for<[string, string]>([
  ['a"b', 'it has "'],
  ['%PATH%', 'it has %'],
  ['a!b', 'it has !'],
  ['a\nb', 'it has a line break or another control character'],
  ['a\u001ab', 'it has a line break or another control character'],
  ['開発', 'it has a character outside ASCII, which depends on the code page'],
  ['a'.repeat(8000), 'it is longer than a line of cmd'],
])('cmd refuses %s', ([value, reason]) => {
  expect(() => cmd.render([{ set: 'AWSMFA_PROFILE', value }])).toThrow(
    `cmd cannot hold the value of AWSMFA_PROFILE: ${reason}`,
  );
});
