# Completion for PowerShell 5.1 and later. $_awsmfa_table has the commands and options; it is made from the program's own
# when that is built. Where nothing is offered, PowerShell completes file names.

function global:_awsmfa_complete($current, $tree, $cursor) {
    $words = @(foreach ($element in @($tree.CommandElements)) {
            if ($element.Extent.EndOffset -lt $cursor) { $element.Extent.Text -creplace '^([''"])(.*)\1\z', '$2' }
        })
    $typed = "$current" -creplace "^['""]|['""]\z", ''
    $command = ''
    $named = 0
    for ($at = 1; $at -lt $words.Count; $at++) {
        $word = $words[$at]
        if ($command -ceq 'exec' -and $word -ceq '--') {
            if ($at -eq $words.Count - 1) { _awsmfa_programs $typed }
            return
        } elseif ($word -clike '--?*=*') {
            if ($word -clike '--profile=*') { $named = 1 }
        } elseif ($word -clike '-?*') {
            if ($word -ceq '--profile') { $named = 1 }
            $kind = _awsmfa_kind $word
            if ($kind -ceq '-') { continue }
            $at++
            if ($at -eq $words.Count) { _awsmfa_values $kind $typed }
        } elseif ($command -ceq '') {
            $command = $word
            # The action of `keys` comes before the profile.
            if ($word -ceq 'keys') { $named = -1 }
        } elseif ($command -ceq 'exec' -and $named) {
            return
        } else {
            $named++
        }
    }
    if ($at -gt $words.Count) { return }
    if ($typed -cmatch '^(--[^=]+=)(.*)') {
        $option, $rest = $Matches[1], $Matches[2]
        _awsmfa_values (_awsmfa_kind $option.TrimEnd('=')) $rest $option
    } elseif ($typed -clike '-*') {
        if ($command -ceq '') { $command = 'use' }
        foreach ($row in _awsmfa_rows 'option') {
            if ($row[3].Split(' ') -ccontains $command) { _awsmfa_offer $row[1] $row[4] $typed }
        }
    } elseif ($command -ceq '') {
        foreach ($row in _awsmfa_rows 'command') { _awsmfa_offer $row[1] $row[3] $typed }
    } elseif ($command -ceq 'exec' -and $named) {
        _awsmfa_programs $typed
    } elseif ($named -lt 0) {
        _awsmfa_values 'action' $typed
    } elseif (-not $named) {
        foreach ($row in _awsmfa_rows 'command') {
            if ($row[1] -ceq $command) { _awsmfa_values $row[2] $typed }
        }
    }
}

# The rows of the table that are called so, each an array of its fields.
function global:_awsmfa_rows([string] $names) {
    foreach ($line in $global:_awsmfa_table.Split("`n")) {
        if ($line -cmatch "^($names)`t") { , $line.Split("`t") }
    }
}

# What follows an option: the kind of its value, `-` for nothing.
function global:_awsmfa_kind([string] $option) {
    foreach ($row in _awsmfa_rows 'option|alias') { if ($row[1] -ceq $option) { return $row[2] } }
    return '-'
}

# The values of a kind. $before stands before each in the word: `--shell=`.
function global:_awsmfa_values([string] $kind, [string] $typed, [string] $before) {
    if ($kind -ceq 'profile') {
        foreach ($name in _awsmfa_profiles) { _awsmfa_offer $name $name $typed $before }
    }
    foreach ($row in _awsmfa_rows 'values') {
        if ($row[1] -ceq $kind) { foreach ($word in $row[2].Split(' ')) { _awsmfa_offer $word $word $typed $before } }
    }
    # A scope may also be one of the user's, or a file with a policy.
    $own = "$(if ($env:USERPROFILE) { $env:USERPROFILE } else { $env:HOME })/.aws/awsmfa/scopes"
    if ($kind -ceq 'scope' -and (Microsoft.PowerShell.Management\Test-Path -LiteralPath $own -PathType Container)) {
        foreach ($file in [IO.Directory]::GetFiles($own, '*.json')) {
            $name = [IO.Path]::GetFileNameWithoutExtension($file)
            _awsmfa_offer $name $name $typed $before
        }
    }
    if ($kind -cin 'file', 'scope' -and $before -ceq '') {
        [System.Management.Automation.CompletionCompleters]::CompleteFilename($typed)
    }
}

function global:_awsmfa_offer([string] $word, [string] $about, [string] $typed, [string] $before) {
    if (-not $word.StartsWith($typed, [StringComparison]::OrdinalIgnoreCase)) { return }
    $text = $before + $word
    # A word of the command line that is what it says, whatever stands in it.
    if ($text -cnotmatch '^[\w./@+=:-]+\z') { $text = "'" + ($text -creplace "['\u2018-\u201b]", '$0$0') + "'" }
    [System.Management.Automation.CompletionResult]::new($text, $word, 'ParameterValue', $about)
}

# exec knows no functions, aliases and cmdlets.
function global:_awsmfa_programs([string] $typed) {
    [System.Management.Automation.CompletionCompleters]::CompleteCommand($typed, '', 'Application, ExternalScript')
}

# The names of the profiles in both files. No process is started for that.
function global:_awsmfa_profiles {
    $directory = if ($env:USERPROFILE) { $env:USERPROFILE } else { $env:HOME }
    $config = if ($env:AWS_CONFIG_FILE) { $env:AWS_CONFIG_FILE } else { "$directory/.aws/config" }
    $credentials = if ($env:AWS_SHARED_CREDENTIALS_FILE) { $env:AWS_SHARED_CREDENTIALS_FILE } else { "$directory/.aws/credentials" }
    $names = foreach ($file in $config, $credentials) {
        if (-not (Microsoft.PowerShell.Management\Test-Path -LiteralPath $file -PathType Leaf)) { continue }
        foreach ($line in [IO.File]::ReadAllLines($file)) {
            if ($line -notmatch '^\s*\[\s*(.+?)\s*\]') { continue }
            $name = $Matches[1]
            if ($file -ceq $config) {
                if ($name -cmatch '^profile\s+([''"]?)(.+?)\1\z') { $name = $Matches[2] -creplace '\\"', '"' }
                elseif ($name -cne 'default') { continue }
            }
            # A name with a control character could draw on the terminal.
            if ($name -cnotmatch '\p{Cc}') { $name -creplace '-long-term\z', '' }
        }
    }
    @($names) | Microsoft.PowerShell.Utility\Sort-Object -Unique
}

Microsoft.PowerShell.Core\Register-ArgumentCompleter -Native -CommandName awsmfa -ScriptBlock {
    param($current, $tree, $cursor)
    _awsmfa_complete $current $tree $cursor
}
