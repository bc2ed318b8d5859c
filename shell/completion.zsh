# Completion for zsh. _awsmfa_table has the commands and options; it is made from the program's own when that is built.

function _awsmfa {
  local row word command=''
  local -a fields shown
  local -i at named=0
  for (( at = 2; at < CURRENT; at++ )); do
    word=${(Q)words[at]}
    if [[ $command == exec && ( $word == -- || ( $word != -?* && named -gt 0 ) ) ]]; then
      # What exec runs. Its first word is a program: exec knows no functions and no builtins.
      [[ $word != -- ]] || (( at++ ))
      shift $(( at - 1 )) words
      (( CURRENT -= at - 1 ))
      if (( CURRENT == 1 )); then
        _command_names -e
      else
        _normal
      fi
      return
    elif [[ $word == -?* ]]; then
      [[ ${word%%=*} != --profile ]] || named=1
      [[ $word != *=* ]] || continue
      _awsmfa_kind $word
      if [[ $REPLY != - ]] && (( ++at == CURRENT )); then
        _awsmfa_value $REPLY
        return
      fi
    elif [[ -z $command ]]; then
      command=$word
      # The action of `keys` comes before the profile.
      [[ $word != keys ]] || named=-1
    else
      named=$(( named + 1 ))
    fi
  done
  if [[ $PREFIX == --?*=* ]]; then
    _awsmfa_kind ${PREFIX%%=*}
    compset -P '*='
    _awsmfa_value $REPLY
  elif [[ $PREFIX == -* ]]; then
    for row in ${(M)${(f)_awsmfa_table}:#option*}; do
      fields=("${(@ps:\t:)row}")
      [[ " $fields[4] " != *" ${command:-use} "* ]] || shown+=("$fields[2]:$fields[5]")
    done
    _describe -o option shown
  elif [[ -z $command ]]; then
    for row in ${(M)${(f)_awsmfa_table}:#command*}; do
      fields=("${(@ps:\t:)row}")
      shown+=("$fields[2]:$fields[4]")
    done
    _describe command shown
  elif [[ $command == exec && named -gt 0 ]]; then
    _command_names -e
  elif (( named < 0 )); then
    _awsmfa_value action
  elif (( ! named )); then
    for row in ${(M)${(f)_awsmfa_table}:#command*}; do
      fields=("${(@ps:\t:)row}")
      [[ $fields[2] != $command ]] || _awsmfa_value $fields[3]
    done
  fi
}

# What follows an option: REPLY is the kind of its value, `-` for none.
function _awsmfa_kind {
  local row
  local -a fields
  REPLY=-
  for row in ${(M)${(f)_awsmfa_table}:#(option|alias)*}; do
    fields=("${(@ps:\t:)row}")
    [[ $fields[2] != $1 ]] || REPLY=$fields[3]
  done
}

function _awsmfa_value {
  local row
  local -a fields reply
  case $1 in
    (-) ;;
    (file) _files ;;
    (text) _message value ;;
    (profile)
      _awsmfa_profiles
      _wanted profiles expl profile compadd -a reply
      ;;
    (*)
      for row in ${(M)${(f)_awsmfa_table}:#values*}; do
        fields=("${(@ps:\t:)row}")
        [[ $fields[2] != $1 ]] || _wanted values expl $1 compadd ${=fields[3]}
      done
      # A scope may also be one of the user's, or a file with a policy.
      if [[ $1 == scope ]]; then
        reply=($HOME/.aws/awsmfa/scopes/*.json(N:t:r))
        _wanted scopes expl scope compadd -a reply
        _files
      fi
      ;;
  esac
}

# Sets reply to the profile names in both files. No process is started for that.
function _awsmfa_profiles {
  setopt localoptions extendedglob
  local file header
  local -a headers
  reply=()
  file=${AWS_CONFIG_FILE:-$HOME/.aws/config}
  headers=()
  [[ ! -r ${file/#\~\//$HOME/} ]] ||
    headers=(${(M)${(f)"$(<${file/#\~\//$HOME/})"}:#[[:blank:]]#\[[[:blank:]]#(default|profile[[:blank:]])*\]*})
  for header in $headers; do
    header=${${${header#*\[}%\]*}##[[:blank:]]#}
    header=${${header##profile[[:blank:]]##}%%[[:blank:]]#}
    # The AWS CLI reads the name as a shell reads a word.
    [[ $header != (\"*\"|\'*\') ]] || header=${(Q)header}
    reply+=("$header")
  done
  file=${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}
  headers=()
  [[ ! -r ${file/#\~\//$HOME/} ]] ||
    headers=(${(M)${(f)"$(<${file/#\~\//$HOME/})"}:#[[:blank:]]#\[*\]*})
  for header in $headers; do
    header=${${${header#*\[}%\]*}##[[:blank:]]#}
    reply+=("${${header%%[[:blank:]]#}%-long-term}")
  done
  # A name with a control character could draw on the terminal.
  reply=(${(u)reply:#(|*[[:cntrl:]]*)})
}

# The value of a variable that names a profile: AWS_PROFILE=wo<TAB>.
function _awsmfa_variable {
  local -a reply
  _awsmfa_profiles
  _wanted profiles expl profile compadd -a reply
}

if (( ${+functions[compdef]} )); then
  compdef _awsmfa awsmfa
  compdef _awsmfa_variable -value-,AWS_PROFILE,-default- -value-,AWS_DEFAULT_PROFILE,-default-
fi
# As a file in fpath this is the body of the function itself, and runs once as such.
[[ ${funcstack[1]-} != _awsmfa ]] || _awsmfa "$@"
