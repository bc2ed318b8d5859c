# awsmfa for nushell: put `use '…/awsmfa.nu' *` into config.nu. It is a module of commands and does nothing else.
#
# nushell evaluates no code at run time: the core prints the change as one record, in which `null` takes a variable away.

const file = path self

# An AWS session behind MFA, in this shell.
export def --env --wrapped main [...words: string@"_awsmfa complete"] {
    let verb = ($words | get --optional 0 | default "")
    let asks_help = ($words | any {|word| $word in ["-h" "--help" "--version"] })
    let is_option = ($verb | str starts-with "-")
    let command = (if $verb == "" or $is_option { ["use" ...$words] } else { $words })
    let left = (_awsmfa left)
    if $verb == "" and (_awsmfa holds) {
        if ($env.AWSMFA_KEEP_PROFILE? | default "0") in ["" "0"] { _awsmfa hide [AWS_PROFILE AWS_DEFAULT_PROFILE] }
    } else if $asks_help or not ($verb in ["" "use" "clear"] or $is_option) {
        # At the end of the command, so that the program has the terminal, or the pipe that follows.
        with-env { AWSMFA_INTEGRATION: $"nushell:0.1.0:($file)" } { ^awsmfa ...$words }
    } else if $left != null and $left <= 0 {
        # A command that fails changes no environment in nushell, so this one does not fail: what has expired must go.
        _awsmfa hide [AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN]
        let answer = (_awsmfa ask $command | complete)
        print --stderr --no-newline $answer.stderr
        if $answer.exit_code == 0 { _awsmfa apply $answer.stdout } else {
            _awsmfa hide [AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT]
        }
    } else {
        _awsmfa apply (_awsmfa ask $command)
    }
}

# For a prompt: `work 3h12m`, with a scope `work (read-only) 3h12m`, or nothing. It starts no process.
export def awsmfa_prompt []: nothing -> string {
    let left = (_awsmfa left)
    let profile = ($env.AWSMFA_PROFILE? | default "")
    if $left == null or $profile == "" { return "" }
    let scope = ($env.AWSMFA_SCOPE? | default "")
    let whole = (if $scope == "" { $profile } else { $profile + " (" + $scope + ")" })
    let name = ($whole | str replace --all --regex '\p{Cc}' '?')
    if $left <= 0 { return $"($name) expired" }
    let minutes = ($left // 60)
    if $minutes >= 60 { $"($name) ($minutes // 60)h($minutes mod 60)m" } else { $"($name) ($minutes)m" }
}

# What the core prints. It runs without the keys of this session; keys without a token, and AKIA... with one left over,
# are long-term ones, which it has to see. The variable says what is loaded here, and from which file: `doctor` cannot
# see this session.
def "_awsmfa ask" [command: list<string>] {
    let has_token = (($env.AWS_SESSION_TOKEN? | default "") + ($env.AWS_SECURITY_TOKEN? | default "")) != ""
    let is_long_term = ($env.AWS_ACCESS_KEY_ID? | default "") =~ '^AKIA.{12}'
    let hidden = (if ($command | first) == "use" and $has_token and not $is_long_term {
        { AWS_ACCESS_KEY_ID: null, AWS_SECRET_ACCESS_KEY: null, AWS_SESSION_TOKEN: null, AWS_SECURITY_TOKEN: null }
    } else { {} })
    with-env ($hidden | insert AWSMFA_INTEGRATION $"nushell:0.1.0:($file)") {
        ^awsmfa ($command | first) --shell nushell ...($command | skip 1)
    }
}

# `hide-env` would uncover the variable that nushell was started with. No program sees one that is `null`.
def --env "_awsmfa hide" [names: list<string>] {
    load-env ($names | where {|name| $name in $env } | reduce --fold {} {|name, all| $all | insert $name null })
}

def --env "_awsmfa apply" [text: string] {
    if ($text | str trim) == "" { return }
    let change = ($text | from json)
    let names = ($change | columns)
    _awsmfa hide ($names | where {|name| ($change | get $name) == null })
    load-env ($change | select ...($names | where {|name| ($change | get $name) != null }))
}

# True when this shell already holds the wanted session and it lasts: then nothing has to be started.
def "_awsmfa holds" []: nothing -> bool {
    let wanted = ([$env.AWS_PROFILE? $env.AWS_DEFAULT_PROFILE? $env.AWSMFA_PROFILE?]
        | where {|name| ($name | default "") != "" } | get --optional 0)
    if $wanted == null or $wanted != $env.AWSMFA_PROFILE? { return false }
    let keys = [$env.AWS_ACCESS_KEY_ID? $env.AWS_SECRET_ACCESS_KEY? $env.AWS_SESSION_TOKEN?]
    if ($keys | any {|key| ($key | default "") == "" }) { return false }
    # botocore would take this one instead of ours.
    if ($env.AWS_SECURITY_TOKEN? | default "") != "" { return false }
    let least = ($env.AWSMFA_MIN_TTL? | default "")
    if not ($least =~ '^\d{0,15}$') { return false }
    let left = (_awsmfa left)
    $left != null and $left > (if $least == "" { 300 } else { $least | into int })
}

# The seconds that the session in this shell has left; nothing where there is none.
def "_awsmfa left" [] {
    let end = ($env.AWSMFA_EXPIRES_AT? | default "")
    if $end =~ '^\d{1,15}$' { ($end | into int) - ((date now | into int) // 1_000_000_000) }
}

# Commands, the values of options, and the names of the profiles. nushell itself completes no options of such a command.
# The table is made from the program's own when that is built.
def "_awsmfa complete" [context: string] {
    let words = ($context | split row --regex '\s+' | skip 1)
    let rows = (try { open --raw ($file | path dirname | path join .. dist completion.tsv) } catch { "" } | lines | split column "\t" row name kind text)
    if ($words | length) <= 1 {
        return ($rows | where row == command | each {|row| { value: $row.name, description: $row.text } })
    }
    let before = ($words | drop | last)
    let is_first = ($words | length) == 2 or ($before | str starts-with "--")
    # The action of `keys` comes before the profile.
    let kind = (match ($words | drop) {
        ["keys"] => "action"
        ["keys" _] => "profile"
        _ => (if $is_first { $rows | where name == $before and row != values | get --optional 0.kind } | default "-")
    })
    # nushell completes file names then.
    if $kind in ["-" text file] { return null }
    if $kind == "profile" {
        # A name with a blank is quoted, and what is typed does not begin with the quote.
        let names = (_awsmfa profiles | each {|name| if $name =~ '^[\w./@+=:-]+$' { $name } else { $name | to json } })
        return { options: { completion_algorithm: substring, sort: false }, completions: $names }
    }
    let known = ($rows | where row == values and name == $kind | get --optional 0.kind | default "" | split row " ")
    let own = (if $kind == scope {
        glob $"($env.USERPROFILE? | default $env.HOME? | str replace --all '\' '/')/.aws/awsmfa/scopes/*.json" | path parse | get stem
    } else { [] })
    $known | append $own | where {|word| $word != "" }
}

# The names of the profiles in both files.
def "_awsmfa profiles" []: nothing -> list<string> {
    let home = ($env.USERPROFILE? | default $env.HOME?)
    let config = ($env.AWS_CONFIG_FILE? | default $"($home)/.aws/config")
    let credentials = ($env.AWS_SHARED_CREDENTIALS_FILE? | default $"($home)/.aws/credentials")
    let named = (_awsmfa sections $config | parse --regex r#'^(?:profile\s+)?["']?(?<name>.+?)["']?$'# | get name | str replace --all '\"' '"')
    let stored = (_awsmfa sections $credentials | str replace --regex '-long-term$' '')
    $named | append $stored | where {|name| not ($name =~ '^(sso-session|services) |\p{Cc}') } | uniq
}

def "_awsmfa sections" [path: string]: nothing -> list<string> {
    if not ($path | path exists) { return [] }
    open --raw $path | lines | parse --regex '^\s*\[\s*(?<name>.+?)\s*\]' | get name
}
