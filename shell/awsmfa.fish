# awsmfa for fish: source this file from config.fish, or put it into conf.d. It defines functions and, in an
# interactive shell, says which ones complete words.
#
# `builtin` gets past functions that carry a builtin's name (fish itself protects set, test, string, eval, return and
# command). --no-scope-shadowing: a helper changes the variables that the core will inherit, not copies of them.

function awsmfa --description 'An AWS session behind MFA, in this shell'
    if not set -q argv[1]
        _awsmfa_holds; or _awsmfa_switch use
        return
    end
    switch "$argv[1]"
        case -h --help --version
            _awsmfa_core $argv
        case '-*'
            _awsmfa_change use $argv
        case use clear
            _awsmfa_change $argv
        case '*'
            _awsmfa_core $argv
    end
end

# The program itself, with a plain 127 instead of a fish_command_not_found's essay when it is missing. `doctor`
# cannot see this shell: the variable, which is the program's alone, says what is loaded here, and from which file.
function _awsmfa_core --no-scope-shadowing
    if not command -q awsmfa
        builtin echo 'awsmfa: the awsmfa program is not on PATH' >&2
        return 127
    end
    set -lx AWSMFA_INTEGRATION fish:0.1.0:(builtin status filename)
    command awsmfa $argv
end

# `use` and `clear`. Help is only shown: it changes nothing, and none of it is evaluated.
function _awsmfa_change --no-scope-shadowing
    for _awsmfa_word in -h --help --version
        if builtin contains -- $_awsmfa_word $argv[2..]
            _awsmfa_core $argv[1] --shell fish $argv[2..]
            return
        end
    end
    _awsmfa_switch $argv
end

# Does what the core prints, if it succeeds. The code is held in a local variable and nowhere else. A slip changes
# nothing: what this shell holds stays until there is something better, or the core says that it has expired.
function _awsmfa_switch --no-scope-shadowing
    # Hides the user's fish_trace, which would print every value.
    set -l fish_trace
    set -l _awsmfa_code (_awsmfa_ask $argv | string collect)
    set -l _awsmfa_status $pipestatus[1]
    if test $_awsmfa_status -ne 0
        test "$_awsmfa_code" = 'false expired'; and _awsmfa_drop_expired
        return $_awsmfa_status
    end
    # `set -e` reports a variable that was not there; only code that cannot be read at all is a failure.
    eval "$_awsmfa_code"\n"builtin true"
end

# Runs the core without the keys of this shell's session. Keys without a token are long-term ones, which the core may
# need. AWS_PROFILE and AWSMFA_PROFILE say what is wanted, and the variables with the expiration what this shell holds.
function _awsmfa_ask --no-scope-shadowing
    set -l _awsmfa_verb $argv[1]
    set -e argv[1]
    if test $_awsmfa_verb = use; and test -n "$AWS_SESSION_TOKEN$AWS_SECURITY_TOKEN"
        # A local variable that is not exported hides an exported one; a universal one takes an exported one to hide.
        set -qU AWS_ACCESS_KEY_ID; and set -lx AWS_ACCESS_KEY_ID ''; or set -lu AWS_ACCESS_KEY_ID
        set -qU AWS_SECRET_ACCESS_KEY; and set -lx AWS_SECRET_ACCESS_KEY ''; or set -lu AWS_SECRET_ACCESS_KEY
        set -qU AWS_SESSION_TOKEN; and set -lx AWS_SESSION_TOKEN ''; or set -lu AWS_SESSION_TOKEN
        set -qU AWS_SECURITY_TOKEN; and set -lx AWS_SECURITY_TOKEN ''; or set -lu AWS_SECURITY_TOKEN
        _awsmfa_core $_awsmfa_verb --shell fish $argv
    else
        _awsmfa_core $_awsmfa_verb --shell fish $argv
    end
end

# A universal variable is not ours to erase. It reaches every child that no exported global keeps it from.
function _awsmfa_drop_expired --no-scope-shadowing
    test -n "$AWS_SESSION_TOKEN$AWS_SECURITY_TOKEN"; or return 0
    for _awsmfa_word in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN \
        AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT
        set -el $_awsmfa_word
        set -eg $_awsmfa_word
        set -q $_awsmfa_word; and set -gx $_awsmfa_word ''
    end
end

# True when this shell already holds the wanted session and it lasts: then nothing has to be started.
function _awsmfa_holds --no-scope-shadowing
    set -l fish_trace
    set -l _awsmfa_wanted "$AWS_PROFILE"
    test -n "$_awsmfa_wanted"; or set _awsmfa_wanted "$AWS_DEFAULT_PROFILE"
    test -n "$_awsmfa_wanted"; or set _awsmfa_wanted "$AWSMFA_PROFILE"
    set -l _awsmfa_least "$AWSMFA_MIN_TTL"
    test -n "$_awsmfa_least"; or set _awsmfa_least 300

    test -n "$_awsmfa_wanted"; and test "$_awsmfa_wanted" = "$AWSMFA_PROFILE"; or return
    test -n "$AWS_ACCESS_KEY_ID"; and test -n "$AWS_SECRET_ACCESS_KEY"; and test -n "$AWS_SESSION_TOKEN"; or return
    # botocore would take this one instead of ours.
    test -z "$AWS_SECURITY_TOKEN"; or return
    string match -qr '^[0-9]{1,15}\z' -- "$AWSMFA_EXPIRES_AT"; or return
    string match -qr '^[0-9]{1,15}\z' -- "$_awsmfa_least"; or return
    set -l _awsmfa_now (_awsmfa_now)
    string match -qr '^[0-9]{1,15}\z' -- "$_awsmfa_now"; or return
    test (builtin math "$AWSMFA_EXPIRES_AT - $_awsmfa_now") -gt $_awsmfa_least; or return

    # As after every switch: SDKs that find a profile ignore exported keys. A universal one is the core's to deal with.
    if test -z "$AWSMFA_KEEP_PROFILE"; or test "$AWSMFA_KEEP_PROFILE" = 0
        for _awsmfa_word in AWS_PROFILE AWS_DEFAULT_PROFILE
            test -n "$$_awsmfa_word"; or continue
            set -qU $_awsmfa_word; and return 1
            set -el $_awsmfa_word
            set -eg $_awsmfa_word
        end
    end
    return 0
end

# The time in epoch seconds. fish has no clock, but it knows when a file was last changed and how long ago that was.
# `date` is what remains where there is no builtin for that (before fish 3.6), or no such file.
function _awsmfa_now --no-scope-shadowing
    if builtin -q path
        set -l _awsmfa_then (builtin path mtime -- (status fish-path) 2>/dev/null)
        set -l _awsmfa_age (builtin path mtime -R -- (status fish-path) 2>/dev/null)
        if test -n "$_awsmfa_then"; and test -n "$_awsmfa_age"
            builtin math $_awsmfa_then + $_awsmfa_age
            return
        end
    end
    command date +%s
end

# The completion itself is loaded by the first TAB, in place of these three.
function _awsmfa_complete
    _awsmfa_load; and _awsmfa_complete
end

function _awsmfa_variable
    _awsmfa_load; and _awsmfa_variable
end

function _awsmfa_profiles
    _awsmfa_load; and _awsmfa_profiles
end

function _awsmfa_load
    set -l file (builtin realpath -- (builtin status filename) | string replace -r '[^/]*/[^/]*$' dist/completion.fish)
    test -r "$file"; and builtin source $file
end

if builtin status is-interactive
    complete -c awsmfa -f -a '(_awsmfa_complete)'
    complete -c export -n 'string match -qr "^AWS_(?:DEFAULT_)?PROFILE=" -- (commandline -ct)' -f -a '(_awsmfa_variable)'
    complete -c set -n 'contains -- (commandline -opc)[-1] AWS_PROFILE AWS_DEFAULT_PROFILE' -f -a '(_awsmfa_profiles)'
end
