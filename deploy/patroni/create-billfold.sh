#!/bin/sh
# Run by Patroni on the first node when it has made the cluster; its argument is the superuser's connection string.
set -eu
: "${BILLFOLD_DATABASE_PASSWORD:?the password of the role billfold}"
export BILLFOLD_DATABASE_PASSWORD
psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 "$1" <<'SQL'
\getenv password BILLFOLD_DATABASE_PASSWORD
set password_encryption = 'scram-sha-256';
create role billfold login password :'password';
create database billfold owner billfold template template0 encoding 'UTF8' locale 'C.UTF-8';
SQL
