# awsmfa for fish: source this file from config.fish, or put it into conf.d. It defines functions and, in an
# interactive shell, says which ones complete words.
#
# `builtin` gets past functions that carry a builtin's name (fish itself protects set, test, string, eval, return and
# command). --no-scope-shadowing: a helper changes the variables that the core will inherit, not copies of them. A command
# substitution costs as much as ten other lines, and more on a busy machine: `read` and `string match` set variables
# without one.

function awsmfa --description 'An AWS session behind MFA, in this shell'
    if not set -q argv[1]
        _awsmfa_holds; or _awsmfa_switch use
        return
    end
    switch "$argv[1]"
        case -h --help --version
            _awsmfa_core $argv
        case '-*'
            _awsmfa_switch use $argv
        case use clear
            _awsmfa_switch $argv
        case env exec
            _awsmfa_give $argv
        case unload
            _awsmfa_unload
        case allow
            set -e _awsmfa_where _awsmfa_told
            _awsmfa_core $argv
        case '*'
            _awsmfa_core $argv
    end
end

# `env` and `exec NAME -- COMMAND` from an answer that was kept, else by the core.
function _awsmfa_give --no-scope-shadowing
    set -l fish_trace
    set -l _awsmfa_question
    set -l _awsmfa_code
    set -l _awsmfa_words
    set -l _awsmfa_left
    set -l _awsmfa_time
    if test $argv[1] = env; and not test -t 1
        if _awsmfa_recall $argv
            builtin printf %s "$_awsmfa_code"
            return
        end
    else if test $argv[1] = exec; and test (builtin count $argv) -ge 4; and test "$argv[3]" = --; and not string match -q -- "-*" "$argv[2]" "$argv[4]"
        if _awsmfa_recall exec $argv[2]; and command -q -- $argv[4]
            _awsmfa_run $argv[4..]
            return
        end
    end
    _awsmfa_core $argv
end

# The variables of the kept answer are local to this function.
function _awsmfa_run --no-scope-shadowing
    eval "$_awsmfa_code"
    command $argv
end

# Runs the program. Where it is missing, the status is 127 and one line says so, whatever fish_command_not_found would do.
# `doctor` cannot see this shell: AWSMFA_INTEGRATION tells it which integration is loaded, and from which file.
function _awsmfa_core --no-scope-shadowing
    if not command -q awsmfa
        builtin echo 'awsmfa: the awsmfa program is not on PATH' >&2
        return 127
    end
    set -lx AWSMFA_INTEGRATION fish:0.1.0:(builtin status filename)
    set -lx AWSMFA_QUESTION "$_awsmfa_question"
    # A redirection of a function does not reach into its command substitutions.
    if set -q _awsmfa_silent
        command awsmfa $argv 2>/dev/null
    else
        command awsmfa $argv
    end
end

# `use` and `clear`: evaluates what the core prints, if it succeeds. The code is in a local variable and nowhere else. A
# failure changes nothing: the session stays until there is a new one, or the core says that it has expired.
function _awsmfa_switch --no-scope-shadowing
    # Help is only shown: it changes nothing, and none of it is evaluated.
    if string match -qr '^(?:-h|--help|--version)$' -- $argv
        _awsmfa_core $argv
        return
    end
    # Hides the user's fish_trace, which would print every value.
    set -l fish_trace
    set -l _awsmfa_question
    set -l _awsmfa_code
    set -l _awsmfa_words
    set -l _awsmfa_left
    set -l _awsmfa_time
    if test $argv[1] = use; and _awsmfa_recall $argv
        eval "$_awsmfa_code"\n"builtin true"
        builtin echo "$_awsmfa_words" >&2
    else
        builtin status is-interactive; and _awsmfa_watch_cancel
        set _awsmfa_code (_awsmfa_ask $argv | string collect)
        set -l _awsmfa_status $pipestatus[1]
        functions -e _awsmfa_cancelled
        if test $_awsmfa_status -ne 0
            test "$_awsmfa_code" = 'false expired'; and _awsmfa_drop_expired
            return $_awsmfa_status
        end
        # `set -e` reports a variable that was not there; only code that cannot be read at all is a failure.
        eval "$_awsmfa_code"\n"builtin true"; or return
    end
    test $argv[1] = use; or set -e _awsmfa_applied _awsmfa_session
    if test $argv[1] = use; and builtin contains -- "$AWSMFA_AUTO" warn renew
        # Only what needs nothing but the name can be renewed by the name.
        string match -q -- '-*' $argv; or set -g _awsmfa_renewable "$AWSMFA_EXPIRES_AT"
    end
    return 0
end

# Runs the core without the session of this shell. Keys without a token are long-term keys, and so is AKIA… beside a token
# that was left over: the core has to see those. The names of profiles and the expiration stay, because the core reads them.
function _awsmfa_ask --no-scope-shadowing
    set -l _awsmfa_verb $argv[1]
    set -e argv[1]
    if test $_awsmfa_verb = use; and test -n "$AWS_SESSION_TOKEN$AWS_SECURITY_TOKEN"
        and not string match -qr '^AKIA.{12}' -- "$AWS_ACCESS_KEY_ID"
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

# Ctrl-C ends the function that waits for the core, and what the core prints is lost. It has told the user that an ended
# session is taken out: the next prompt does so.
function _awsmfa_watch_cancel
    function _awsmfa_cancelled --on-event fish_prompt
        set -l _awsmfa_last $status
        set -l fish_trace
        functions -e _awsmfa_cancelled
        set -l now (command date -u '+%s %Y%m%d%H%M%S' | string split ' ')
        set -l end (string match -r '^[0-9]{1,15}\z' -- "$AWSMFA_EXPIRES_AT")
        if string match -qr '^[0-9]{4}(?:[-T:]?[0-9]{2}){5}(?:\.[0-9]+)?Z\z' -- "$AWS_CREDENTIAL_EXPIRATION"
            set now $now[2]
            set end (string sub -l 14 (string replace -ar '[^0-9]' '' -- $AWS_CREDENTIAL_EXPIRATION))
        end
        test -n "$end"; and test $end -le $now[1]; and _awsmfa_drop_expired
        return $_awsmfa_last
    end
end

# Looks for the answer that the core gave to the same question before. An answer is code: it compares all that it depends
# on, and sets _awsmfa_code and _awsmfa_words, or fails. The question is the name of the file, and the words.
function _awsmfa_recall --no-scope-shadowing
    # Needs `path` (fish 3.6), and words that a tab can stand between.
    builtin -q path; and not string match -qr '[\t\n]' -- $argv; or return
    set -l _awsmfa_path "$AWSMFA_CACHE_DIR"
    test -n "$_awsmfa_path"; or set _awsmfa_path $HOME/.aws/awsmfa
    set -l _awsmfa_cache $_awsmfa_path
    set -l _awsmfa_asked $argv\t
    set -l _awsmfa_parts
    set _awsmfa_question answer-fish
    string match -qra '(?<_awsmfa_parts>[\w.-]+)' -- "$argv-$AWSMFA_PROFILE"
    for _awsmfa_word in $_awsmfa_parts
        set _awsmfa_question $_awsmfa_question-$_awsmfa_word
    end
    set _awsmfa_path $_awsmfa_cache/$_awsmfa_question
    set _awsmfa_question $_awsmfa_question\nfish:0.1.0:\n"$_awsmfa_asked"
    # A relative path may lead into a directory that somebody else has made.
    string match -q '/*' -- $_awsmfa_cache; and _awsmfa_is_own $_awsmfa_path; and test -O $_awsmfa_cache; or return
    # A file that was cut is no whole script.
    set -l _awsmfa_text
    builtin read -z _awsmfa_text <$_awsmfa_path; and string match -q '*'\n'# end'\n -- $_awsmfa_text; or return
    eval $_awsmfa_text
end

# Sets _awsmfa_left to the seconds until an end, none below 0, and _awsmfa_time to that as a person says it: 12h, 3h12m,
# 45s. The clock of fish is a file's time and how long ago that was: those given, or else those of the root directory.
# `date` is what remains where there is no builtin for that (before fish 3.6).
function _awsmfa_measure --no-scope-shadowing
    set -l then $argv[2..]
    if not set -q argv[3]
        set then (builtin -q path; and builtin path mtime -- /; and builtin path mtime -R -- /)
    end
    set -q then[2]; or set then (command date +%s) 0
    # One call of `math`, whose digits are a 1, eight for the seconds, three for the days, two for the hours, two for the
    # minutes.
    set -l seconds "min(max($argv[1] - $then[1] - $then[2], 0), 86399969)"
    set -l minutes "floor(($seconds + 30) / 60)"
    set -l days
    set -l hours
    set -l rest
    set _awsmfa_left
    builtin math -s0 "(10^8 + $seconds) * 10^7 + floor($minutes / 1440) * 10^4 + floor($minutes / 60) % 24 * 100 + $minutes % 60" |
        string match -qr '^1(?<_awsmfa_left>\d{8})(?|000|00(?<days>\d)|0(?<days>\d\d)|(?<days>\d{3}))(?|00|0(?<hours>\d)|(?<hours>\d\d))(?|00|0(?<rest>\d)|(?<rest>\d\d))$'
    or return
    set _awsmfa_time
    if test $_awsmfa_left -lt 60
        string match -qr '^0*(?<_awsmfa_time>\d+)$' -- $_awsmfa_left
        set rest
        set _awsmfa_time $_awsmfa_time"s"
    end
    for minutes in $days"d" $hours"h" $rest"m"
        set _awsmfa_time "$_awsmfa_time$minutes"
    end
end

# True when this shell holds the wanted session and it lasts: then no program has to be started.
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
    set -l _awsmfa_left
    set -l _awsmfa_time
    _awsmfa_measure $AWSMFA_EXPIRES_AT; and test $_awsmfa_left -gt $_awsmfa_least; or return

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

# For prompts: the profile, the scope if there is one, and the time left.
function awsmfa_prompt --description 'The profile of the AWS session and its time left'
    set -l fish_trace
    test -n "$AWSMFA_PROFILE"; and string match -qr '^[0-9]{1,15}\z' -- "$AWSMFA_EXPIRES_AT"; or return 0
    set -l _awsmfa_left
    set -l _awsmfa_time
    _awsmfa_measure $AWSMFA_EXPIRES_AT; or return 0
    set -l color green
    if test $_awsmfa_left -le 0
        set color red
        set _awsmfa_time expired
    else if test $_awsmfa_left -le 600
        set color yellow
    end
    set -l name "$AWSMFA_PROFILE"
    test -n "$AWSMFA_SCOPE"; and set name "$name ($AWSMFA_SCOPE)"
    test -n "$NO_COLOR"; or set_color $color
    builtin printf '%s %s' (string replace -ar '[[:cntrl:]]' '?' -- "$name") $_awsmfa_time
    test -n "$NO_COLOR"; or set_color normal
end

# Before each prompt, with AWSMFA_AUTO=warn or renew, or AWSMFA_AUTO_PROFILE=1. From builtins alone, until something is
# due.
function _awsmfa_precmd --on-event fish_prompt
    set -l last $status
    set -l fish_trace
    test "$AWSMFA_AUTO_PROFILE" = 1; and test "$_awsmfa_where" != "$PWD"; and _awsmfa_enter
    set -q AWSMFA_AUTO; and set -q AWSMFA_EXPIRES_AT; or return $last
    # Most prompts: how old the file of the clock may get before something is due was worked out at the first one.
    if test "$_awsmfa_watch[1]" = "$AWSMFA_EXPIRES_AT"
        test (builtin path mtime -R -- $_awsmfa_watch[3]) -lt $_awsmfa_watch[2]; and return $last
    end
    builtin contains -- "$AWSMFA_AUTO" warn renew; and test -n "$AWSMFA_PROFILE"
    and string match -qr '^[0-9]{1,15}\z' -- "$AWSMFA_EXPIRES_AT"; or return $last
    set -l _awsmfa_left
    set -l _awsmfa_time
    _awsmfa_measure $AWSMFA_EXPIRES_AT; or return $last
    if test $_awsmfa_left -gt 600
        # fish itself is a file that nobody changes, unlike the root directory.
        set -l age (builtin path mtime -R -- (status fish-path) 2>/dev/null)
        test -n "$age"; and set -g _awsmfa_watch $AWSMFA_EXPIRES_AT (builtin math "$age + $_awsmfa_left - 600") (status fish-path)
        return $last
    end
    # Once when ten minutes are left, and once at the end.
    set -l due "$AWSMFA_EXPIRES_AT soon"
    test $_awsmfa_left -gt 0; or set due "$AWSMFA_EXPIRES_AT over"
    test "$_awsmfa_warned" = "$due"; and return $last
    set -g _awsmfa_warned $due
    if test $AWSMFA_AUTO = renew; and test "$_awsmfa_renewable" = "$AWSMFA_EXPIRES_AT"
        set -l _awsmfa_silent
        set -lx AWSMFA_RENEWAL 1
        if _awsmfa_switch use --quiet --no-prompt --min-ttl 11m "--profile=$AWSMFA_PROFILE"
            set -g _awsmfa_renewable "$AWSMFA_EXPIRES_AT"
            return $last
        end
    end
    set -l name (string replace -ar '[[:cntrl:]]' '?' -- "$AWSMFA_PROFILE")
    if test $_awsmfa_left -gt 0
        builtin echo "awsmfa: $name ends in $_awsmfa_time; a new session: awsmfa --refresh" >&2
    else
        builtin echo "awsmfa: $name has ended; a new session: awsmfa" >&2
    end
    return $last
end

# In another directory: takes the profile that the nearest .awsmfa names, if `awsmfa allow` was told so, and gives back
# on leaving what was there before. The file `allowed` has a line for each: the name, a tab, the directory.
function _awsmfa_enter
    set -l at (string replace -r '/$' '' -- "$PWD")
    set -l name ''
    set -l lines
    set -l list $HOME/.aws/awsmfa/allowed
    set -g _awsmfa_where $PWD
    while test -n "$at"; and not test -e $at/.awsmfa; and not test -L $at/.awsmfa
        string match -qr '(?s)^(?<at>.*)/' -- $at
    end
    if _awsmfa_is_own "$at/.awsmfa"; and _awsmfa_is_own $list
        builtin read -n 300 name <"$at/.awsmfa"
        builtin read -az -d \n lines <$list
    end
    set -l line "$name"\t"$at"
    test -n "$at"; or set line "$name"\t/
    if not builtin contains -- $line $lines
        set name ''
        if begin
                test -e "$at/.awsmfa"; or test -L "$at/.awsmfa"
            end; and test "$_awsmfa_told" != "$at/.awsmfa"
            set -g _awsmfa_told "$at/.awsmfa"
            builtin echo awsmfa: (string replace -ar '[[:cntrl:]]' '?' -- "$at")"/.awsmfa is not allowed; look at it, then: awsmfa allow" >&2
        end
        # Keys that are not from awsmfa, and a server, could not be given back.
    else if test "$name" != "$AWSMFA_PROFILE"; and begin
            test -n "$AWSMFA_PROFILE"; and test -n "$AWS_ACCESS_KEY_ID"; or test -z "$AWSMFA_PROFILE$AWS_ACCESS_KEY_ID"
        end
        test -n "$_awsmfa_applied"; and test "$_awsmfa_applied" = "$AWSMFA_PROFILE"; or _awsmfa_remember
        if test "$name" = "$_awsmfa_before"
            set -e _awsmfa_applied
            _awsmfa_give_back 'for this directory'; and return
        else if _awsmfa_take $name 'for this directory'
            set -g _awsmfa_applied $name
            return
        end
        builtin echo "awsmfa: this directory is for $name: awsmfa use "(string escape -- $name) >&2
    end
    if test -n "$_awsmfa_applied"; and test "$name" != "$_awsmfa_applied"
        test "$_awsmfa_applied" != "$AWSMFA_PROFILE"; or _awsmfa_give_back again; or _awsmfa_switch clear
        set -e _awsmfa_applied _awsmfa_session
    end
end

# Keeps what a directory's session takes the place of, as names and values: the variables that a session sets or takes
# away.
function _awsmfa_remember
    set -l fish_trace
    set -g _awsmfa_before "$AWSMFA_PROFILE"
    set -g _awsmfa_session
    for name in AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN \
        AWS_CREDENTIAL_EXPIRATION AWS_ACCOUNT_ID AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWSMFA_PROFILE \
        AWSMFA_EXPIRES_AT AWSMFA_SCOPE AWSMFA_RESTORE
        set -a _awsmfa_session $name "$$name"
    end
    set -a _awsmfa_session _awsmfa_renewable "$_awsmfa_renewable"
end

# Gives that back, or a session of the same profile if the one that was held has ended. The word says why.
function _awsmfa_give_back
    set -l fish_trace
    set -l name "$AWSMFA_PROFILE"
    set -l pairs $_awsmfa_session
    while set -q pairs[2]
        set -eg $pairs[1]
        # An empty one hides a universal one.
        test -n "$pairs[2]"; or set -q $pairs[1]; and set -gx $pairs[1] $pairs[2]
        set -e pairs[1..2]
    end
    set -gu _awsmfa_renewable $_awsmfa_renewable
    if test -z "$AWSMFA_PROFILE"
        builtin echo (string replace -ar '[[:cntrl:]]' '?' -- $name)": taken out of this shell" >&2
        return 0
    end
    set -l _awsmfa_left 0
    set -l _awsmfa_time
    string match -qr '^[0-9]{1,15}\z' -- "$AWSMFA_EXPIRES_AT"; and _awsmfa_measure $AWSMFA_EXPIRES_AT
    if test $_awsmfa_left -gt 0
        _awsmfa_say $argv[1]
    else
        _awsmfa_take $AWSMFA_PROFILE $argv[1]
    end
end

# Takes a session by its name alone. Nobody is asked for a code.
function _awsmfa_take
    set -l _awsmfa_silent
    _awsmfa_switch use --no-prompt "--profile=$argv[1]" 2>/dev/null; or return
    set -g _awsmfa_renewable "$AWSMFA_EXPIRES_AT"
    set -l _awsmfa_left
    set -l _awsmfa_time
    _awsmfa_measure $AWSMFA_EXPIRES_AT; and _awsmfa_say $argv[2]
end

# With the caller's _awsmfa_time.
function _awsmfa_say --no-scope-shadowing
    builtin echo (string replace -ar '[[:cntrl:]]' '?' -- "awsmfa: $AWSMFA_PROFILE $argv[1], $_awsmfa_time left") >&2
end

# A file that is the user's own, and no link.
function _awsmfa_is_own
    test -f $argv[1]; and not test -L $argv[1]; and test -O $argv[1]; and test -r $argv[1]
end

# Takes the integration itself out of this shell. The session stays: that is for `awsmfa clear`.
function _awsmfa_unload
    complete -e -c awsmfa
    set -e _awsmfa_table _awsmfa_warned _awsmfa_renewable _awsmfa_watch _awsmfa_where _awsmfa_told _awsmfa_applied _awsmfa_before _awsmfa_session
    functions -e awsmfa awsmfa_prompt (functions -an | string match '_awsmfa_*')
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
    complete -c export -n 'functions -q _awsmfa_variable; and string match -qr "^AWS_(?:DEFAULT_)?PROFILE=" -- (commandline -ct)' -f -a '(_awsmfa_variable)'
    complete -c set -n 'functions -q _awsmfa_profiles; and builtin contains -- (commandline -opc)[-1] AWS_PROFILE AWS_DEFAULT_PROFILE' -f -a '(_awsmfa_profiles)'
end
