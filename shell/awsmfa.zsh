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
  if (( $# == 0 )); then
    _awsmfa_holds || _awsmfa_switch use
    builtin return
  fi
  case $1 in
    (-h | --help | --version) _awsmfa_core "$@" ;;
    (-*) _awsmfa_switch use "$@" ;;
    (use | clear) _awsmfa_switch "$@" ;;
    (env | exec) _awsmfa_give "$@" ;;
    (unload) _awsmfa_unload ;;
    (allow)
      builtin typeset -g _awsmfa_where='' _awsmfa_told=''
      _awsmfa_core "$@"
      ;;
    (*) _awsmfa_core "$@" ;;
  esac
  # Said outright: zsh takes a status that comes out of an `if` or a `case` for one that errexit may overlook.
  builtin return
}

# `env` and `exec NAME -- COMMAND` from an answer that was kept, else by the core.
function _awsmfa_give {
  builtin local _awsmfa_question='' _awsmfa_code='' _awsmfa_words=''
  if [[ $1 == env && ! -t 1 ]]; then
    if _awsmfa_recall "$@"; then
      builtin print -rn -- "$_awsmfa_code"
      builtin return
    fi
  elif [[ $1 == exec && ${2-} != -* && ${3-} == -- && $# -ge 4 ]]; then
    if _awsmfa_recall exec "$2" && builtin whence -p -- "$4" >/dev/null; then
      builtin shift 3
      (
        builtin eval "$_awsmfa_code"
        builtin exec -- "$@"
      )
      builtin return
    fi
  fi
  _awsmfa_core "$@"
}

# Runs the program. Where it is missing, the status is 127 and one line says so, whatever command_not_found_handler would do.
# `doctor` cannot see this shell: AWSMFA_INTEGRATION tells it which integration is loaded, and from which file.
function _awsmfa_core {
  if ! builtin whence -p awsmfa >/dev/null; then
    builtin print -ru2 -- 'awsmfa: the awsmfa program is not on PATH'
    builtin return 127
  fi
  AWSMFA_INTEGRATION="zsh:0.1.0:${(%):-%x}" AWSMFA_QUESTION="${_awsmfa_question-}" builtin command awsmfa "$@"
}

# `use` and `clear`: evaluates what the core prints, if it succeeds. The code is in a local variable and nowhere else. A
# failure changes nothing: the session stays until there is a new one, or the core says that it has expired.
function _awsmfa_switch {
  # Help is only shown: it changes nothing, and none of it is evaluated.
  if [[ -n ${(M)@:#(-h|--help|--version)} ]]; then
    _awsmfa_core "$@"
    builtin return
  fi
  # The user's traps come back with the end of this function. DEBUG and ZERR would be handed the secrets; without
  # one for INT, Ctrl-C would end the function itself, with status 1. A script is to die of it as it always does.
  builtin trap - DEBUG ZERR
  [[ ! -o interactive ]] || builtin trap : INT
  builtin local _awsmfa_question='' _awsmfa_code='' _awsmfa_words='' _awsmfa_status=0
  if [[ $1 == use ]] && _awsmfa_recall "$@"; then
    builtin eval "$_awsmfa_code"
    builtin print -ru2 -- "$_awsmfa_words"
  else
    # In `$(…)`, a subshell: what is dropped there is still here.
    _awsmfa_code="$([[ $1 != use ]] || _awsmfa_drop_stale; _awsmfa_core "$1" --shell zsh "${@:2}")" || _awsmfa_status=$?
    if (( _awsmfa_status != 0 )); then
      [[ $_awsmfa_code != 'false expired' ]] ||
        _awsmfa_drop_stale AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT
      builtin return $_awsmfa_status
    fi
    builtin eval "$_awsmfa_code" || builtin return
  fi
  [[ $1 == use ]] || builtin unset _awsmfa_applied _awsmfa_session
  if [[ $1 == use && ${AWSMFA_AUTO:-off} != off ]]; then
    # Only what needs nothing but the name can be renewed by the name.
    [[ -n ${(M)@:#-*} ]] || builtin typeset -g _awsmfa_renewable="${AWSMFA_EXPIRES_AT-}"
    [[ ! -o interactive ]] || _awsmfa_register
  fi
  builtin return 0
}

# Removes the session of this shell. Keys without a token are long-term keys, and so is AKIA… beside a token that was left
# over: the core has to see those. The names of profiles and the expiration stay, because the core reads them.
function _awsmfa_drop_stale {
  if [[ -n ${AWS_SESSION_TOKEN-}${AWS_SECURITY_TOKEN-} && ${AWS_ACCESS_KEY_ID-} != AKIA????????????* ]]; then
    builtin unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN "$@"
  fi
}

# Looks for the answer that the core gave to the same question before. An answer is code: it compares all that it depends
# on, and sets _awsmfa_code and _awsmfa_words, or fails. The question is the name of the file, the names of the
# variables, and the words.
function _awsmfa_recall {
  builtin local REPLY _awsmfa_now="${(%):-%D{%s\}}" cache="${AWSMFA_CACHE_DIR:-${HOME-}/.aws/awsmfa}"
  builtin local file="answer-zsh-${(j:-:)@}-${AWSMFA_PROFILE-}"
  file="${file//[^A-Za-z0-9_.-]/_}"
  _awsmfa_question="$file"$'\nzsh:0.1.0:'"${(j: :)${(ok)parameters[(I)(AWS|MFA)*]}}"$'\n'"${(j: :)@}"
  file="$cache/$file"
  # A relative path may lead into a directory that somebody else has made.
  [[ $cache == /* && -f $file && ! -L $file && -O $file && -O $cache ]] || builtin return
  # A file that was cut is no whole script, and sets no words.
  builtin source "$file" 2>/dev/null
  [[ -n $_awsmfa_words ]]
}

# Sets REPLY to a number of seconds as a person says it: 12h, 3h12m, 45s.
function _awsmfa_span {
  builtin local -i minutes=$(( ($1 + 30) / 60 ))
  REPLY=''
  if (( $1 < 60 )); then
    REPLY="$(( $1 > 0 ? $1 : 0 ))s"
    builtin return
  fi
  (( minutes < 1440 )) || REPLY="$(( minutes / 1440 ))d"
  (( minutes / 60 % 24 == 0 )) || REPLY+="$(( minutes / 60 % 24 ))h"
  (( minutes % 60 == 0 )) || REPLY+="$(( minutes % 60 ))m"
}

# True when this shell holds the wanted session and it lasts: then no program has to be started. Only digits may
# enter arithmetic, which runs the $(…) in any other text; and no more than it can hold.
function _awsmfa_holds {
  builtin local wanted="${AWS_PROFILE:-${AWS_DEFAULT_PROFILE:-${AWSMFA_PROFILE-}}}"
  builtin local end="${AWSMFA_EXPIRES_AT-}" least="${AWSMFA_MIN_TTL:-300}"
  # The prompt's clock: no module to load, no variable that anyone can set.
  builtin local now="${(%):-%D{%s\}}"
  [[ -n $wanted && $wanted == "${AWSMFA_PROFILE-}" ]] || builtin return
  [[ -n ${AWS_ACCESS_KEY_ID-} && -n ${AWS_SECRET_ACCESS_KEY-} && -n ${AWS_SESSION_TOKEN-} ]] || builtin return
  # botocore would take this one instead of ours.
  [[ -z ${AWS_SECURITY_TOKEN-} ]] || builtin return
  [[ -n $end && $end$least != *[^0-9]* ]] && (( $#end <= 15 && $#least <= 15 )) || builtin return
  (( end - now > least )) || builtin return
  # As after every switch: SDKs that find a profile ignore exported keys.
  if [[ ${AWSMFA_KEEP_PROFILE:-0} == 0 ]]; then
    builtin unset AWS_PROFILE AWS_DEFAULT_PROFILE
  fi
}

# For prompts: the profile, the scope if there is one, and the time left, in zsh's own prompt escapes. With a name, sets
# that variable instead, and no subshell is needed.
function awsmfa_prompt {
  builtin emulate -L zsh
  builtin setopt no_aliases no_xtrace no_verbose
  builtin local REPLY='' color=green now="${(%):-%D{%s\}}" name="${AWSMFA_PROFILE-}" end="${AWSMFA_EXPIRES_AT-}"
  if [[ -n $name && -n $end && $end != *[^0-9]* ]] && (( $#end <= 15 )); then
    _awsmfa_span $(( end - now ))
    if (( end <= now )); then
      color=red REPLY=expired
    elif (( end - now <= 600 )); then
      color=yellow
    fi
    name+="${AWSMFA_SCOPE:+ ($AWSMFA_SCOPE)}"
    REPLY="${${name//[^[:print:]]/?}//\%/%%} $REPLY"
    [[ -n ${NO_COLOR-} ]] || REPLY="%F{$color}$REPLY%f"
  fi
  if [[ ${1-} == [A-Za-z_]* && $1 != *[^A-Za-z0-9_]* ]]; then
    : ${(P)1::=$REPLY}
  else
    builtin print -rn -- "$REPLY"
  fi
}

# Before each prompt, with AWSMFA_AUTO=warn or renew, or AWSMFA_AUTO_PROFILE=1. From builtins alone, until something is
# due.
function _awsmfa_precmd {
  builtin emulate -L zsh
  builtin setopt no_aliases no_xtrace no_verbose
  [[ ${AWSMFA_AUTO_PROFILE-} != 1 || ${_awsmfa_where-} == $PWD ]] || _awsmfa_enter
  builtin local REPLY='' end="${AWSMFA_EXPIRES_AT-}" now="${(%):-%D{%s\}}" name="${AWSMFA_PROFILE-}"
  [[ ${AWSMFA_AUTO-} == warn || ${AWSMFA_AUTO-} == renew ]] && [[ -n $name && -n $end && $end != *[^0-9]* ]] &&
    (( $#end <= 15 && end - now <= 600 )) || builtin return 0
  # Once when ten minutes are left, and once at the end.
  [[ ${_awsmfa_warned-} != "$end $(( end > now ))" ]] || builtin return 0
  builtin typeset -g _awsmfa_warned="$end $(( end > now ))"
  if [[ $AWSMFA_AUTO == renew && ${_awsmfa_renewable-} == "$end" ]] &&
    AWSMFA_RENEWAL=1 _awsmfa_switch use --quiet --no-prompt --min-ttl 11m "--profile=$name" 2>/dev/null; then
    builtin typeset -g _awsmfa_renewable="${AWSMFA_EXPIRES_AT-}"
    builtin return 0
  fi
  name="${name//[^[:print:]]/?}"
  _awsmfa_span $(( end - now ))
  if (( end > now )); then
    builtin print -ru2 -- "awsmfa: $name ends in $REPLY; a new session: awsmfa --refresh"
  else
    builtin print -ru2 -- "awsmfa: $name has ended; a new session: awsmfa"
  fi
}

# In another directory: takes the profile that the nearest .awsmfa names, if `awsmfa allow` was told so, and gives back
# on leaving what was there before. The file `allowed` has a line for each: the name, a tab, the directory.
function _awsmfa_enter {
  builtin local at="${PWD%/}" name='' list="${HOME-}/.aws/awsmfa/allowed"
  builtin typeset -g _awsmfa_where="$PWD"
  while [[ ! -e $at/.awsmfa && ! -L $at/.awsmfa && -n $at ]]; do
    at="${at%/*}"
  done
  if [[ -f $at/.awsmfa && ! -L $at/.awsmfa && -O $at/.awsmfa && -r $at/.awsmfa ]]; then
    builtin read -rk 300 -u 0 name <"$at/.awsmfa"
    name="${name%%$'\n'*}"
  fi
  if [[ ! -f $list || -L $list || ! -O $list || $'\n'"$(<$list)"$'\n' != *$'\n'"$name"$'\t'"${at:-/}"$'\n'* ]]; then
    name=''
    if [[ -e $at/.awsmfa || -L $at/.awsmfa ]] && [[ ${_awsmfa_told-} != $at/ ]]; then
      builtin typeset -g _awsmfa_told="$at/"
      builtin print -ru2 -- "awsmfa: ${at//[^[:print:]]/?}/.awsmfa is not allowed; look at it, then: awsmfa allow"
    fi
  # Keys that are not from awsmfa, and a server, could not be given back.
  elif [[ $name != ${AWSMFA_PROFILE-} ]] && [[ ${AWS_ACCESS_KEY_ID:+1}${AWSMFA_PROFILE:+1} != 1 ]]; then
    [[ -n ${_awsmfa_applied-} && $_awsmfa_applied == ${AWSMFA_PROFILE-} ]] || _awsmfa_remember
    if [[ $name == $_awsmfa_before ]]; then
      builtin typeset -g _awsmfa_applied=''
      _awsmfa_give_back 'for this directory' && builtin return
    elif _awsmfa_take "$name" 'for this directory'; then
      builtin typeset -g _awsmfa_applied="$name"
      builtin return
    fi
    builtin print -ru2 -- "awsmfa: this directory is for $name: awsmfa use ${(q)name}"
  fi
  if [[ -n ${_awsmfa_applied-} && $name != $_awsmfa_applied ]]; then
    [[ $_awsmfa_applied != ${AWSMFA_PROFILE-} ]] || _awsmfa_give_back again || _awsmfa_switch clear
    builtin unset _awsmfa_applied _awsmfa_session
  fi
}

# Keeps what a directory's session takes the place of, as code: the variables that a session sets or takes away.
function _awsmfa_remember {
  builtin local name
  builtin typeset -g _awsmfa_before="${AWSMFA_PROFILE-}" _awsmfa_session="_awsmfa_renewable=${(qq)${_awsmfa_renewable-}};"
  for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN \
    AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWSMFA_PROFILE \
    AWSMFA_EXPIRES_AT AWSMFA_SCOPE AWSMFA_RESTORE; do
    if [[ -n ${(P)name-} ]]; then
      _awsmfa_session+="builtin export $name=${(qq)${(P)name}};"
    else
      _awsmfa_session+="builtin unset $name;"
    fi
  done
}

# Gives that back, or a session of the same profile if the one that was held has ended. The word says why.
function _awsmfa_give_back {
  builtin local now="${(%):-%D{%s\}}" name="${AWSMFA_PROFILE-}" end
  # A trap would be handed the secrets.
  builtin trap - DEBUG ZERR
  builtin eval "$_awsmfa_session"
  end="${AWSMFA_EXPIRES_AT-}"
  if [[ -z ${AWSMFA_PROFILE-} ]]; then
    builtin print -ru2 -- "${name//[^[:print:]]/?}: taken out of this shell"
  elif [[ -n $end && $end != *[^0-9]* ]] && (( $#end <= 15 && end > now )); then
    _awsmfa_say "$1"
  else
    _awsmfa_take "$AWSMFA_PROFILE" "$1"
  fi
}

# Takes a session by its name alone. Nobody is asked for a code.
function _awsmfa_take {
  _awsmfa_switch use --no-prompt "--profile=$1" 2>/dev/null || builtin return
  builtin typeset -g _awsmfa_renewable="${AWSMFA_EXPIRES_AT-}"
  _awsmfa_say "$2"
}

function _awsmfa_say {
  builtin local REPLY='' now="${(%):-%D{%s\}}"
  _awsmfa_span $(( AWSMFA_EXPIRES_AT - now ))
  builtin print -ru2 -- "awsmfa: ${AWSMFA_PROFILE//[^[:print:]]/?} $1, $REPLY left"
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
  precmd_functions=("${(@)precmd_functions:#_awsmfa_(register|precmd)}")
  [[ ${AWSMFA_AUTO:-off}${AWSMFA_AUTO_PROFILE-} == off ]] || precmd_functions+=(_awsmfa_precmd)
  if (( ${+functions[compdef]} )); then
    compdef _awsmfa awsmfa
    compdef _awsmfa_variable -value-,AWS_PROFILE,-default- -value-,AWS_DEFAULT_PROFILE,-default-
  else
    precmd_functions+=(_awsmfa_register)
  fi
}

# Takes the integration itself out of this shell. The session stays: that is for `awsmfa clear`.
function _awsmfa_unload {
  (( ! ${+precmd_functions} )) || precmd_functions=("${(@)precmd_functions:#_awsmfa_(register|precmd)}")
  (( ! ${+functions[compdef]} )) ||
    compdef -d awsmfa -value-,AWS_PROFILE,-default- -value-,AWS_DEFAULT_PROFILE,-default-
  builtin unset _awsmfa_table _awsmfa_warned _awsmfa_renewable _awsmfa_where _awsmfa_told _awsmfa_applied _awsmfa_before \
    _awsmfa_session
  builtin unfunction -m awsmfa awsmfa_prompt _awsmfa '_awsmfa_*'
}

[[ ! -o interactive ]] || _awsmfa_register

# One command, read whole before it runs: a line that follows would be read with the aliases on.
if [[ -n ${_awsmfa_aliases-} ]]; then
  builtin unset _awsmfa_aliases
  builtin setopt aliases
fi
