#!/usr/bin/env bash
# Runs the tests: deploy/test.sh [arguments of dotnet test]
# Installs what they need and is missing from Debian's packages, when it may (root, or sudo without a password). What stays missing
# skips its tests with the reason on screen.
# POSTMASTER_REQUIRE_ALL=1, as CI sets it: what is missing fails its tests, the long tests go on for longer, and all that writes to the database is tested
# once more on PostgreSQL.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PATH:/usr/sbin:/sbin"

missing=()
has() { command -v "$1" >/dev/null 2>&1; }
has chromium || missing+=(chromium)
has postfix || missing+=(postfix)
has rspamd || missing+=(rspamd)
has dovecot || missing+=(dovecot-imapd dovecot-lmtpd)
has sievec || missing+=(dovecot-sieve)
has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
has python3 || missing+=(python3)
has gcc || missing+=(gcc libc6-dev)
{ has node && has npm; } || missing+=(nodejs npm)
has perl || missing+=(perl)
[ -e /usr/share/perl5/Sisimai/ARF.pm ] || missing+=(libsisimai-perl)
[ -e /usr/include/opendkim/dkim.h ] || missing+=(libopendkim-dev)
/usr/bin/python3 -c 'import authres, dkim, dns, nacl, spf' >/dev/null 2>&1 || missing+=(python3-authres python3-dkim python3-dnspython python3-nacl python3-spf)

if [ ${#missing[@]} -gt 0 ] && has apt-get; then
  as_root=()
  [ "$(id -u)" -eq 0 ] || as_root=(sudo -n)
  echo "Installing for the tests: ${missing[*]}"
  if "${as_root[@]}" apt-get update -qq &&
     "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
    :
  else
    echo "Could not install them; their tests will be skipped. As root: apt-get install ${missing[*]}" >&2
  fi
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
run() {
  dotnet test Postmaster.sln --configuration Release --logger 'console;verbosity=normal' "$@" 2>&1 | tee -a "$log" | grep -vE '^  Passed |^Make the first operator account|^Ok, passed [0-9]+ tests'
  return "${PIPESTATUS[0]}"
}

status=0
run "$@" || status=$?

# With arguments: what they say, on SQLite alone.
if [ $# -eq 0 ] && [ "${POSTMASTER_REQUIRE_ALL:-}" = 1 ]; then
  slices=(Accounts Api Bounces Cfbl Complaints Domains FeedbackLoop Groups Intake Pages Reputation Samples.Pages Traffic)
  echo "Once more on PostgreSQL: ${slices[*]}"
  # Not again what chooses its database itself, or what only looks at pages in a browser.
  POSTMASTER_TEST_DATABASE=postgres run --no-build --filter "($(printf '|FullyQualifiedName~Postmaster.Tests.%s' "${slices[@]}" | cut -c2-))&FullyQualifiedName!~KilledIngest&FullyQualifiedName!~LookTests" || status=$?
fi

# One line a machine can read, summed over the test projects.
awk '/^ *Passed: *[0-9]+$/ { p += $2 } /^ *Failed: *[0-9]+$/ { f += $2 } /^ *Skipped: *[0-9]+$/ { s += $2 }
     END { printf "%d passed, %d failed, %d skipped\n", p, f, s }' "$log"
exit "$status"
