#!/usr/bin/env bash
# Generates a migration after a change of the model: deploy/add-migration.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."
export MakeMigrations=true
dotnet tool restore
dotnet ef migrations add "$1" --project Postmaster.Web --context SqlitePostmasterDb --output-dir Data/Sqlite/Migrations
