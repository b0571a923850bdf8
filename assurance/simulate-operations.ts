import { parseArgs } from 'node:util'
import { openInstallation } from '../test/simulation/operations/installation.ts'
import { type Lived, live } from '../test/simulation/operations/life.ts'
import { FAMILIES, findBug, liveMany } from '../test/simulation/operations/lives.ts'
import { PLANTED_BUGS } from '../test/simulation/operations/planted-bugs.ts'
import { testServerVariable } from '../test/support/database.ts'
import { startTestServer } from '../test/support/test-server.ts'

// `node bin/run.mjs assurance/simulate-operations.ts --seed N` tells one life of operations on a real PostgreSQL line by line;
// `--minutes 10` or `--lives N` lives many, from `--from`; `--bugs` plants
// one bug after the other, or with `--bug EXPRESSION` those whose name fits. Exit status 1: a promise was broken.

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    lives: { type: 'string' },
    minutes: { type: 'string' },
    from: { type: 'string', default: '1' },
    family: { type: 'string' },
    bugs: { type: 'boolean', default: false },
    bug: { type: 'string', default: '' },
  },
})
const families = values.family === undefined ? FAMILIES : FAMILIES.filter(({ name }) => name === values.family)
const { server, close } = await startTestServer(undefined)
try {
  process.env[testServerVariable] = JSON.stringify(server)
  const installation = await openInstallation()
  try {
    if (values.seed !== undefined) {
      const life = await live(installation, families, Number(values.seed), { tell: (line) => console.log(line) })
      console.log(life)
      if (life.violation !== null) process.exitCode = 1
    } else if (values.bugs) await bugs(installation)
    else await many(installation)
    // Of planted bugs the books are full.
    const findings = values.bugs ? [] : await installation.findings()
    console.log(`audit: ${findings.length} findings`)
    for (const finding of findings.slice(0, 20)) console.log(finding)
    if (findings.length > 0) process.exitCode = 1
  } finally {
    await installation.close()
  }
} finally {
  await close()
}

async function many(installation: Awaited<ReturnType<typeof openInstallation>>): Promise<void> {
  const most = values.lives === undefined ? Number.POSITIVE_INFINITY : Number(values.lives)
  const minutes = Number(values.minutes ?? (values.lives === undefined ? '1' : 'Infinity'))
  const started = performance.now()
  const going = (lives: number) => lives < most && performance.now() - started < minutes * 60_000
  const tell = ({ seed, family, violation }: Lived) => console.log(`seed ${seed} (${family}): ${violation}`)
  const { broken, ...summary } = await liveMany(installation, {
    from: Number(values.from),
    going,
    most: 5,
    families,
    tell,
  })
  const { user, system } = process.cpuUsage()
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log({ ...summary, broken: broken.length, seconds, cpuSeconds: ((user + system) / 1e6).toFixed(1) })
  if (broken.length > 0) process.exitCode = 1
}

async function bugs(installation: Awaited<ReturnType<typeof openInstallation>>): Promise<void> {
  for (const [bug, plant] of Object.entries(PLANTED_BUGS)) {
    if (!new RegExp(values.bug).test(bug)) continue
    const found = await findBug(installation, plant, { most: 1000 })
    console.log(
      found ? `${bug}: found after ${found.lives} lives, by ${found.seed}: ${found.violation}` : `${bug}: NOT FOUND`,
    )
    if (!found) process.exitCode = 1
  }
}
