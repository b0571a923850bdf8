import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { createTestDatabase } from '../support/database.ts'
import { databaseUrl, freePort } from '../support/server-process.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const text = readFileSync(join(root, 'deploy/Containerfile'), 'utf8').replaceAll('\\\n', ' ')
const image = text.slice(text.lastIndexOf('\nFROM '))
const list = (instruction: string): string[] =>
  JSON.parse(new RegExp(`^${instruction} (\\[.*\\])$`, 'm').exec(image)?.[1] as string)

test('what the container file copies is a server: it starts, is healthy by its own check, and ends by SIGTERM', async (t) => {
  const place = mkdtempSync(join(tmpdir(), 'container-'))
  t.after(() => rmSync(place, { recursive: true, force: true }))
  const ignored = readFileSync(join(root, 'deploy/Containerfile.dockerignore'), 'utf8')
  for (const [, names] of image.matchAll(/^COPY (?!--)(.*)$/gm)) {
    const sources = (names as string).split(' ')
    const target = sources.pop() as string
    for (const source of sources) {
      assert.ok(ignored.includes(`!${source}\n`), `${source} is in the context`)
      const to = join(place, target, target === './' ? source : '')
      mkdirSync(join(to, '..'), { recursive: true })
      cpSync(join(root, source), to, { recursive: true })
    }
  }
  symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'))
  const { db, drop } = await createTestDatabase()
  t.after(drop)
  const set = Object.fromEntries(
    [...image.matchAll(/(?<=^ENV .*)\b([A-Z_]+)=(\S+)/gm)].map(([, name, value]) => [name, value]),
  )
  const env = {
    PATH: process.env.PATH,
    ...set,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
    BILLFOLD_HOME: join(place, 'home'),
    BILLFOLD_KEY: Buffer.from([...Array(32).keys()]).toString('hex'),
    BILLFOLD_PUBLIC_URL: 'https://pay.example',
    DATABASE_URL: databaseUrl(db.connection),
  }
  assert.deepEqual(Object.keys(set), ['NODE_ENV', 'HOST', 'PORT', 'BILLFOLD_HOME'])
  const [, ...args] = [...list('ENTRYPOINT'), ...list('CMD')]
  const server = spawn(process.execPath, args, { cwd: place, env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.after(() => server.kill('SIGKILL'))
  const exited = once(server, 'exit')
  const [, ...check] = JSON.parse(/HEALTHCHECK.* CMD (\[.*\])$/m.exec(image)?.[1] as string)
  const healthy = () => spawnSync(process.execPath, check, { env }).status === 0
  let said = ''
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    said += chunk
    if (said.includes('"msg":"ready"')) break
  }
  server.stdout.resume()
  assert.ok(healthy(), said)
  server.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
})
