import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { DatabaseConnection } from '../src/storage/database.ts'

const run = promisify(execFile)

/** The yardstick: PostgreSQL's own pgbench, TPC-B, 32 prepared clients on a base of scale 100. */
export async function findPgbench(): Promise<string | null> {
  const found = await run('pgbench', ['--version']).catch(() => null)
  return found?.stdout.trim() ?? null
}

const at = (connection: DatabaseConnection) => [
  '-h',
  connection.host,
  '-p',
  String(connection.port),
  '-U',
  connection.user,
]

export async function initPgbench(connection: DatabaseConnection, scale: number): Promise<void> {
  await run('pgbench', [...at(connection), '-i', '-q', '-s', String(scale), connection.database])
}

/** Transactions per second. */
export async function runPgbench(connection: DatabaseConnection, seconds: number): Promise<number> {
  const args = [
    ...at(connection),
    '-n',
    '-M',
    'prepared',
    '-c',
    '32',
    '-j',
    '2',
    '-T',
    String(seconds),
    connection.database,
  ]
  const { stdout } = await run('pgbench', args)
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1])
}
