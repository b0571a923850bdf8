import { readdir, readFile, readlink } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const patienceMilliseconds = 5_000

/**
 * Ends every process that this run's tests left behind: all that work in the run's folder, or have its name among their
 * arguments or in their environment.
 * @returns their command lines
 */
export async function endLeftovers(folder: string): Promise<string[]> {
  const found = await findProcesses(folder)
  for (const [pid, command] of found) signal(pid, command.includes('/postgres') ? 'SIGINT' : 'SIGTERM')
  const end = Date.now() + patienceMilliseconds
  while ((await findProcesses(folder)).size > 0 && Date.now() < end) await delay(50)
  for (const pid of (await findProcesses(folder)).keys()) signal(pid, 'SIGKILL')
  while ((await findProcesses(folder)).size > 0 && Date.now() < end + patienceMilliseconds) await delay(50)
  return [...found.values()]
}

async function findProcesses(folder: string): Promise<Map<number, string>> {
  const found = new Map<number, string>()
  for (const name of await readdir('/proc')) {
    const pid = Number(name)
    if (!(pid > 0) || pid === process.pid) continue
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '')
    const place = await readlink(`/proc/${pid}/cwd`).catch(() => '')
    const [command, environment] = [await read('cmdline'), await read('environ')]
    if (![place, command, environment].some((text) => text.includes(folder))) continue
    found.set(pid, command.replaceAll('\0', ' ').trim())
  }
  return found
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself.
  }
}
