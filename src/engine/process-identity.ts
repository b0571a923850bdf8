import { readdir, readFile, readlink } from 'node:fs/promises'
import { basename } from 'node:path'

/** One process, told apart from a later one that got the same number. */
export type ProcessIdentity = {
  pid: number
  /** clock ticks from boot to its start */
  started: string
  /** the kernel's name for this boot */
  boot: string
}

/** The identity of a running process; undefined when there is none of that number. */
export async function identify(pid: number): Promise<ProcessIdentity | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (stat === undefined) return undefined
  // The command's name, in brackets, may hold blanks and brackets itself: fields are counted after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state, started] = [fields[0], fields[19]]
  if (started === undefined || state === 'Z' || state === 'X') return undefined
  return { pid, started, boot: await bootId() }
}

/** Whether that very process still runs. */
export async function stillRuns(identity: ProcessIdentity): Promise<boolean> {
  const now = await identify(identity.pid)
  return now !== undefined && now.started === identity.started && now.boot === identity.boot
}

/** The processes of PostgreSQL that work in this data folder: the server and what it started, what is left of it, initdb. */
export async function findServerProcesses(dataDirectory: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async (pid) => (await worksIn(pid, dataDirectory)) && Number(pid)))
  return found.filter((pid) => pid !== false)
}

// The server's processes all stand in their data folder, and initdb is started in it. A folder or program that is deleted reads "… (deleted)".
async function worksIn(pid: string, dataDirectory: string): Promise<boolean> {
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined)
  if (folder !== dataDirectory) return false
  const program = await readlink(`/proc/${pid}/exe`).catch(() => '')
  return ['postgres', 'initdb'].includes(basename(program).split(' ')[0] ?? '')
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
}
