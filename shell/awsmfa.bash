# awsmfa for bash: source this file from ~/.bashrc. It defines functions and, in an interactive
# shell, says which one completes the words of awsmfa.
#
# It runs inside shells it knows nothing about, down to bash 3.2:
# `\builtin` gets past aliases and functions that carry a builtin's name; `[` compares, because `case` and `[[`
# ignore case under nocasematch; ${X-} pleases nounset, and ${X:+1} asks for a secret without xtrace seeing it. What runs
# before a prompt declares a variable first and sets it then: `set -k` and IFS change the words of `local x=$y`.

function awsmfa {
  _awsmfa_quietly _awsmfa_command "$@"
}

# Everything runs with tracing off (a DEBUG trap that functions inherit is tracing too), and with errexit off:
# `\builtin command` and `\builtin eval` forget an `||` around them; the caller's errexit still sees the status.
# `set -k` would take the names out of `export` and `local`. `local -` (bash 4.4) brings the options back even when
# Ctrl-C ends everything; an older bash refuses it.
function _awsmfa_quietly {
  \builtin local _awsmfa_options _awsmfa_option _awsmfa_status
  _awsmfa_options='' _awsmfa_status=0
  { \builtin local - || _awsmfa_options=$-; } 2>/dev/null
  \builtin set +ekvxT
  "$@" || _awsmfa_status=$?
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
    -*) _awsmfa_switch use "$@" ;;
    use | clear) _awsmfa_switch "$@" ;;
    env | exec) _awsmfa_give "$@" ;;
    unload) _awsmfa_unload ;;
    allow)
      _awsmfa_where='' _awsmfa_told=''
      _awsmfa_core "$@"
      ;;
    *) _awsmfa_core "$@" ;;
  esac
}

# `env` and `exec NAME -- COMMAND` from an answer that was kept, else by the core.
function _awsmfa_give {
  \builtin local _awsmfa_question='' _awsmfa_code='' _awsmfa_words=''
  if \builtin [ "$1" = env ] && ! \builtin [ -t 1 ]; then
    if _awsmfa_recall "$@"; then
      \builtin printf %s "$_awsmfa_code"
      \builtin return
    fi
  elif \builtin [ "$1" = exec ] && \builtin [ "$#" -ge 4 ] && \builtin [ "${2:0:1}" != - ] && \builtin [ "$3" = -- ]; then
    if _awsmfa_recall exec "$2" && \builtin type -P -- "$4" >/dev/null; then
      \builtin shift 3
      (_awsmfa_exec "$@")
      \builtin return
    fi
  fi
  _awsmfa_core "$@"
}

# Its name is what `jobs` and Ctrl-Z show.
function _awsmfa_exec {
  \builtin eval "$_awsmfa_code"
  \builtin exec -- "$@"
}

# Runs the program. Where it is missing, the status is 127 and one line says so, whatever command_not_found_handle would do.
# `doctor` cannot see this shell: AWSMFA_INTEGRATION tells it which integration is loaded, and from which file.
function _awsmfa_core {
  if ! \builtin type -P awsmfa >/dev/null; then
    \builtin printf '%s\n' 'awsmfa: the awsmfa program is not on PATH' >&2
    \builtin return 127
  fi
  AWSMFA_INTEGRATION="bash:0.1.0:${BASH_SOURCE[0]-}" AWSMFA_QUESTION="${_awsmfa_question-}" \builtin command awsmfa "$@"
}

# `use` and `clear`: evaluates what the core prints, if it succeeds. The code is in a local variable and nowhere else. A
# failure changes nothing: the session stays until there is a new one, or the core says that it has expired.
function _awsmfa_switch {
  \builtin local _awsmfa_question='' _awsmfa_code='' _awsmfa_words='' _awsmfa_status=0 _awsmfa_trap='' _awsmfa_word
  \builtin local _awsmfa_verb="$1" _awsmfa_special=''
  \builtin shift
  for _awsmfa_word in "$@"; do
    case $_awsmfa_word in
      # Help is only shown: it changes nothing, and none of it is evaluated.
      -h | --help | --version)
        _awsmfa_core "$_awsmfa_verb" "$@"
        \builtin return
        ;;
      -*) _awsmfa_special=1 ;;
    esac
  done
  if \builtin [ "$_awsmfa_verb" = use ] && _awsmfa_recall use "$@"; then
    \builtin eval "$_awsmfa_code"
    \builtin printf '%s\n' "$_awsmfa_words" >&2
  else
    # Ctrl-C would end an interactive shell's function before it has read what the core says.
    case $-:$(\builtin trap -p INT) in
      *i*:'trap -- '"''"*) ;;
      *i*:*)
        _awsmfa_trap=$(\builtin trap -p INT)
        _awsmfa_trap=${_awsmfa_trap:-trap - INT}
        \builtin trap : INT
        ;;
    esac
    # In `$(…)`, a subshell: what is dropped there is still here.
    _awsmfa_code=$(
      \builtin [ "$_awsmfa_verb" != use ] || _awsmfa_drop_stale
      _awsmfa_core "$_awsmfa_verb" --shell bash "$@"
    ) || _awsmfa_status=$?
    \builtin [ -z "$_awsmfa_trap" ] || \builtin eval "\\builtin $_awsmfa_trap"
    if \builtin [ "$_awsmfa_status" -ne 0 ]; then
      \builtin [ "$_awsmfa_code" != 'false expired' ] ||
        _awsmfa_drop_stale AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT
      \builtin return "$_awsmfa_status"
    fi
    \builtin eval "$_awsmfa_code" || \builtin return
  fi
  \builtin [ "$_awsmfa_verb" = use ] || \builtin unset -v _awsmfa_applied _awsmfa_session
  if \builtin [ "$_awsmfa_verb" = use ] && \builtin [ "${AWSMFA_AUTO:-off}" != off ]; then
    # Only what needs nothing but the name can be renewed by the name.
    _awsmfa_renewable=
    \builtin [ -n "$_awsmfa_special" ] || _awsmfa_renewable=${AWSMFA_EXPIRES_AT-}
    _awsmfa_register
  fi
}

# Removes the session of this shell. Keys without a token are long-term keys, and so is AKIA… beside a token that was left
# over: the core has to see those. The names of profiles and the expiration stay, because the core reads them.
function _awsmfa_drop_stale {
  case ${AWS_ACCESS_KEY_ID-}:${AWS_SESSION_TOKEN:+1}${AWS_SECURITY_TOKEN:+1} in
    AKIA????????????*:* | *:) ;;
    *) \builtin unset -v AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN "$@" ;;
  esac
}

# Looks for the answer that the core gave to the same question before. An answer is code: it compares all that it depends
# on, and sets _awsmfa_code and _awsmfa_words, or fails. The question is the name of the file, the names of the
# variables, and the words.
function _awsmfa_recall {
  \builtin local IFS=' ' REPLY='' _awsmfa_now _awsmfa_word _awsmfa_file=answer-bash
  \builtin local _awsmfa_cache="${AWSMFA_CACHE_DIR:-${HOME-}/.aws/awsmfa}"
  for _awsmfa_word in "$@" "${AWSMFA_PROFILE-}"; do
    _awsmfa_file=$_awsmfa_file-${_awsmfa_word//[^A-Za-z0-9_.-]/_}
  done
  _awsmfa_question=$_awsmfa_file$'\nbash:0.1.0:'"${!AWS*} ${!MFA*}"$'\n'"$*"
  _awsmfa_file=$_awsmfa_cache/$_awsmfa_file
  # A relative path may lead into a directory that somebody else has made.
  \builtin [ "${_awsmfa_cache:0:1}" = / ] && _awsmfa_is_own "$_awsmfa_file" && \builtin [ -O "$_awsmfa_cache" ] &&
    _awsmfa_has_clock || \builtin return
  \builtin printf -v _awsmfa_now '%(%s)T' -1
  # A file that was cut is no whole script, and sets no words.
  \builtin source "$_awsmfa_file" 2>/dev/null
  \builtin [ -n "$_awsmfa_words" ]
}

# Sets REPLY to a number of seconds as a person says it: 12h, 3h12m, 45s.
function _awsmfa_span {
  \builtin local _awsmfa_minutes
  REPLY='' _awsmfa_minutes=$((($1 + 30) / 60))
  if (($1 < 60)); then
    REPLY=$(($1 > 0 ? $1 : 0))s
    \builtin return
  fi
  ((_awsmfa_minutes < 1440)) || REPLY=$((_awsmfa_minutes / 1440))d
  ((_awsmfa_minutes / 60 % 24 == 0)) || REPLY=$REPLY$((_awsmfa_minutes / 60 % 24))h
  ((_awsmfa_minutes % 60 == 0)) || REPLY=$REPLY$((_awsmfa_minutes % 60))m
}

# True when this shell holds the wanted session and it lasts: then no program has to be started.
function _awsmfa_holds {
  \builtin local _awsmfa_wanted="${AWS_PROFILE:-${AWS_DEFAULT_PROFILE:-${AWSMFA_PROFILE-}}}"
  \builtin local _awsmfa_end="${AWSMFA_EXPIRES_AT-}" _awsmfa_least="${AWSMFA_MIN_TTL:-300}" _awsmfa_now=''
  \builtin [ -n "$_awsmfa_wanted" ] || \builtin return
  \builtin [ "$_awsmfa_wanted" = "${AWSMFA_PROFILE-}" ] || \builtin return
  \builtin [ "${AWS_ACCESS_KEY_ID:+1}${AWS_SECRET_ACCESS_KEY:+1}${AWS_SESSION_TOKEN:+1}" = 111 ] || \builtin return
  # botocore would take this one instead of ours.
  \builtin [ -z "${AWS_SECURITY_TOKEN:+1}" ] || \builtin return
  _awsmfa_number "$_awsmfa_end" && _awsmfa_number "$_awsmfa_least" && _awsmfa_clock || \builtin return
  ((10#$_awsmfa_end - _awsmfa_now > 10#$_awsmfa_least)) || \builtin return
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

# For prompts: the profile, the scope if there is one, and the time left. Colours stand between the bytes that tell
# readline of what has no width. With a name, sets that variable instead, and no subshell is needed.
function awsmfa_prompt {
  \builtin local REPLY _awsmfa_color _awsmfa_now _awsmfa_name _awsmfa_left
  REPLY='' _awsmfa_color=32 _awsmfa_name=${AWSMFA_PROFILE-}
  if \builtin [ -n "$_awsmfa_name" ] && _awsmfa_number "${AWSMFA_EXPIRES_AT-}" && _awsmfa_clock; then
    _awsmfa_left=$((10#$AWSMFA_EXPIRES_AT - _awsmfa_now))
    _awsmfa_span "$_awsmfa_left"
    if ((_awsmfa_left <= 0)); then
      _awsmfa_color=31 REPLY=expired
    elif ((_awsmfa_left <= 600)); then
      _awsmfa_color=33
    fi
    _awsmfa_name="$_awsmfa_name${AWSMFA_SCOPE:+ ($AWSMFA_SCOPE)}"
    REPLY="${_awsmfa_name//[^[:print:]]/?} $REPLY"
    \builtin [ -n "${NO_COLOR-}" ] || REPLY=$'\001\033['"$_awsmfa_color"$'m\002'"$REPLY"$'\001\033[39m\002'
  fi
  case ${1-} in
    '' | [0-9]* | *[!A-Za-z0-9_]*) \builtin printf %s "$REPLY" ;;
    *) \builtin printf -v "$1" %s "$REPLY" ;;
  esac
}

# Sets the caller's _awsmfa_now. EPOCHSECONDS is a variable that anyone can set.
function _awsmfa_clock {
  if _awsmfa_has_clock; then
    \builtin printf -v _awsmfa_now '%(%s)T' -1
  else
    _awsmfa_now=$(\builtin command date +%s)
  fi
  _awsmfa_number "$_awsmfa_now"
}

# A bash before 4.2 has no clock of its own.
function _awsmfa_has_clock {
  case ${BASH_VERSION-} in
    [123].* | 4.[01].*) \builtin return 1 ;;
  esac
}

# Before each prompt, with AWSMFA_AUTO=warn or renew, or AWSMFA_AUTO_PROFILE=1. From builtins alone, until something is
# due. What comes after it in PROMPT_COMMAND finds $? as it was; $_ is its own argument.
function _awsmfa_precmd {
  \builtin set -- "$?"
  \builtin local REPLY _awsmfa_now _awsmfa_left _awsmfa_due
  if \builtin [ "${AWSMFA_AUTO_PROFILE-}" = 1 ] && \builtin [ "${_awsmfa_where-}" != "$PWD" ]; then
    _awsmfa_quietly _awsmfa_enter || \builtin :
  fi
  # Without a clock of its own, bash would start a program at every prompt: once a minute is enough.
  case ${AWSMFA_AUTO-} in
    warn | renew)
      if \builtin [ -n "${AWSMFA_PROFILE-}" ] && _awsmfa_number "${AWSMFA_EXPIRES_AT-}" && {
        _awsmfa_has_clock || { ((SECONDS - ${_awsmfa_looked:--60} >= 60)) && _awsmfa_looked=$SECONDS; }
      } && _awsmfa_clock; then
        _awsmfa_left=$((10#$AWSMFA_EXPIRES_AT - _awsmfa_now))
        _awsmfa_due="$AWSMFA_EXPIRES_AT $((_awsmfa_left > 0))"
        # Once when ten minutes are left, and once at the end.
        if ((_awsmfa_left <= 600)) && \builtin [ "${_awsmfa_warned-}" != "$_awsmfa_due" ]; then
          _awsmfa_warned=$_awsmfa_due
          _awsmfa_warn
        fi
      fi
      ;;
  esac
  \builtin return "$1"
}

# In another directory: takes the profile that the nearest .awsmfa names, if `awsmfa allow` was told so, and gives back
# on leaving what was there before. The file `allowed` has a line for each: the name, a tab, the directory.
function _awsmfa_enter {
  \builtin local _awsmfa_at _awsmfa_name _awsmfa_text _awsmfa_list _awsmfa_line
  _awsmfa_where=$PWD _awsmfa_at=${PWD%/} _awsmfa_name='' _awsmfa_text='' _awsmfa_list=${HOME-}/.aws/awsmfa/allowed
  until \builtin [ -e "$_awsmfa_at/.awsmfa" ] || \builtin [ -L "$_awsmfa_at/.awsmfa" ] || \builtin [ -z "$_awsmfa_at" ]; do
    _awsmfa_at=${_awsmfa_at%/*}
  done
  if _awsmfa_is_own "$_awsmfa_at/.awsmfa" && _awsmfa_is_own "$_awsmfa_list"; then
    IFS= \builtin read -r -n 300 _awsmfa_name <"$_awsmfa_at/.awsmfa" || \builtin :
    IFS= \builtin read -r -d '' _awsmfa_text <"$_awsmfa_list" || \builtin :
  fi
  _awsmfa_text=$'\n'$_awsmfa_text
  _awsmfa_line=$'\n'$_awsmfa_name$'\t'${_awsmfa_at:-/}$'\n'
  if \builtin [ "${_awsmfa_text#*"$_awsmfa_line"}" = "$_awsmfa_text" ]; then
    _awsmfa_name=''
    if { \builtin [ -e "$_awsmfa_at/.awsmfa" ] || \builtin [ -L "$_awsmfa_at/.awsmfa" ]; } &&
      \builtin [ "${_awsmfa_told-}" != "$_awsmfa_at/" ]; then
      _awsmfa_told=$_awsmfa_at/
      \builtin printf 'awsmfa: %s/.awsmfa is not allowed; look at it, then: awsmfa allow\n' "${_awsmfa_at//[^[:print:]]/?}" >&2
    fi
  # Keys that are not from awsmfa, and a server, could not be given back.
  elif \builtin [ "$_awsmfa_name" != "${AWSMFA_PROFILE-}" ] &&
    \builtin [ "${AWS_ACCESS_KEY_ID:+1}${AWSMFA_PROFILE:+1}" != 1 ]; then
    \builtin [ "${_awsmfa_applied:+1}${_awsmfa_applied-}" = "1${AWSMFA_PROFILE-}" ] || _awsmfa_remember
    if \builtin [ "$_awsmfa_name" = "$_awsmfa_before" ]; then
      _awsmfa_applied=''
      _awsmfa_give_back 'for this directory' && \builtin return
    elif _awsmfa_take "$_awsmfa_name" 'for this directory'; then
      _awsmfa_applied=$_awsmfa_name
      \builtin return
    fi
    \builtin printf 'awsmfa: this directory is for %s: awsmfa use %q\n' "$_awsmfa_name" "$_awsmfa_name" >&2
  fi
  if \builtin [ -n "${_awsmfa_applied-}" ] && \builtin [ "$_awsmfa_name" != "$_awsmfa_applied" ]; then
    \builtin [ "$_awsmfa_applied" != "${AWSMFA_PROFILE-}" ] || _awsmfa_give_back again || _awsmfa_switch clear
    \builtin unset -v _awsmfa_applied _awsmfa_session
  fi
}

# Keeps what a directory's session takes the place of, as code: the variables that a session sets or takes away.
function _awsmfa_remember {
  \builtin local _awsmfa_name _awsmfa_value
  \builtin printf -v _awsmfa_session '_awsmfa_renewable=%q;' "${_awsmfa_renewable-}"
  _awsmfa_before=${AWSMFA_PROFILE-}
  for _awsmfa_name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN \
    AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWSMFA_PROFILE \
    AWSMFA_EXPIRES_AT AWSMFA_SCOPE AWSMFA_RESTORE; do
    if \builtin [ -n "${!_awsmfa_name-}" ]; then
      \builtin printf -v _awsmfa_value %q "${!_awsmfa_name}"
      _awsmfa_session="$_awsmfa_session \\builtin export $_awsmfa_name=$_awsmfa_value;"
    else
      _awsmfa_session="$_awsmfa_session \\builtin unset -v $_awsmfa_name;"
    fi
  done
}

# Gives that back, or a session of the same profile if the one that was held has ended. The word says why.
function _awsmfa_give_back {
  \builtin local _awsmfa_now _awsmfa_name="${AWSMFA_PROFILE-}"
  \builtin eval "$_awsmfa_session"
  if \builtin [ -z "${AWSMFA_PROFILE-}" ]; then
    \builtin printf '%s: taken out of this shell\n' "${_awsmfa_name//[^[:print:]]/?}" >&2
  elif _awsmfa_number "${AWSMFA_EXPIRES_AT-}" && _awsmfa_clock && ((10#$AWSMFA_EXPIRES_AT > _awsmfa_now)); then
    _awsmfa_say "$1"
  else
    _awsmfa_take "$AWSMFA_PROFILE" "$1"
  fi
}

# Takes a session by its name alone. Nobody is asked for a code.
function _awsmfa_take {
  _awsmfa_switch use --no-prompt "--profile=$1" 2>/dev/null || \builtin return
  _awsmfa_renewable=${AWSMFA_EXPIRES_AT-}
  _awsmfa_clock && _awsmfa_say "$2"
}

# With the caller's _awsmfa_now.
function _awsmfa_say {
  \builtin local REPLY=''
  _awsmfa_span "$((10#$AWSMFA_EXPIRES_AT - _awsmfa_now))"
  \builtin printf 'awsmfa: %s %s, %s left\n' "${AWSMFA_PROFILE//[^[:print:]]/?}" "$1" "$REPLY" >&2
}

# A file that is the user's own, and no link.
function _awsmfa_is_own {
  \builtin [ -f "$1" ] && ! \builtin [ -L "$1" ] && \builtin [ -O "$1" ] && \builtin [ -r "$1" ]
}

function _awsmfa_warn {
  if \builtin [ "$AWSMFA_AUTO" = renew ] && \builtin [ "${_awsmfa_renewable-}" = "$AWSMFA_EXPIRES_AT" ] &&
    AWSMFA_RENEWAL=1 awsmfa use --quiet --no-prompt --min-ttl 11m "--profile=$AWSMFA_PROFILE" 2>/dev/null; then
    _awsmfa_renewable=$AWSMFA_EXPIRES_AT
    \builtin return
  fi
  \builtin local _awsmfa_name
  _awsmfa_name=$AWSMFA_PROFILE
  _awsmfa_span "$_awsmfa_left"
  if ((_awsmfa_left > 0)); then
    \builtin printf 'awsmfa: %s ends in %s; a new session: awsmfa --refresh\n' "${_awsmfa_name//[^[:print:]]/?}" "$REPLY" >&2
  else
    \builtin printf 'awsmfa: %s has ended; a new session: awsmfa\n' "${_awsmfa_name//[^[:print:]]/?}" >&2
  fi
}

# PROMPT_COMMAND may be text or, since bash 5.1, an array: its first element is both.
function _awsmfa_register {
  case $-:${AWSMFA_AUTO:-off}:${AWSMFA_AUTO_PROFILE:-0} in
    *i*:off:0) ;;
    *i*:*)
      case $'\n'${PROMPT_COMMAND-}$'\n' in
        *$'\n_awsmfa_precmd "$_"\n'*) ;;
        *) PROMPT_COMMAND=${PROMPT_COMMAND:+$PROMPT_COMMAND$'\n'}'_awsmfa_precmd "$_"' ;;
      esac
      ;;
  esac
}

# Takes the integration itself out of this shell. The session stays: that is for `awsmfa clear`.
function _awsmfa_unload {
  # shellcheck disable=SC2016
  \builtin local _awsmfa_hook='_awsmfa_precmd "$_"' _awsmfa_name
  PROMPT_COMMAND=${PROMPT_COMMAND-}
  PROMPT_COMMAND=${PROMPT_COMMAND/$'\n'"$_awsmfa_hook"/}
  PROMPT_COMMAND=${PROMPT_COMMAND/"$_awsmfa_hook"/}
  \builtin [ -n "$PROMPT_COMMAND" ] || \builtin unset -v PROMPT_COMMAND
  \builtin complete -r awsmfa 2>/dev/null || \builtin :
  case $(\builtin complete -p export 2>/dev/null) in
    *_awsmfa_export*) \builtin complete -r export ;;
  esac
  \builtin unset -v _awsmfa_table _awsmfa_warned _awsmfa_renewable _awsmfa_looked _awsmfa_where _awsmfa_told _awsmfa_applied \
    _awsmfa_before _awsmfa_session
  for _awsmfa_name in $(\builtin compgen -A function _awsmfa_) awsmfa awsmfa_prompt; do
    \builtin unset -f "$_awsmfa_name"
  done
}

# The completion itself is loaded by the first TAB, in place of these two.
function _awsmfa_complete {
  _awsmfa_load && _awsmfa_complete "$@"
}

function _awsmfa_export {
  _awsmfa_load && _awsmfa_export "$@"
}

function _awsmfa_load {
  \builtin local _awsmfa_file="${BASH_SOURCE[0]%/*}/../dist/completion.bash"
  \builtin [ -r "$_awsmfa_file" ] && \builtin source "$_awsmfa_file"
}

case $- in
  *i*)
    \builtin complete -F _awsmfa_complete awsmfa
    \builtin complete -p export >/dev/null 2>&1 || \builtin complete -o default -F _awsmfa_export export
    _awsmfa_register
    ;;
esac
