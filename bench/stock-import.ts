import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseConnection } from '../src/storage/database.ts'
import { BENCH_KEY } from './orders.ts'

const CHUNK = 10_000

/**
 * Imports so many codes as an operator does, with `billfold stock import`, in a process of its own.
 * @returns the whole time of the command, and the most memory that its process ever had (VmHWM), in bytes
 */
export async function importCodes(
  connection: DatabaseConnection,
  { brand, codes, value }: { brand: string; codes: number; value: string },
): Promise<{ seconds: number; memory: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'billfold-bench-stock-'))
  try {
    const path = join(folder, 'codes.csv')
    await writeCodes(path, codes, value)
    const { host, port, user, database } = connection
    const started = performance.now()
    const child = spawn(process.execPath, ['src/cli/main.ts', 'stock', 'import', brand, path], {
      env: {
        ...process.env,
        BILLFOLD_HOME: folder,
        BILLFOLD_MODE: 'sandbox',
        BILLFOLD_KEY: BENCH_KEY,
        DATABASE_URL: `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
      },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let told = ''
    child.stderr.on('data', (chunk) => {
      told += chunk
    })
    let memory = 0
    const look = setInterval(() => {
      memory = Math.max(memory, mostMemory(child.pid as number))
    }, 50)
    const [status] = await once(child, 'exit')
    clearInterval(look)
    if (status !== 0) throw new Error(`the import ended with ${status}: ${told}`)
    return { seconds: (performance.now() - started) / 1000, memory }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function writeCodes(path: string, codes: number, value: string): Promise<void> {
  const file = await open(path, 'w')
  try {
    await file.write('code,pin,value\n')
    const batch = randomBytes(6).toString('hex').toUpperCase()
    for (let from = 0; from < codes; from += CHUNK) {
      let text = ''
      for (let at = from; at < Math.min(codes, from + CHUNK); at++)
        text += `${batch}${String(at).padStart(8, '0')},${String(at % 10_000).padStart(4, '0')},${value}\n`
      await file.write(text)
    }
  } finally {
    await file.close()
  }
}

/** 0 when the process has ended. */
function mostMemory(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024
  } catch {
    return 0
  }
}
