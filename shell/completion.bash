# Completion for bash, down to 3.2. _awsmfa_table has the commands and options; it is made from the program's own when
# that is built.

function _awsmfa_complete {
  local IFS=$' \t\n' tab=$'\t' word command='' kind at named=0 count=0 glue=0 row name value on
  local -a args place
  COMPREPLY=()
  # bash breaks words at = and :, which are put together again here.
  for ((at = 1; at <= COMP_CWORD; at++)); do
    word=${COMP_WORDS[at]}
    if ((count > 0)) && { ((glue)) || [ "$word" = '=' ] || [ "$word" = ':' ]; }; then
      args[count - 1]=${args[count - 1]}$word
    else
      args[count]=$word place[count]=$at count=$((count + 1))
    fi
    case $word in
      '=' | ':') glue=1 ;;
      *) glue=0 ;;
    esac
  done
  for ((at = 0; at < count - 1; at++)); do
    word=${args[at]}
    case $command:$word in
      exec:--)
        _awsmfa_rest "${place[at + 1]}"
        return
        ;;
      *:--*=*) [ "${word%%=*}" != --profile ] || named=1 ;;
      *:-?*)
        [ "$word" != --profile ] || named=1
        _awsmfa_kind "$word"
        if [ "$kind" != - ]; then
          at=$((at + 1))
          if ((at == count - 1)); then
            _awsmfa_value "$kind" "${args[at]}"
            return
          fi
        fi
        ;;
      # The action of `keys` comes before the profile.
      :*) command=$word && [ "$word" != keys ] || named=-1 ;;
      *)
        if [ "$command $named" = 'exec 1' ]; then
          _awsmfa_rest "${place[at]}"
          return
        fi
        named=$((named + 1))
        ;;
    esac
  done
  word=${args[count - 1]}
  case $word in
    --*=*)
      _awsmfa_kind "${word%%=*}"
      _awsmfa_value "$kind" "${word#*=}"
      ;;
    -*)
      while IFS=$tab read -r row name value on _; do
        [ "$row" = option ] || continue
        case " $on " in
          *" ${command:-use} "*) _awsmfa_offer "$word" "$name" ;;
        esac
      done <<<"$_awsmfa_table"
      ;;
    *)
      while IFS=$tab read -r row name value _; do
        if [ "$row:$command" = command: ]; then
          _awsmfa_offer "$word" "$name"
        elif [ "$row:$name:$named" = "command:$command:0" ]; then
          _awsmfa_value "$value" "$word"
        elif [ "$row:$name:$named" = values:action:-1 ]; then
          _awsmfa_value action "$word"
        elif [ "$row:$name:$named" = command:exec:1 ] && [ "$command" = exec ]; then
          _awsmfa_rest "$COMP_CWORD"
        fi
      done <<<"$_awsmfa_table"
      ;;
  esac
}

# What follows an option: sets the caller's `kind`, to `-` for nothing.
function _awsmfa_kind {
  local row name value
  kind=-
  while IFS=$'\t' read -r row name value _; do
    case $row:$name in
      option:"$1" | alias:"$1") kind=$value ;;
    esac
  done <<<"$_awsmfa_table"
}

# Offers the values of a kind that begin with the word.
function _awsmfa_value {
  local row name words
  case $1 in
    - | text) ;;
    file) _awsmfa_files "$2" ;;
    profile)
      local -a profiles
      _awsmfa_profiles
      for name in ${profiles[@]+"${profiles[@]}"}; do
        _awsmfa_offer "$2" "$name"
      done
      ;;
    *)
      while IFS=$'\t' read -r row name words; do
        [ "$row:$name" = "values:$1" ] || continue
        for name in $words; do
          _awsmfa_offer "$2" "$name"
        done
      done <<<"$_awsmfa_table"
      # A scope may also be one of the user's, or a file with a policy.
      if [ "$1" = scope ]; then
        for name in "${HOME-}"/.aws/awsmfa/scopes/*.json; do
          name=${name##*/} name=${name%.json}
          [ "$name" = '*' ] || _awsmfa_offer "$2" "$name"
        done
        _awsmfa_files "$2"
      fi
      ;;
  esac
}

function _awsmfa_files {
  local name
  compopt -o filenames 2>/dev/null
  while IFS= read -r name; do
    [ -z "$name" ] || COMPREPLY[${#COMPREPLY[@]}]=$name
  done <<<"$(compgen -f -- "$1")"
}

# Offers the second word if it begins with the first one, which may have a quote open. No name can run anything: it
# is quoted as the word is, or else as the shell would quote it.
function _awsmfa_offer {
  local begun=$1 name=$2 quote='' broken
  case $begun in
    [\'\"]*) quote=${begun:0:1} begun=${begun:1} ;;
  esac
  case $quote in
    \') name=${name//"'"/"'\\''"} ;;
    \") name=${name//\\/\\\\} name=${name//\"/\\\"} name=${name//\$/\\\$} name=${name//\`/\\\`} ;;
    *) printf -v name %q "$name" ;;
  esac
  [ "${name:0:${#begun}}" = "$begun" ] || return 0
  if [ -n "$quote" ]; then
    name=$quote$name$quote
  else
    # bash puts the answer in place of what is behind the last break.
    broken=${begun%"${begun##*[:=]}"}
    name=${name:${#broken}}
  fi
  COMPREPLY[${#COMPREPLY[@]}]=$name
}

# What exec runs, from this word of the line on. Its first word is a program: exec knows no functions and no builtins.
function _awsmfa_rest {
  local name
  if [ "$1" -eq "$COMP_CWORD" ]; then
    while IFS= read -r name; do
      case $name in
        */*) ;;
        *) type -P -- "$name" >/dev/null || continue ;;
      esac
      COMPREPLY[${#COMPREPLY[@]}]=$name
    done <<<"$(compgen -c -- "${COMP_WORDS[COMP_CWORD]}")"
  elif declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$1"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$1"
  else
    compopt -o default 2>/dev/null
  fi
}

# export AWS_PROFILE=wo<TAB>, and otherwise what bash completes: names of variables. bash asks nobody about an assignment
# in front of a command.
function _awsmfa_export {
  local IFS=$' \t\n' word=${COMP_LINE:0:COMP_POINT} name
  local -a profiles
  COMPREPLY=()
  word=${word##*[[:blank:]]}
  case $word in
    AWS_PROFILE=* | AWS_DEFAULT_PROFILE=*)
      _awsmfa_profiles
      for name in ${profiles[@]+"${profiles[@]}"}; do
        _awsmfa_offer "$word" "${word%%=*}=$name"
      done
      ;;
    *=*) ;;
    *)
      compopt -o nospace 2>/dev/null
      while IFS= read -r name; do
        [ -z "$name" ] || COMPREPLY[${#COMPREPLY[@]}]=$name=
      done <<<"$(compgen -v -- "$word")"
      ;;
  esac
}

# Sets the caller's `profiles` to the profile names in both files. No process is started for that.
function _awsmfa_profiles {
  local home=${HOME-} kind file line
  for kind in config credentials; do
    file=$home/.aws/$kind
    case $kind in
      config) file=${AWS_CONFIG_FILE:-$file} ;;
      *) file=${AWS_SHARED_CREDENTIALS_FILE:-$file} ;;
    esac
    case $file in
      [~]/*) file=$home/${file:2} ;;
    esac
    if [ ! -f "$file" ] || [ ! -r "$file" ]; then
      continue
    fi
    while IFS= read -r line || [ -n "$line" ]; do
      # Nearly every line is no header, so that is asked first.
      case $line in
        *\[*\]*) line=${line#"${line%%[![:blank:]]*}"} ;;
        *) continue ;;
      esac
      case $line in
        \[*) line=${line#\[} line=${line%%\]*} ;;
        *) continue ;;
      esac
      line=${line#"${line%%[![:blank:]]*}"}
      line=${line%"${line##*[![:blank:]]}"}
      case $kind:$line in
        config:default) ;;
        config:profile[[:blank:]]*)
          line=${line#profile}
          line=${line#"${line%%[![:blank:]]*}"}
          case $line in
            # The AWS CLI reads the name as a shell reads a word.
            \"*\") line=${line:1:${#line}-2} line=${line//\\\"/\"} ;;
            \'*\') line=${line:1:${#line}-2} ;;
          esac
          ;;
        config:*) continue ;;
        *) line=${line%-long-term} ;;
      esac
      # A name with a control character could draw on the terminal.
      case $line in
        '' | *[[:cntrl:]]*) ;;
        *) profiles[${#profiles[@]}]=$line ;;
      esac
    done <"$file"
  done
}

# The table stands above this file when it is loaded.
: "${_awsmfa_table:=}"
complete -F _awsmfa_complete awsmfa
complete -p export >/dev/null 2>&1 || complete -o default -F _awsmfa_export export
