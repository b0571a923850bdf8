import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkOptions, findForm } from '../../src/cli/find-form.ts'
import { commandPage, verbPage } from '../../src/cli/help.ts'
import { loadCommand } from '../../src/cli/load-command.ts'
import { type CommandName, commandEntries, commands, isCommand } from '../../src/cli/table/commands.ts'
import type { CommandEntry, Form } from '../../src/cli/table/entry.ts'
import { parseUsage } from '../../src/cli/usage.ts'
import { billfold } from './billfold.ts'

type Row = { name: CommandName; verb: string; form: Form; entry: CommandEntry }

const rows: Row[] = commandEntries.flatMap(([name, entry]) => [
  ...(entry.form ? [{ name, verb: '', form: entry.form, entry }] : []),
  ...Object.entries(entry.verbs ?? {}).map(([verb, form]) => ({ name, verb, form, entry })),
])
const calledAs = ({ name, verb }: Row) => [name, ...(verb === '' ? [] : verb.split(' '))]
const folder = mkdtempSync(join(tmpdir(), 'billfold-table-'))

test('every command and verb has a page with its call and its examples, in lines that fit', () => {
  assert.ok(rows.length > 90)
  for (const row of rows) {
    const { name, verb, form, entry } = row
    const page = verb === '' ? commandPage({}, name, entry) : verbPage({}, name, verb, form, entry.about)
    assert.match(page, new RegExp(`^usage: billfold ${calledAs(row).join(' ')}\\b`))
    for (const example of form.examples) assert.ok(page.includes(example.split('\n')[0] as string), example)
    for (const line of page.split('\n')) assert.ok(line.length <= 132, line)
    assert.ok(!page.includes('\u001b'), 'no colours')
  }
})

test('every example is a call that the table allows: bash reads it, and nothing that is needed is missing', () => {
  for (const row of rows) {
    for (const example of row.form.examples) {
      const calls = callsOf(example)
      assert.ok(
        calls.some((call) => calledAs(row).every((word, i) => call[i] === word)),
        `${example}\n${JSON.stringify(calls)}`,
      )
      for (const [name = '', ...args] of calls) {
        assert.ok(isCommand(name), example)
        const found = findForm(commands[name], args)
        checkOptions(found)
        const { options, positionals } = parseUsage(found.form.usage)
        for (const [option, { required }] of options)
          assert.ok(!required || args.some((arg) => arg.startsWith(`--${option}`)), `${example}: --${option}`)
        const plain = found.rest.filter(
          (arg, i) => !arg.startsWith('--') && !options.get(found.rest[i - 1]?.slice(2) ?? '')?.value,
        )
        const least = positionals.filter(({ required }) => required).length
        assert.ok(plain.length >= least && plain.length <= positionals.length, `${example}: ${plain}`)
      }
    }
  }
})

/** The calls of billfold in a line for a shell, as bash reads them; what else is in the line does nothing. */
function callsOf(line: string): string[][] {
  const names = ['PARTY', 'KEY_ID', 'CREDENTIAL', 'LIMIT_ID', 'IMPORT', 'ORDER', 'CARD', 'VOUCHER', 'OFFER', 'MERCHANT']
  const values = [...names, 'PURCHASE', 'WEBHOOK', 'DELIVERY', 'TOKEN', 'BILLFOLD_URL', 'fpath'].map((name) => [
    name,
    `a-${name}`,
  ])
  const script = `billfold() { printf '%s\\0' "$@" >&3; printf '\\1' >&3; }\n${['curl', 'zcat', 'gzip', 'hledger'].map((tool) => `${tool}() { :; }`).join('\n')}\n${line}`
  const ran = spawnSync('bash', ['-c', `set -u\nmkdir -p ~/.config/fish/completions 'a-fpath[1]'\n${script}`], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder, ...Object.fromEntries(values) },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    encoding: 'utf8',
  })
  assert.ok(!/unbound|syntax/.test(ran.stderr), `${line}: ${ran.stderr}`)
  const said = (ran.output[3] ?? '') as string
  return said
    .split('\u0001')
    .filter(Boolean)
    .map((call) => call.split('\0').slice(0, -1))
}

test('what the table says of options, the commands know; all of them know --json', async () => {
  for (const row of rows) {
    const { run } = await loadCommand(row.name)
    const words = calledAs(row).slice(1)
    const given = [...parseUsage(row.form.usage).options].flatMap(([name, { value }]) =>
      value === null ? [`--${name}`] : [`--${name}=x`],
    )
    const call = async () => run([...words, ...given, '--json', '--unheard-of'])
    await assert.rejects(call, /'--unheard-of'/, calledAs(row).join(' '))
  }
})

test('an option that a form does not have is refused, with the one that was meant', () => {
  for (const row of rows) {
    for (const [name] of parseUsage(row.form.usage).options) {
      if (name.length < 4) continue
      const typed = `--${name.slice(0, -2)}${name.at(-1)}${name.at(-2)}`
      if (parseUsage(row.form.usage).options.has(typed.slice(2)) || name.at(-1) === name.at(-2)) continue
      const found = findForm(row.entry, [...calledAs(row).slice(1), typed])
      assert.throws(() => checkOptions(found), { message: `there is no option ${typed} - did you mean --${name}?` })
    }
  }
})

test('without its database every command says so in one line of JSON, and its status is 1', async () => {
  const offline = ['sign', 'verify', 'openapi', 'completion', 'sandbox']
  const calls = rows
    .filter(({ name }) => !offline.includes(name))
    .map((row) => {
      const call = callsOf(row.form.examples[0]).find((words) => calledAs(row).every((word, i) => words[i] === word))
      return [...(call as string[]), '--json']
    })
    .map((call) => call.map((word) => (word.startsWith('a-') ? '0197b6a0-0000-7000-8000-000000000000' : word)))
  const many = fileURLToPath(new URL('./many.ts', import.meta.url))
  const child = spawn(process.execPath, [many], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      BILLFOLD_MODE: 'sandbox',
      BILLFOLD_HOME: join(folder, 'home'),
      BILLFOLD_KEY: '00'.repeat(32),
      BILLFOLD_PASSWORD: 'correct horse',
      BILLFOLD_CARD_CODE: 'N3ZK8Q2M4T7VW1XA9B5C',
      DATABASE_URL: 'postgres://localhost:1/none',
      LOG_LEVEL: 'silent',
    },
  })
  child.stdin.end(JSON.stringify(calls))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  assert.equal(stdout, '')
  const ends = stderr.split('\0').slice(1)
  assert.equal(ends.length, calls.length, `ended at: ${ends.at(-1)}`)
  for (const end of ends) {
    const [call = '', said = '', status] = end.trim().split('\n')
    assert.equal(status, '\u00011', end)
    const { error } = JSON.parse(said)
    assert.equal(error.kind, 'failed', end)
    assert.match(
      error.message,
      call.startsWith('["restore') ? /cannot be read/ : /cannot be reached|there is no key|cannot be read/,
      end,
    )
    assert.doesNotMatch(error.message, /\n/, end)
  }
})

test('help, version and mistakes, for people and for programs', async () => {
  const [help, page, version, json] = await Promise.all([
    billfold(['help']),
    billfold(['wallet', 'open', '--help']),
    billfold(['--version']),
    billfold(['help', '--json']),
  ])
  assert.deepEqual([help.status, help.stderr], [0, ''])
  for (const [name, { summary }] of commandEntries)
    assert.match(help.stdout, new RegExp(`^  ${name} +${summary.slice(0, 40)}`, 'm'))
  assert.match(page.stdout, /^usage: billfold wallet open ID --party PARTY /)
  assert.match(version.stdout, /^billfold \d+\.\d+\.\d+\n$/)
  assert.deepEqual(
    JSON.parse(json.stdout).commands.map(({ name }: { name: string }) => name),
    commandEntries.map(([name]) => name),
  )
  const [typo, nothing, unknown, verb, refused] = await Promise.all([
    billfold(['walet', 'list']),
    billfold([]),
    billfold(['--verbose']),
    billfold(['wallet', 'opne', '--json']),
    billfold(['completion', 'bsh', '--json']),
  ])
  assert.deepEqual(typo, {
    status: 2,
    stdout: '',
    stderr: 'billfold: there is no command "walet" - did you mean wallet?\n',
  })
  assert.deepEqual([nothing.status, nothing.stdout], [2, ''])
  assert.match(nothing.stderr, /^billfold: say what to do\n\nusage: /)
  assert.match(unknown.stderr, /^billfold: there is no option --verbose\n/)
  const { error } = JSON.parse(verb.stderr)
  assert.deepEqual([verb.status, error.kind], [2, 'usage'])
  assert.match(error.message, /did you mean open\?$/)
  assert.deepEqual([refused.status, refused.stdout], [2, ''])
  assert.match(JSON.parse(refused.stderr).error.message, /did you mean bash\?$/)
})
