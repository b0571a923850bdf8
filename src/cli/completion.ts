import { readArguments, requirePositionals } from './arguments.ts'
import { UsageError } from './command.ts'
import { bashCompletion } from './completion/bash.ts'
import { fishCompletion } from './completion/fish.ts'
import { zshCompletion } from './completion/zsh.ts'
import { suggestion } from './find-form.ts'
import { nearest } from './nearest.ts'
import { printJson } from './output.ts'

const shells = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion }

export async function run(args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, { json: 'boolean' })
  const [shell = ''] = requirePositionals(positionals, 'bash, zsh or fish')
  if (!Object.hasOwn(shells, shell)) {
    const meant = suggestion(nearest(shell, Object.keys(shells)))
    throw new UsageError(`there is no "${shell}", only ${Object.keys(shells).join(', ')}${meant}`)
  }
  const script = shells[shell as keyof typeof shells]()
  if (options.json) printJson({ shell, script })
  else process.stdout.write(script)
  return 0
}
