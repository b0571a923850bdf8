import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { bashCompletion } from '../../src/cli/completion/bash.ts'
import { fishCompletion } from '../../src/cli/completion/fish.ts'
import { places } from '../../src/cli/completion/words.ts'
import { zshCompletion } from '../../src/cli/completion/zsh.ts'
import { commandEntries } from '../../src/cli/table/commands.ts'
import { billfold } from './billfold.ts'

const folder = mkdtempSync(join(tmpdir(), 'billfold-completion-'))
writeFileSync(join(folder, 'codes.csv'), '')
const script = bashCompletion()

/** What bash offers after this, as its own completion finds it. */
function offered(typed: string): string[] {
  const words = typed.split(' ')
  const quoted = words.map((word) => `'${word}'`).join(' ')
  const ask = `${script}\nCOMP_WORDS=(${quoted}); COMP_CWORD=${words.length - 1}; _billfold; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout, stderr, error } = spawnSync('bash', ['-c', ask], { cwd: folder, encoding: 'utf8' })
  if (error) throw error
  assert.equal(stderr, '')
  return stdout.split('\n').filter(Boolean)
}

test('bash completes commands, verbs, options and their words', () => {
  assert.deepEqual(offered('billfold wal'), ['wallet'])
  assert.deepEqual(offered('billfold wallet un'), ['unfreeze'])
  assert.deepEqual(offered('billfold wallet open us:1:USD --pa'), ['--party', '--parent'])
  assert.deepEqual(offered('billfold party create --kind '), ['person', 'business'])
  assert.deepEqual(offered('billfold party create --kind = b'), ['business'])
  assert.deepEqual(offered('billfold brand report '), ['liability', 'breakage', 'sales'])
  assert.deepEqual(offered('billfold brand report sales --b'), ['--brand'])
  assert.deepEqual(offered('billfold sign tillo --snippet p'), ['php', 'python'])
  assert.deepEqual(offered('billfold sign --client x --s'), ['--secret-file', '--signature'])
  assert.deepEqual(offered('billfold completion '), ['bash', 'zsh', 'fish'])
  assert.deepEqual(offered('billfold card find --code-file co'), ['codes.csv'])
  assert.deepEqual(offered('billfold wallet open --party '), [])
  assert.deepEqual(offered('bin/billfold.mjs help exp'), ['export'])
  assert.deepEqual(offered('billfold nonsense '), [])
})

test('every command, verb and option is in each of the scripts, and a shell that is here reads them', async () => {
  const scripts = { bash: script, zsh: zshCompletion(), fish: fishCompletion() }
  for (const [shell, text] of Object.entries(scripts)) {
    for (const [name] of commandEntries) assert.match(text, new RegExp(`\\b${name}\\b`), `${shell}: ${name}`)
    for (const { path, verbs, options } of places()) {
      for (const { word } of verbs) assert.ok(text.includes(word), `${shell}: ${path} ${word}`)
      for (const { name } of options)
        assert.ok(text.includes(shell === 'fish' ? `-l ${name}` : `--${name}`), `${shell}: ${path} ${name}`)
    }
    const read = spawnSync(shell, ['-n'], { input: text, encoding: 'utf8' })
    if (!read.error) assert.deepEqual([read.status, read.stderr], [0, ''], shell)
  }
  const printed = await billfold(['completion', 'bash'])
  assert.deepEqual(printed, { status: 0, stdout: script, stderr: '' })
  const asJson = JSON.parse((await billfold(['completion', 'zsh', '--json'])).stdout)
  assert.deepEqual(asJson, { shell: 'zsh', script: scripts.zsh })
})

test('an interactive bash takes the script, and completes by the tabulator', () => {
  const file = join(folder, 'completion.bash')
  writeFileSync(file, script)
  const { stdout } = spawnSync('bash', ['--norc', '-ic', `source ${file}; complete -p billfold billfold.mjs`], {
    encoding: 'utf8',
  })
  assert.match(stdout, /complete -o default -F _billfold billfold\n/)
  assert.match(stdout, /-F _billfold billfold\.mjs/)
})
