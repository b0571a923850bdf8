import { spawnSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/**
 * A command line that the kernel ends with SIGINT when this process dies, however it dies; the plain one where util-linux's
 * `setpriv` is missing. It must be started under its final account: a change of account clears that wish.
 */
export function endingWithParent(program: string, args: string[]): [string, string[]] {
  const setpriv = findSetpriv()
  return setpriv ? [setpriv, ['--pdeathsig', 'INT', '--', program, ...args]] : [program, args]
}

// Other tools bear the name and do not know the option.
function findSetpriv(): string | undefined {
  const files = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const found = files.map((folder) => join(folder, 'setpriv')).find(isExecutable)
  if (!found) return undefined
  const tried = spawnSync(found, ['--pdeathsig', 'INT', '--', found, '--version'], { stdio: 'ignore' })
  return tried.status === 0 ? found : undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
