import { commandWords, PROGRAMS, places } from './words.ts'

/** A script for fish: a file in `~/.config/fish/completions`. */
export function fishCompletion(): string {
  const lines = commandWords().map(({ word, summary }) => line('', `-f -a ${word} -d ${quoted(summary)}`))
  for (const { path, verbs, words, options } of places()) {
    for (const { word, summary } of verbs) lines.push(line(path, `-f -a ${word} -d ${quoted(summary)}`))
    if (words.length > 0) lines.push(line(path, `-f -a ${quoted(words.join(' '))}`))
    for (const { name, value, words: choices } of options) {
      const taken = { none: '', file: ' -r', text: choices.length > 0 ? ` -x -a ${quoted(choices.join(' '))}` : ' -x' }[
        value
      ]
      lines.push(line(path, `-l ${name}${taken}`))
    }
  }
  return `# fish completion for billfold, made by "billfold completion fish"
function __billfold_path
    set -l typed (commandline -opc)
    set -l path
    for word in $typed[2..-1]
        set -l try (string join ' ' $path $word)
        contains -- $try ${places()
          .map(({ path }) => `'${path}'`)
          .join(' ')}; or break
        set path $path $word
    end
    string join ' ' $path
end
function __billfold_at
    set -l path (__billfold_path)
    test "$path" = "$argv[1]"
end
${PROGRAMS.flatMap((program) => lines.map((rest) => `complete -c ${program} ${rest}`)).join('\n')}
`
}

const line = (path: string, rest: string) => `-n ${quoted(`__billfold_at '${path}'`)} ${rest}`

const quoted = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
