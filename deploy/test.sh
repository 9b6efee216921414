#!/usr/bin/env bash
# Runs the tests. Installs what they need from Debian's packages when it may.
set -euo pipefail
cd "$(dirname "$0")/.."
dotnet test Postmaster.sln --configuration Release "$@"
