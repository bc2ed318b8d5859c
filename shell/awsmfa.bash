# awsmfa for bash: source this file from ~/.bashrc. It defines functions and, in an interactive
# shell, says which one completes the words of awsmfa.
#
# It runs inside shells it knows nothing about, down to bash 3.2:
# `\builtin` gets past aliases and functions that carry a builtin's name; `[` compares, because `case` and `[[`
# ignore case under nocasematch; ${X-} pleases nounset, and ${X:+1} asks for a secret without xtrace seeing it.

# Everything else runs with tracing off (a DEBUG trap that functions inherit is tracing too), and with errexit off:
# `\builtin command` and `\builtin eval` forget an `||` around them; the caller's errexit still sees the status.
# `set -k` would take the names out of `export` and `local`. `local -` (bash 4.4) brings the options back even when
# Ctrl-C ends everything; an older bash refuses it.
function awsmfa {
  \builtin local _awsmfa_options _awsmfa_option _awsmfa_status
  _awsmfa_options='' _awsmfa_status=0
  { \builtin local - || _awsmfa_options=$-; } 2>/dev/null
  \builtin set +ekvxT
  _awsmfa_command "$@" || _awsmfa_status=$?
  for _awsmfa_option in e k T v x; do
    \builtin [ "${_awsmfa_options#*"$_awsmfa_option"}" = "$_awsmfa_options" ] || \builtin set "-$_awsmfa_option"
  done
  \builtin return "$_awsmfa_status"
}

function _awsmfa_command {
  if \builtin [ "$#" -eq 0 ]; then
    _awsmfa_holds || _awsmfa_switch use
    \builtin return
  fi
  case $1 in
    -h | --help | --version) _awsmfa_core "$@" ;;
    -*) _awsmfa_change use "$@" ;;
    use | clear) _awsmfa_change "$@" ;;
    *) _awsmfa_core "$@" ;;
  esac
}

# The program itself, with a plain 127 instead of a command_not_found_handle's essay when it is missing. `doctor`
# cannot see this shell: the variable, which is the program's alone, says what is loaded here, and from which file.
function _awsmfa_core {
  if ! \builtin type -P awsmfa >/dev/null; then
    \builtin printf '%s\n' 'awsmfa: the awsmfa program is not on PATH' >&2
    \builtin return 127
  fi
  AWSMFA_INTEGRATION="bash:0.1.0:${BASH_SOURCE[0]-}" \builtin command awsmfa "$@"
}

# `use` and `clear`. Help is only shown: it changes nothing, and none of it is evaluated.
function _awsmfa_change {
  \builtin local _awsmfa_verb="$1" _awsmfa_word
  \builtin shift
  for _awsmfa_word in "$@"; do
    case $_awsmfa_word in
      -h | --help | --version)
        _awsmfa_core "$_awsmfa_verb" --shell bash "$@"
        \builtin return
        ;;
    esac
  done
  _awsmfa_switch "$_awsmfa_verb" "$@"
}

# Does what the core prints, if it succeeds. The code is held in a local variable and nowhere else. A slip changes
# nothing: what this shell holds stays until there is something better, or the core says that it has expired.
function _awsmfa_switch {
  \builtin local _awsmfa_code='' _awsmfa_status=0
  _awsmfa_code=$(_awsmfa_ask "$@") || _awsmfa_status=$?
  if \builtin [ "$_awsmfa_status" -ne 0 ]; then
    \builtin [ "$_awsmfa_code" != 'false expired' ] ||
      _awsmfa_drop_stale AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT
    \builtin return "$_awsmfa_status"
  fi
  \builtin eval "$_awsmfa_code"
}

# Runs the core inside `$(…)`, a subshell: what is dropped here is still there in the shell.
function _awsmfa_ask {
  \builtin local _awsmfa_verb="$1"
  \builtin shift
  \builtin [ "$_awsmfa_verb" != use ] || _awsmfa_drop_stale
  _awsmfa_core "$_awsmfa_verb" --shell bash "$@"
}

# Keys without a token are long-term ones, which the core may need. AWS_PROFILE and AWSMFA_PROFILE say what is
# wanted, and the variables with the expiration what this shell holds: the core is to know.
function _awsmfa_drop_stale {
  if \builtin [ -n "${AWS_SESSION_TOKEN:+1}${AWS_SECURITY_TOKEN:+1}" ]; then
    \builtin unset -v AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN "$@"
  fi
}

# True when this shell already holds the wanted session and it lasts: then nothing has to be started.
function _awsmfa_holds {
  \builtin local _awsmfa_wanted="${AWS_PROFILE:-${AWS_DEFAULT_PROFILE:-${AWSMFA_PROFILE-}}}"
  \builtin local _awsmfa_end="${AWSMFA_EXPIRES_AT-}" _awsmfa_least="${AWSMFA_MIN_TTL:-300}" _awsmfa_now=''
  \builtin [ -n "$_awsmfa_wanted" ] || \builtin return
  \builtin [ "$_awsmfa_wanted" = "${AWSMFA_PROFILE-}" ] || \builtin return
  \builtin [ "${AWS_ACCESS_KEY_ID:+1}${AWS_SECRET_ACCESS_KEY:+1}${AWS_SESSION_TOKEN:+1}" = 111 ] || \builtin return
  # botocore would take this one instead of ours.
  \builtin [ -z "${AWS_SECURITY_TOKEN:+1}" ] || \builtin return
  _awsmfa_number "$_awsmfa_end" && _awsmfa_number "$_awsmfa_least" || \builtin return
  # A bash before 4.2 has no clock of its own. EPOCHSECONDS is a variable that anyone can set.
  \builtin printf -v _awsmfa_now '%(%s)T' -1 2>/dev/null || _awsmfa_now=$(\builtin command date +%s)
  _awsmfa_number "$_awsmfa_now" || \builtin return
  ((10#$_awsmfa_end - 10#$_awsmfa_now > 10#$_awsmfa_least)) || \builtin return
  # As after every switch: SDKs that find a profile ignore exported keys.
  if \builtin [ "${AWSMFA_KEEP_PROFILE:-0}" = 0 ]; then
    \builtin unset -v AWS_PROFILE AWS_DEFAULT_PROFILE
  fi
}

# Only digits may enter arithmetic, which runs the $(…) in any other text; and no more than it can hold.
function _awsmfa_number {
  case $1 in
    '' | *[!0123456789]*) \builtin return 1 ;;
  esac
  \builtin [ "${#1}" -le 15 ]
}

# The completion itself is loaded by the first TAB, in place of this.
function _awsmfa_complete {
  \builtin local _awsmfa_file="${BASH_SOURCE[0]%/*}/../dist/completion.bash"
  if \builtin [ -r "$_awsmfa_file" ]; then
    \builtin source "$_awsmfa_file"
    _awsmfa_complete "$@"
  fi
}

case $- in
  *i*) \builtin complete -F _awsmfa_complete awsmfa ;;
esac
