import { commandWords, PROGRAMS, places } from './words.ts'

/** A script for bash 3.2 and newer: `source <(billfold completion bash)`. */
export function bashCompletion(): string {
  const found = places()
  const paths = found.map(({ path }) => `'${path}'`).join('|')
  const next = found.map(({ path, verbs, words, options }) => {
    const all = [...verbs.map(({ word }) => word), ...words]
    return `    '${path}') words='${all.join(' ')}' options='${options.map(({ name }) => `--${name}`).join(' ')}' ;;`
  })
  const values = found.flatMap(({ path, options }) =>
    options
      .filter(({ value }) => value !== 'none')
      .map(({ name, value, words }) => `    '${path} --${name}') value=${value} choices='${words.join(' ')}' ;;`),
  )
  return `# bash completion for billfold, made by "billfold completion bash"
_billfold() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} path='' try='' i words='' options='' value='' choices=''
  # bash cuts --name=value at the sign.
  if [ "$current" = '=' ]; then current=''; fi
  if [ "$previous" = '=' ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    try="\${path:+$path }\${COMP_WORDS[i]}"
    case "$try" in
    ${paths}) path=$try ;;
    *) break ;;
    esac
  done
  if [ -z "$path" ]; then
    if [ "$COMP_CWORD" -eq 1 ]; then
      COMPREPLY=($(compgen -W '${[...commandWords().map(({ word }) => word), 'help', '--help', '--version'].join(' ')}' -- "$current"))
    elif [ "\${COMP_WORDS[1]}" = help ]; then
      COMPREPLY=($(compgen -W '${commandWords()
        .map(({ word }) => word)
        .join(' ')}' -- "$current"))
    fi
    return
  fi
  case "$path $previous" in
${values.join('\n')}
  esac
  case "$value" in
    file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    text) COMPREPLY=($(compgen -W "$choices" -- "$current")); return ;;
  esac
  case "$path" in
${next.join('\n')}
  esac
  case "$current" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
  esac
}
complete -o default -F _billfold ${PROGRAMS.join(' ')}
`
}
