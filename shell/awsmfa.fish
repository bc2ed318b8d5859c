# awsmfa for fish: source this file from config.fish, or put it into conf.d. It defines functions and does nothing else.
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

# Does what the core prints, if it succeeds. The code is held in a local variable and nowhere else.
function _awsmfa_switch --no-scope-shadowing
    # Hides the user's fish_trace, which would print every value.
    set -l fish_trace
    if test $argv[1] = use
        _awsmfa_drop_stale
    end
    set -l _awsmfa_code (_awsmfa_core $argv[1] --shell fish $argv[2..] | string collect)
    set -l _awsmfa_status $pipestatus[1]
    test $_awsmfa_status -eq 0; or return $_awsmfa_status
    # `set -e` reports a variable that was not there; only code that cannot be read at all is a failure.
    eval "$_awsmfa_code"\n"builtin true"
end

# Before the core runs, so that whatever happens to it, no key of the last account stays behind. Keys without a
# token are long-term ones, which the core may need; AWS_PROFILE and AWSMFA_PROFILE say what is wanted.
function _awsmfa_drop_stale --no-scope-shadowing
    test -n "$AWS_SESSION_TOKEN$AWS_SECURITY_TOKEN"; or return 0
    for _awsmfa_word in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN \
        AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT
        set -el $_awsmfa_word
        set -eg $_awsmfa_word
        # A universal variable is not ours to erase. It reaches every child that no exported global keeps it from.
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

# The time in epoch seconds. fish has no clock, but a redirection stamps a file without starting a process; `date`
# is what remains where there is no cache directory to keep that file in, or no builtin (fish 3.5) to read the stamp.
function _awsmfa_now
    set -l directory "$AWSMFA_CACHE_DIR"
    test -n "$directory"; or set directory ~/.aws/awsmfa
    set -l clock "$directory/fish-clock"
    if builtin -q path
        and test -w "$directory"
        and not test -L "$clock"
        and begin
            test -f "$clock"; or not test -e "$clock"
        end
        set -l usual $umask
        set umask 077
        builtin echo 2>/dev/null >"$clock"
        set -l written $status
        set umask $usual
        if test $written -eq 0
            builtin path mtime -- "$clock"
            return
        end
    end
    command date +%s
end
