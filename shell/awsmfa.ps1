# awsmfa for PowerShell 5.1 and later: dot-source this file from $PROFILE. It defines functions and does nothing else.
#
# It runs in sessions it knows nothing about: it is clean under Set-StrictMode -Version Latest and under
# $ErrorActionPreference = 'Stop', and compares with -ceq, because -eq ignores case. A module's name before a cmdlet gets
# past functions and aliases of the same name.

function awsmfa {
    # A native command that fails must not throw (PowerShell 7.4): its exit status is in $LASTEXITCODE.
    $PSNativeCommandUseErrorActionPreference = $false
    $ErrorActionPreference = 'Continue'
    [string[]] $words = $args
    if ($words.Count -eq 0) {
        if (_awsmfa_holds) { $global:LASTEXITCODE = 0 } else { _awsmfa_switch 'use' }
        return
    }
    if ($words[0] -ceq 'unload') {
        _awsmfa_unload
        return
    }
    if ($words[0] -ceq 'exec') { $words = _awsmfa_with_dashes $words $MyInvocation }
    $verb = ''
    if ($words[0] -cin 'use', 'clear') { $verb, $rest = $words }
    elseif ($words[0] -like '-*' -and $words[0] -cnotin '-h', '--help', '--version') { $verb, $rest = @('use') + $words }
    $help = @($words | Microsoft.PowerShell.Core\Where-Object { $_ -cin '-h', '--help', '--version' }).Count -gt 0
    if ($verb -ceq '' -or $help) {
        # Piped input is for the program.
        if ($MyInvocation.ExpectingInput) { $input | _awsmfa_core $words } else { _awsmfa_core $words }
        return
    }
    _awsmfa_switch $verb $rest
}

# The program itself. `doctor` cannot see this session: the variable, which is the program's alone, says what is loaded
# here, and from which file.
function _awsmfa_core([string[]] $words) {
    $found = Microsoft.PowerShell.Core\Get-Command -Name awsmfa -CommandType ExternalScript, Application -ErrorAction Ignore |
        Microsoft.PowerShell.Utility\Select-Object -First 1
    if ($null -eq $found) {
        [Console]::Error.WriteLine('awsmfa: the awsmfa program is not on PATH')
        $global:LASTEXITCODE = 127
        return
    }
    $program = @($found.Path)
    $script = "$PSScriptRoot/../dist/awsmfa.cjs"
    # PowerShell quotes nothing for a batch file, and cmd would run what stands behind an `&`.
    if ($found.Path -match '\.(cmd|bat)\z' -and (Microsoft.PowerShell.Management\Test-Path -LiteralPath $script)) {
        $program = @('node', $script)
    }
    $command, $before = $program
    # One word alone would be a string, and be passed letter by letter.
    $all = @(@($before) + @($words) | Microsoft.PowerShell.Core\Where-Object { $null -ne $_ })
    try {
        $env:AWSMFA_INTEGRATION = "powershell:0.1.0:$PSCommandPath"
        if ($MyInvocation.ExpectingInput) { $input | & $command @all } else { & $command @all }
    } finally {
        $env:AWSMFA_INTEGRATION = $null
    }
}

# Does what the core prints, if it succeeds. The code is held in a local variable and nowhere else. A slip changes
# nothing: what this session holds stays until there is something better, or the core says that it has expired.
function _awsmfa_switch([string] $verb, [string[]] $rest) {
    $hidden = @{}
    $isDone = $false
    try {
        # The core runs without the keys of this session. Keys without a token, and AKIA... with one left over, are
        # long-term ones, which it has to see.
        if ($verb -ceq 'use' -and ($env:AWS_SESSION_TOKEN -or $env:AWS_SECURITY_TOKEN) -and
            $env:AWS_ACCESS_KEY_ID -cnotlike 'AKIA????????????*') {
            foreach ($name in 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN') {
                $item = Microsoft.PowerShell.Management\Get-Item -LiteralPath "Env:$name" -ErrorAction Ignore
                if ($null -eq $item) { continue }
                $hidden[$name] = $item.Value
                Microsoft.PowerShell.Management\Remove-Item -LiteralPath "Env:$name"
            }
        }
        $code = @(_awsmfa_core (@($verb, '--shell', 'powershell') + @($rest))) -join "`n"
        $isDone = $LASTEXITCODE -eq 0
    } finally {
        # Also after Ctrl-C.
        if (-not $isDone) {
            foreach ($name in $hidden.Keys) {
                Microsoft.PowerShell.Management\Set-Item -LiteralPath "Env:$name" -Value $hidden[$name]
            }
        }
    }
    if ($isDone) {
        if ($code -cne '') { Microsoft.PowerShell.Utility\Invoke-Expression -Command $code }
    } elseif ($code -ceq 'false expired' -and ($env:AWS_SESSION_TOKEN -or $env:AWS_SECURITY_TOKEN)) {
        $env:AWS_ACCESS_KEY_ID = $env:AWS_SECRET_ACCESS_KEY = $env:AWS_SESSION_TOKEN = $env:AWS_SECURITY_TOKEN = $null
        $env:AWS_CREDENTIAL_EXPIRATION = $env:AWSMFA_EXPIRES_AT = $null
    }
}

# True when this session already holds the wanted credentials and they last: then nothing has to be started.
function _awsmfa_holds {
    $wanted = @($env:AWS_PROFILE, $env:AWS_DEFAULT_PROFILE, $env:AWSMFA_PROFILE) |
        Microsoft.PowerShell.Core\Where-Object { $_ } | Microsoft.PowerShell.Utility\Select-Object -First 1
    $least = if ($env:AWSMFA_MIN_TTL) { $env:AWSMFA_MIN_TTL } else { '300' }
    if (-not $wanted -or $wanted -cne $env:AWSMFA_PROFILE) { return $false }
    if (-not ($env:AWS_ACCESS_KEY_ID -and $env:AWS_SECRET_ACCESS_KEY -and $env:AWS_SESSION_TOKEN)) { return $false }
    # botocore would take this one instead of ours.
    if ($env:AWS_SECURITY_TOKEN) { return $false }
    if ($least -notmatch '^[0-9]{1,15}\z') { return $false }
    $left = _awsmfa_left
    if ($null -eq $left -or $left -le [long] $least) { return $false }
    # As after every switch: SDKs that find a profile ignore exported keys.
    if ($env:AWSMFA_KEEP_PROFILE -cin $null, '', '0') { $env:AWS_PROFILE = $env:AWS_DEFAULT_PROFILE = $null }
    return $true
}

# The seconds that the session in this shell has left; nothing where there is none.
function _awsmfa_left {
    if ($env:AWSMFA_EXPIRES_AT -match '^[0-9]{1,15}\z') {
        [long] $env:AWSMFA_EXPIRES_AT - [DateTimeOffset]::UtcNow.ToUnixTimeSeconds()
    }
}

# For a prompt: `work 3h12m`, with a scope `work (read-only) 3h12m`, or nothing. It starts no process. With
# AWSMFA_AUTO=warn it also writes a line to stderr when ten minutes are left, and one at the end.
function awsmfa_prompt {
    $left = _awsmfa_left
    if (-not $env:AWSMFA_PROFILE -or $null -eq $left) { return '' }
    if ($left -le 600 -and $env:AWSMFA_AUTO -cin 'warn', 'renew') { _awsmfa_warn $left }
    $name = $env:AWSMFA_PROFILE
    if ($env:AWSMFA_SCOPE) { $name = "$name ($env:AWSMFA_SCOPE)" }
    $name = $name -replace '\p{Cc}', '?'
    if ($left -le 0) { return "$name expired" }
    $minutes = [math]::Floor($left / 60)
    $hours = [math]::Floor($minutes / 60)
    if ($hours -gt 0) { "$name ${hours}h$($minutes % 60)m" } else { "$name ${minutes}m" }
}

# Once for each end, and once more when it has come.
function _awsmfa_warn([long] $left) {
    $about = "$env:AWSMFA_EXPIRES_AT $($left -gt 0)"
    $last = Microsoft.PowerShell.Utility\Get-Variable -Name _awsmfa_warned -Scope Global -ValueOnly -ErrorAction Ignore
    if ($about -ceq $last) { return }
    $global:_awsmfa_warned = $about
    $name = $env:AWSMFA_PROFILE -replace '\p{Cc}', '?'
    [Console]::Error.WriteLine($(if ($left -gt 0) {
                "awsmfa: $name ends in $([math]::Floor($left / 60))m; a new session: awsmfa --refresh"
            } else { "awsmfa: $name has ended; a new session: awsmfa" }))
}

# PowerShell takes `--` out of the arguments of a function. `awsmfa exec -- aws s3 ls` needs it, because `aws` would be
# the profile. It is put back where the line that called the function has it.
function _awsmfa_with_dashes([string[]] $words, $call) {
    if ($words -ccontains '--') { return $words }
    $at = $call.OffsetInLine - 1
    $line = [System.Management.Automation.Language.Parser]::ParseInput($call.Line, [ref] $null, [ref] $null)
    $command = $line.Find({
            param($node)
            $node -is [System.Management.Automation.Language.CommandAst] -and $node.Extent.StartOffset -eq $at
        }, $true)
    if ($null -eq $command) { return $words }
    $elements = @($command.CommandElements)
    for ($index = 1; $index -lt $elements.Count; $index++) {
        if ($elements[$index].Extent.Text -ceq '--') {
            return @($words | Microsoft.PowerShell.Utility\Select-Object -First ($index - 1)) + '--' +
                @($words | Microsoft.PowerShell.Utility\Select-Object -Skip ($index - 1))
        }
        # A variable may be several words, and `-x:y` arrives as two.
        if ($elements[$index] -isnot [System.Management.Automation.Language.StringConstantExpressionAst] -and
            $elements[$index].Extent.Text -cmatch '[$@:(]') { return $words }
    }
    return $words
}

# Takes the integration itself out of this session, which stays. Nothing takes a completer back: an empty one replaces it.
function _awsmfa_unload {
    Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName awsmfa -ScriptBlock { }
    Microsoft.PowerShell.Utility\Remove-Variable -Name _awsmfa_warned -Scope Global -ErrorAction Ignore
    Microsoft.PowerShell.Management\Remove-Item -Path function:awsmfa, function:awsmfa_prompt, function:_awsmfa_*
    $global:LASTEXITCODE = 0
}

# The completion itself is loaded by the first TAB, and takes this one's place.
Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName awsmfa -ScriptBlock {
    param($current, $tree, $cursor)
    $file = "$PSScriptRoot/../dist/completion.ps1"
    if (Microsoft.PowerShell.Management\Test-Path -LiteralPath $file) {
        . $file
        _awsmfa_complete $current $tree $cursor
    }
}
