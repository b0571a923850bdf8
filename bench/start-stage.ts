import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bench, line, median } from './report.ts'

const PORT = 9_770

/** From the command to the first answer of /readyz, as a person starts it; and what the idle server keeps. */
export async function measureStart({ quick, say }: Bench): Promise<void> {
  const first: number[] = []
  const again: number[] = []
  let memory = 0
  for (let run = 0; run < (quick ? 1 : 3); run++) {
    const home = join(tmpdir(), `billfold-bench-${randomBytes(6).toString('hex')}`)
    try {
      first.push((await startOnce(home)).seconds)
      const second = await startOnce(home)
      again.push(second.seconds)
      memory = second.memory
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  }
  say(line('start on an empty home, installed, to ready', `${median(first).toFixed(2)} s`, 'bar 2 s'))
  say(line('start again', `${median(again).toFixed(2)} s`, 'bar 2 s'))
  say(line('idle memory of the server (RSS)', `${Math.round(memory / 2 ** 20)} MB`, 'bar 150 MB'))
}

async function startOnce(home: string): Promise<{ seconds: number; memory: number }> {
  const started = performance.now()
  const child = spawn(process.execPath, ['bin/billfold.mjs', 'start'], {
    env: { ...process.env, BILLFOLD_HOME: home, PORT: String(PORT) },
    stdio: 'ignore',
  })
  try {
    for (;;) {
      const ready = await fetch(`http://127.0.0.1:${PORT}/readyz`).then(
        (r) => r.ok,
        () => false,
      )
      if (ready) break
      if (child.exitCode !== null) throw new Error('the server ended')
      if (performance.now() - started > 60_000) throw new Error('the server was not ready within a minute')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    const seconds = (performance.now() - started) / 1000
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const metrics = await fetch(`http://127.0.0.1:${PORT}/metrics`).then((r) => r.text())
    const memory = Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1])
    return { seconds, memory }
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    await ended
  }
}
