import { totalmem } from 'node:os'

const MB = 1024 * 1024

/**
 * Settings given on the server's command line, where nothing in the data folder can turn them off. The first three are what
 * "a settled payment stays settled" rests on.
 * @param memory bytes this process and the database may use together
 */
export function serverSettings(memory: number = availableMemory()): Record<string, string> {
  const sharedBuffers = Math.max(32, Math.min(256, Math.floor(memory / MB / 8)))
  return {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    listen_addresses: '',
    unix_socket_permissions: '0700',
    max_connections: '100',
    shared_buffers: `${sharedBuffers}MB`,
    effective_cache_size: `${Math.max(128, Math.floor(memory / MB / 2))}MB`,
    // A checkpoint makes the next change of every page cost a whole page of log: few of them, and still a bounded restart.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    // What was written is vacuumed in small parts, while it is in memory (migration 0033).
    autovacuum_naptime: '15s',
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_line_prefix: '%m [%p] ',
    // Details of an error quote the row's values, and rows hold people's data.
    log_error_verbosity: 'terse',
    cluster_name: 'billfold',
  }
}

function availableMemory(): number {
  const limit = process.constrainedMemory()
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem()
}
