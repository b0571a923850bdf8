import { commandWords, PROGRAMS, places } from './words.ts'

/** A script for zsh's completion system: a file `_billfold` in a folder of `$fpath`. */
export function zshCompletion(): string {
  const found = places()
  const paths = found.map(({ path }) => `"${path}"`).join('|')
  const next = found.map(({ path, verbs, words, options }) => {
    const all = [
      ...verbs.map(({ word, summary }) => described(word, summary)),
      ...words.map((word) => described(word, '')),
    ]
    return `    "${path}") words_here=(${all.join(' ')}) options_here=(${options.map(({ name }) => `--${name}`).join(' ')}) ;;`
  })
  const values = found.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== 'none')
      .map(({ name, value, words }) => {
        const offer = value === 'file' ? '_files' : words.length > 0 ? `compadd -- ${words.join(' ')}` : ':'
        return `    "${path} --${name}") ${offer}; return ;;`
      }),
  )
  return `#compdef ${PROGRAMS.join(' ')}
# zsh completion for billfold, made by "billfold completion zsh"
_billfold() {
  local here='' try previous=\${words[CURRENT-1]} i
  local -a words_here options_here
  for ((i = 2; i < CURRENT; i++)); do
    try="\${here:+$here }\${words[i]}"
    case "$try" in
    ${paths}) here=$try ;;
    *) break ;;
    esac
  done
  if [[ -z "$here" ]]; then
    words_here=(${commandWords()
      .map(({ word, summary }) => described(word, summary))
      .join(' ')})
    (( CURRENT == 2 )) && _describe command words_here
    return
  fi
  case "$here $previous" in
${values.join('\n')}
  esac
  case "$here" in
${next.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then compadd -- $options_here
  elif (( \${#words_here} )); then _describe argument words_here
  else _files
  fi
}
if [[ "\${funcstack[1]}" == _billfold ]]; then _billfold "$@"; else compdef _billfold ${PROGRAMS.join(' ')}; fi
`
}

/** `word:what it does`, quoted; a colon within would end the word. */
const described = (word: string, summary: string) =>
  `'${word.replaceAll(':', '\\:')}${summary === '' ? '' : `:${summary}`}'`.replaceAll(/(?<=.)'(?=.)/g, `'\\''`)
