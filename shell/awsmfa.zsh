# awsmfa for zsh: source this file from ~/.zshrc. It defines functions and, in an interactive
# shell, says which one completes the words of awsmfa.
#
# It runs inside shells it knows nothing about: `builtin` gets past functions that carry a builtin's name, and
# `emulate -L zsh` past every option of the caller, whose own options, traps and tracing are back afterwards.

# Aliases, global ones included, are expanded while a function is read: none may be on until the end of this file.
[[ ! -o 'aliases' ]] || 'builtin' 'typeset' '-g' '_awsmfa_aliases=on'
'builtin' 'setopt' 'no_aliases'

function awsmfa {
  builtin emulate -L zsh
  builtin setopt no_aliases no_xtrace no_verbose
  _awsmfa_command "$@"
  # Said outright: zsh takes a status that comes out of an `if` or a `case` for one that errexit may overlook.
  builtin return
}

function _awsmfa_command {
  if (( $# == 0 )); then
    _awsmfa_holds || _awsmfa_switch use
    builtin return
  fi
  case $1 in
    (-h | --help | --version) _awsmfa_core "$@" ;;
    (-*) _awsmfa_change use "$@" ;;
    (use | clear) _awsmfa_change "$@" ;;
    (*) _awsmfa_core "$@" ;;
  esac
}

# The program itself, with a plain 127 instead of a command_not_found_handler's essay when it is missing. `doctor`
# cannot see this shell: the variable, which is the program's alone, says what is loaded here, and from which file.
function _awsmfa_core {
  if ! builtin whence -p awsmfa >/dev/null; then
    builtin print -ru2 -- 'awsmfa: the awsmfa program is not on PATH'
    builtin return 127
  fi
  AWSMFA_INTEGRATION="zsh:0.1.0:${(%):-%x}" builtin command awsmfa "$@"
}

# `use` and `clear`. Help is only shown: it changes nothing, and none of it is evaluated.
function _awsmfa_change {
  builtin local _awsmfa_verb="$1" _awsmfa_word
  builtin shift
  for _awsmfa_word in "$@"; do
    case $_awsmfa_word in
      (-h | --help | --version)
        _awsmfa_core "$_awsmfa_verb" --shell zsh "$@"
        builtin return
        ;;
    esac
  done
  _awsmfa_switch "$_awsmfa_verb" "$@"
}

# Does what the core prints, if it succeeds. The code is held in a local variable and nowhere else. A slip changes
# nothing: what this shell holds stays until there is something better, or the core says that it has expired.
function _awsmfa_switch {
  # The user's traps come back with the end of this function. DEBUG and ZERR would be handed the secrets; without
  # one for INT, Ctrl-C would end the function itself, with status 1. A script is to die of it as it always does.
  builtin trap - DEBUG ZERR
  [[ ! -o interactive ]] || builtin trap : INT
  builtin local _awsmfa_code='' _awsmfa_status=0
  _awsmfa_code="$(_awsmfa_ask "$@")" || _awsmfa_status=$?
  if (( _awsmfa_status != 0 )); then
    [[ $_awsmfa_code != 'false expired' ]] ||
      _awsmfa_drop_stale AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT
    builtin return $_awsmfa_status
  fi
  builtin eval "$_awsmfa_code"
}

# Runs the core inside `$(…)`, a subshell: what is dropped here is still there in the shell.
function _awsmfa_ask {
  builtin local _awsmfa_verb="$1"
  builtin shift
  [[ $_awsmfa_verb != use ]] || _awsmfa_drop_stale
  _awsmfa_core "$_awsmfa_verb" --shell zsh "$@"
}

# Keys without a token are long-term ones, which the core may need. AWS_PROFILE and AWSMFA_PROFILE say what is
# wanted, and the variables with the expiration what this shell holds: the core is to know.
function _awsmfa_drop_stale {
  if [[ -n ${AWS_SESSION_TOKEN-}${AWS_SECURITY_TOKEN-} ]]; then
    builtin unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN "$@"
  fi
}

# True when this shell already holds the wanted session and it lasts: then nothing has to be started.
function _awsmfa_holds {
  builtin local wanted="${AWS_PROFILE:-${AWS_DEFAULT_PROFILE:-${AWSMFA_PROFILE-}}}"
  builtin local end="${AWSMFA_EXPIRES_AT-}" least="${AWSMFA_MIN_TTL:-300}"
  # The prompt's clock: no module to load, no variable that anyone can set.
  builtin local now="${(%):-%D{%s\}}"
  [[ -n $wanted && $wanted == "${AWSMFA_PROFILE-}" ]] || builtin return
  [[ -n ${AWS_ACCESS_KEY_ID-} && -n ${AWS_SECRET_ACCESS_KEY-} && -n ${AWS_SESSION_TOKEN-} ]] || builtin return
  # botocore would take this one instead of ours.
  [[ -z ${AWS_SECURITY_TOKEN-} ]] || builtin return
  _awsmfa_number "$end" && _awsmfa_number "$least" && _awsmfa_number "$now" || builtin return
  (( end - now > least )) || builtin return
  # As after every switch: SDKs that find a profile ignore exported keys.
  if [[ ${AWSMFA_KEEP_PROFILE:-0} == 0 ]]; then
    builtin unset AWS_PROFILE AWS_DEFAULT_PROFILE
  fi
}

# Only digits may enter arithmetic, which runs the $(…) in any other text; and no more than it can hold.
function _awsmfa_number {
  [[ -n $1 && $1 != *[^0-9]* ]] && (( $#1 <= 15 ))
}

# The completion itself is loaded by the first TAB, in place of these two.
function _awsmfa {
  _awsmfa_load && _awsmfa "$@"
}

function _awsmfa_variable {
  _awsmfa_load && _awsmfa_variable "$@"
}

function _awsmfa_load {
  builtin local _awsmfa_file="${${(%):-%x}:A:h:h}/dist/completion.zsh"
  [[ -r $_awsmfa_file ]] && builtin source "$_awsmfa_file"
}

# compinit may run after this file has been read: until then, each prompt looks for it.
function _awsmfa_register {
  builtin emulate -L zsh
  builtin typeset -ga precmd_functions
  precmd_functions=("${(@)precmd_functions:#_awsmfa_register}")
  if (( ${+functions[compdef]} )); then
    compdef _awsmfa awsmfa
    compdef _awsmfa_variable -value-,AWS_PROFILE,-default- -value-,AWS_DEFAULT_PROFILE,-default-
  else
    precmd_functions+=(_awsmfa_register)
  fi
}

[[ ! -o interactive ]] || _awsmfa_register

# One command, read whole before it runs: a line that follows would be read with the aliases on.
if [[ -n ${_awsmfa_aliases-} ]]; then
  builtin unset _awsmfa_aliases
  builtin setopt aliases
fi
