# Completion for fish. _awsmfa_table has the commands and options; it is made from the program's own when that is built.

function _awsmfa_complete
    set -l tokens (commandline -opc)
    set -l current (commandline -ct)
    set -l command
    set -l named 0
    set -l at 2
    while test $at -le (count $tokens)
        set -l word $tokens[$at]
        set at (math $at + 1)
        if test "$command" = exec; and test "$word" = --
            _awsmfa_rest $tokens[$at..] $current
            return
        else if string match -q -- '--?*=*' $word
            string match -q -- '--profile=*' $word; and set named 1
        else if string match -q -- '-?*' $word
            test "$word" = --profile; and set named 1
            set -l kind (_awsmfa_kind $word)
            test "$kind" = -; and continue
            if test $at -gt (count $tokens)
                _awsmfa_value $kind ''
                return
            end
            set at (math $at + 1)
        else if test -z "$command"
            set command $word
            # The action of `keys` comes before the profile.
            test "$word" = keys; and set named -1
        else if test "$command" = exec; and test $named = 1
            _awsmfa_rest $tokens[(math $at - 1)..] $current
            return
        else
            set named (math $named + 1)
        end
    end
    if string match -q -- '--?*=*' $current
        set -l option (string split -m 1 = -- $current)[1]
        _awsmfa_value (_awsmfa_kind $option) $option=
    else if string match -q -- '-*' $current
        test -n "$command"; or set command use
        _awsmfa_rows option | while read -d \t -l _ name _ on text
            contains -- $command (string split ' ' -- $on); and printf '%s\t%s\n' $name $text
        end
    else if test -z "$command"
        _awsmfa_rows command | while read -d \t -l _ name _ text
            printf '%s\t%s\n' $name $text
        end
    else if test "$command" = exec; and test $named = 1
        _awsmfa_rest $current
    else if test $named = -1
        _awsmfa_value action ''
    else if test $named = 0
        _awsmfa_rows command | while read -d \t -l _ name kind _
            test "$name" = "$command"; and _awsmfa_value $kind ''
        end
    end
end

# The rows of the table that are called so.
function _awsmfa_rows
    string split \n -- $_awsmfa_table | string match -r "^(?:$argv[1])\t.*"
end

# What follows an option: the kind of its value, `-` for nothing.
function _awsmfa_kind
    _awsmfa_rows 'option|alias' | while read -d \t -l _ name kind _
        if test "$name" = "$argv[1]"
            echo $kind
            return
        end
    end
    echo -
end

# The values of a kind, each with what stands before it in the word.
function _awsmfa_value
    switch $argv[1]
        case - text
        case file
            _awsmfa_files $argv[2]
        case profile
            printf '%s\n' $argv[2](_awsmfa_profiles)
        case '*'
            _awsmfa_rows values | while read -d \t -l _ kind words
                test "$kind" = "$argv[1]"; and printf '%s\n' $argv[2](string split ' ' -- $words)
            end
            # A scope may also be one of the user's, or a file with a policy.
            if test "$argv[1]" = scope
                set -l own ~/.aws/awsmfa/scopes/*.json
                printf '%s\n' $argv[2](string replace -r '.*/(.*)\.json$' '$1' -- $own)
                _awsmfa_files $argv[2]
            end
    end
end

# Files, each with what stands before it in the word: `--policy=`.
function _awsmfa_files
    set -l word (string sub -s (math (string length -- "$argv[1]") + 1) -- (commandline -ct))
    for line in (__fish_complete_path "$word")
        printf '%s\n' "$argv[1]$line"
    end
end

# What exec runs. Its first word is a program: exec knows no functions and no builtins.
function _awsmfa_rest
    if test (count $argv) -eq 1
        complete -C (string escape -n -- "$argv[1]") | while read -l line
            set -l name (string replace -r '\t.*' '' -- $line)
            string match -q -- '*/*' $name; or command -q -- $name; and printf '%s\n' $line
        end
        return
    end
    complete -C (string join ' ' -- (string escape -- $argv[1..-2]) $argv[-1])
end

# The profile names in both files, one a line. No process is started for that.
function _awsmfa_profiles
    set -l config ~/.aws/config
    set -l credentials ~/.aws/credentials
    test -n "$AWS_CONFIG_FILE"; and set config (string replace -r '^~/' -- ~/ $AWS_CONFIG_FILE)
    test -n "$AWS_SHARED_CREDENTIALS_FILE"; and set credentials (string replace -r '^~/' -- ~/ $AWS_SHARED_CREDENTIALS_FILE)
    begin
        if test -f "$config"; and test -r "$config"
            string match -rg '^\s*\[\s*(default|profile\s+[^]]*[^]\s])\s*\]' <$config | string replace -r '^profile\s+' '' |
                string replace -r '^\'(.*)\'$' '$1' | string replace -r '^"(.*)"$' '$1' | string replace -a '\\"' '"'
        end
        if test -f "$credentials"; and test -r "$credentials"
            string match -rg '^\s*\[\s*([^]]*[^]\s])\s*\]' <$credentials | string replace -r -- '-long-term$' ''
        end
        # A name with a control character could draw on the terminal.
    end | string match -rv '[[:cntrl:]]'
end

# The value of a variable that names a profile, behind `export`: AWS_PROFILE=wo<TAB>.
function _awsmfa_variable
    set -l name (string match -r '^AWS_(?:DEFAULT_)?PROFILE=' -- (commandline -ct)); and _awsmfa_value profile $name
end

if not complete -c awsmfa | string length -q
    complete -c awsmfa -f -a '(_awsmfa_complete)'
    complete -c export -n 'string match -qr "^AWS_(?:DEFAULT_)?PROFILE=" -- (commandline -ct)' -f -a '(_awsmfa_variable)'
    complete -c set -n 'contains -- (commandline -opc)[-1] AWS_PROFILE AWS_DEFAULT_PROFILE' -f -a '(_awsmfa_profiles)'
end
