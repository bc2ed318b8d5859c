@echo off
rem awsmfa for cmd: what the doskey macro of `awsmfa init cmd` runs, and what a batch file calls:
rem     call "...\shell\awsmfa.cmd" use work
rem `use`, `clear` and bare `awsmfa` change this cmd; all else goes to the program.
rem
rem What the program prints is never run: `for /f` takes `set` lines out of it. The arguments wait in a variable, because
rem `for /f` takes `=` and `,` out of its command. %%~$PATH:n looks at PATH alone; cmd itself looks into the current
rem directory first. Wine's cmd, which the tests use, knows no !X:~3! and no !X! in the list of a `for`.
if "%~1"=="::core" goto core
set "_AWSMFA_ARGS="
set "_AWSMFA_WORD=%~1"
if not defined _AWSMFA_WORD goto change
if "%_AWSMFA_WORD%"=="use" goto help
if "%_AWSMFA_WORD%"=="clear" goto help
if "%_AWSMFA_WORD:~0,1%"=="-" goto help

:program
set "_AWSMFA_WORD="
set "_AWSMFA_ARGS="
set "AWSMFA_INTEGRATION=cmd:0.1.0:%~f0"
setlocal
for %%n in (node.exe) do set "_AWSMFA_NODE=%%~$PATH:n"
if defined _AWSMFA_NODE goto found
>&2 echo awsmfa: node.exe is not on PATH
endlocal & set "AWSMFA_INTEGRATION=" & exit /b 127
:found
endlocal & "%_AWSMFA_NODE%" "%~dp0..\dist\awsmfa.cjs" %*
set "AWSMFA_INTEGRATION=" & exit /b %errorlevel%

:help
rem Help is only shown.
set _AWSMFA_ARGS=%*
:word
if "%~1"=="-h" goto program
if "%~1"=="--help" goto program
if "%~1"=="--version" goto program
shift /1
if not "%~1"=="" goto word

:change
set "_AWSMFA_STATUS=0"
for /f "tokens=1*" %%a in ('@"%~f0" ::core') do (
  if "%%a"=="set" set %%b 2>nul
  if "%%a"=="false" call :expired
)
set "_AWSMFA_WORD=" & set "_AWSMFA_ARGS=" & set "_AWSMFA_STATUS=" & exit /b %_AWSMFA_STATUS%

:expired
if "%AWS_SESSION_TOKEN%%AWS_SECURITY_TOKEN%"=="" exit /b 0
set "AWS_ACCESS_KEY_ID="
set "AWS_SECRET_ACCESS_KEY="
set "AWS_SESSION_TOKEN="
set "AWS_SECURITY_TOKEN="
set "AWS_CREDENTIAL_EXPIRATION="
set "AWSMFA_EXPIRES_AT="
exit /b 0

:core
rem In a cmd of its own: without the keys of this session, and with the exit status as its last line.
set "AWSMFA_INTEGRATION=cmd:0.1.0:%~f0"
set "_AWSMFA_JS=%~dp0..\dist\awsmfa.cjs"
set "_AWSMFA_NODE="
for %%n in (node.exe) do set "_AWSMFA_NODE=%%~$PATH:n"
if defined _AWSMFA_NODE goto keys
>&2 echo awsmfa: node.exe is not on PATH
echo set "_AWSMFA_STATUS=127"
exit /b 0
:keys
setlocal EnableExtensions EnableDelayedExpansion
if "!_AWSMFA_WORD!"=="clear" goto ask
if "!AWS_SESSION_TOKEN!!AWS_SECURITY_TOKEN!"=="" goto ask
set "AWS_ACCESS_KEY_ID="
set "AWS_SECRET_ACCESS_KEY="
set "AWS_SESSION_TOKEN="
set "AWS_SECURITY_TOKEN="
:ask
"!_AWSMFA_NODE!" "!_AWSMFA_JS!" --shell cmd !_AWSMFA_ARGS!
set "_AWSMFA_STATUS=!errorlevel!"
if not "!_AWSMFA_STATUS!"=="0" echo set "_AWSMFA_STATUS=!_AWSMFA_STATUS!"
exit /b 0
