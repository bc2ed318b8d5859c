const builtins = [
  ...'alias cd command declare echo emulate eval exec exit export false local print printf'.split(' '),
  ...'read return set setopt shift test trap true type typeset unset whence'.split(' '),
];

/** Aliases take effect when a file is read, so they stand before it is sourced. */
const aliases = ['[', 'builtin', ...builtins]
  .map((name) => `\\builtin alias '${name}=echo ALIAS; false'`)
  .join('\n');
const functions = (names: readonly string[]) =>
  names.map((name) => `function ${name} { \\builtin echo FUNCTION; \\builtin return 1; }`).join('\n');

/** Things that users do to their shells. `report` tells the state that a call must not change. */
export const hosts: Record<string, { habits: Record<string, string>; report: string }> = {
  bash: {
    report: `\\builtin set +o; \\builtin shopt -p; \\builtin trap -p; \\builtin echo "$-"`,
    habits: {
      aliases: `\\builtin shopt -s expand_aliases\n${aliases}`,
      functions: functions(['[', ...builtins]),
      errexit: '\\builtin set -e',
      nounset: '\\builtin set -u',
      pipefail: '\\builtin set -o pipefail',
      xtrace: '\\builtin set -x',
      verbose: '\\builtin set -v',
      noclobber: '\\builtin set -C',
      noglob: '\\builtin set -f',
      allexport: '\\builtin set -a',
      keyword: '\\builtin set -k',
      errtrace: '\\builtin set -E; \\builtin trap \'\\builtin echo "ERR $BASH_COMMAND" >&2\' ERR',
      functrace: '\\builtin set -T; \\builtin trap \'\\builtin echo "DEBUG $BASH_COMMAND" >&2\' DEBUG',
      extdebug: '\\builtin shopt -s extdebug',
      nocasematch: '\\builtin shopt -s nocasematch',
      globs: '\\builtin shopt -s failglob nullglob extglob dotglob',
      inherit: '\\builtin shopt -s inherit_errexit localvar_inherit lastpipe xpg_echo',
      ifs: "IFS='0123456789aeiou -'",
      'empty ifs': 'IFS=',
      locale: 'LC_ALL=C',
      posix: '\\builtin set -o posix',
    },
  },
  zsh: {
    report: `\\builtin setopt; \\builtin trap; \\builtin echo "$-"`,
    habits: {
      aliases: `\\builtin setopt aliases\n${aliases}`,
      'global aliases': ['use', 'awsmfa', 'on', 'zsh', '--shell', '-n', 'no_aliases', 'L', 'in', '-p']
        .map((name) => `\\builtin alias -g -- '${name}=| /bin/cat'`)
        .join('\n'),
      functions: functions(builtins),
      errexit: '\\builtin setopt err_exit',
      errreturn: '\\builtin setopt err_return',
      pipefail: '\\builtin setopt pipe_fail',
      nounset: '\\builtin setopt no_unset',
      xtrace: '\\builtin setopt xtrace',
      verbose: '\\builtin setopt verbose',
      ksh: '\\builtin setopt ksh_arrays sh_word_split ksh_glob ksh_typeset posix_builtins posix_strings',
      posix: '\\builtin setopt posix_identifiers posix_argzero posix_traps posix_aliases bsd_echo',
      'emulated sh': '\\builtin emulate sh',
      globs: '\\builtin setopt glob_subst extended_glob null_glob csh_null_glob sh_glob ignore_braces',
      globals: '\\builtin setopt warn_create_global warn_nested_var no_global_export all_export',
      quotes: '\\builtin setopt rc_quotes csh_junkie_loops csh_junkie_history',
      noclobber: '\\builtin setopt no_clobber no_multios no_equals no_bad_pattern',
      octal: '\\builtin setopt octal_zeroes c_bases force_float c_precedences',
      prompts: '\\builtin setopt prompt_subst no_prompt_percent prompt_bang',
      'debug trap': '\\builtin trap \'\\builtin echo "DEBUG $ZSH_DEBUG_CMD" >&2\' DEBUG',
      'debug function': 'TRAPDEBUG() {\n\\builtin echo "DEBUG $ZSH_DEBUG_CMD" >&2\n}',
      'error trap': "\\builtin trap '\\builtin echo ERR >&2' ZERR",
      ifs: "IFS='0123456789aeiou -'",
    },
  },
  fish: {
    report: 'builtin echo $umask $fish_trace; functions -an; set -S IFS fish_trace',
    habits: {
      functions: [
        'echo',
        'printf',
        'math',
        'path',
        'contains',
        'count',
        'source',
        'random',
        'true',
        'false',
        'awsmfa',
      ]
        .map((name) => `function ${name}; builtin echo FUNCTION; return 1; end`)
        .join('\n'),
      trace: 'set -g fish_trace 1',
      'exported trace': 'set -gx fish_trace 1',
      ifs: 'set -g IFS',
      'other ifs': "set -g IFS 'aeiou'",
      umask: 'set umask 077',
      status: 'builtin false',
      private: 'set -g fish_private_mode 1',
    },
  },
};
