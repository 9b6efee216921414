#!/usr/bin/env bash
# Adds a migration after a change of the model, for SQLite and for PostgreSQL: deploy/add-migration.sh NAME
# Migrations that were released are never changed: portals have run them.
set -euo pipefail
cd "$(dirname "$0")/.."
export MakeMigrations=true
dotnet tool restore
for kind in Sqlite Postgres; do
  dotnet ef migrations add "$1" --project Postmaster.Web --context "${kind}PostmasterDb" --output-dir "Data/$kind/Migrations"
done
