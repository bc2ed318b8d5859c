# shellcheck shell=bash
# For direnv: source this file from ~/.config/direnv/direnvrc. Then an .envrc may say: use awsmfa work
#
# Nobody is asked: direnv runs this before a prompt, and would complain of the time that an answer takes.

use_awsmfa() {
  local code status=0 directory=${AWSMFA_CACHE_DIR:-$HOME/.aws/awsmfa}
  watch_file "${AWS_CONFIG_FILE:-$HOME/.aws/config}" "${AWS_SHARED_CREDENTIALS_FILE:-$HOME/.aws/credentials}"
  code=$(
    # The session of the shell outside must not reach the program. Keys without a token are long-term ones.
    if [ -n "${AWS_SESSION_TOKEN:+1}${AWS_SECURITY_TOKEN:+1}" ]; then
      unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SECURITY_TOKEN
      unset AWS_CREDENTIAL_EXPIRATION AWSMFA_EXPIRES_AT
    fi
    awsmfa env --shell bash --no-prompt "$@"
  ) || status=$?
  if [ "$status" -eq 0 ]; then
    eval "$code"
    return
  fi
  # As soon as there is a session, direnv looks again.
  watch_file "$directory"
  if [ "$status" -eq 4 ]; then
    log_error "use awsmfa: a code is needed. Run awsmfa login ${1-}"
  fi
  return "$status"
}
