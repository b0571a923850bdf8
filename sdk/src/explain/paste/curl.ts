import type { Pasted } from './pasted.ts'
import { shellWords } from './shell-words.ts'

// Options of curl with a value that says nothing of the request's content.
const ignoredWithValue = new Set(
  '-o -w -m -x -c -E -K -Y -y -z -C -T --output --write-out --max-time --connect-timeout --proxy --cacert --cert --key --retry --resolve --config --cookie-jar --limit-rate --interface --retry-delay'.split(
    ' ',
  ),
)
const withValue: Record<
  string,
  'method' | 'header' | 'data' | 'raw' | 'json' | 'urlencode' | 'url' | 'user' | 'agent' | 'cookie'
> = {
  '-X': 'method',
  '--request': 'method',
  '-H': 'header',
  '--header': 'header',
  '-d': 'data',
  '--data': 'data',
  '--data-ascii': 'data',
  '--data-binary': 'raw',
  '--data-raw': 'raw',
  '--data-urlencode': 'urlencode',
  '--json': 'json',
  '--url': 'url',
  '-u': 'user',
  '--user': 'user',
  '-A': 'agent',
  '-e': 'agent',
  '-b': 'cookie',
  '--cookie': 'cookie',
}

/** Reads a `curl` command, as browsers, documents and people write it; null where it is none. */
export function readCurl(text: string): Pasted | null {
  const words = shellWords(text.replace(/^\s*(?:\$\s*)?(?=curl\b)/, ''))
  if (words === null || words[0] !== 'curl') return null
  const seen = {
    method: '',
    url: '',
    headers: [] as [string, string][],
    data: [] as string[],
    inQuery: false,
    head: false,
  }
  for (let i = 1; i < words.length; i++) {
    const [option, glued] = split(words[i] as string)
    const kind = withValue[option]
    if (kind !== undefined) take(seen, kind, glued ?? words[++i] ?? '')
    else if (ignoredWithValue.has(option)) glued ?? i++
    else if (option === '-G' || option === '--get') seen.inQuery = true
    else if (option === '-I' || option === '--head') seen.head = true
    else if (!option.startsWith('-')) seen.url = option
  }
  const body = seen.data.length === 0 ? null : seen.data.join('&')
  const url = seen.inQuery && body !== null ? `${seen.url}${seen.url.includes('?') ? '&' : '?'}${body}` : seen.url
  const method = seen.method || (seen.head ? 'HEAD' : body === null || seen.inQuery ? 'GET' : 'POST')
  return { kind: 'curl', method, url, headers: seen.headers, body: seen.inQuery ? null : body }
}

type Seen = { method: string; url: string; headers: [string, string][]; data: string[] }

function take(seen: Seen, kind: (typeof withValue)[string], value: string): void {
  if (kind === 'method') seen.method = value
  else if (kind === 'url') seen.url = value
  else if (kind === 'header') {
    const at = value.indexOf(':')
    if (at > 0) seen.headers.push([value.slice(0, at).trim(), value.slice(at + 1).trim()])
  } else if (kind === 'user') seen.headers.push(['Authorization', `Basic ${btoa(value)}`])
  // curl takes line breaks out of what `-d` reads from a file, not out of what stands in the command.
  else if (kind === 'data' || kind === 'raw') seen.data.push(value)
  else if (kind === 'urlencode') {
    const at = value.indexOf('=')
    const [name, text] = at < 0 ? ['', value] : [value.slice(0, at + 1), value.slice(at + 1)]
    seen.data.push(name + encodeURIComponent(text))
  } else if (kind === 'json') {
    seen.data.push(value)
    seen.headers.push(['Content-Type', 'application/json'])
  }
}

/** `-XPOST` is `-X POST`, `--request=POST` is `--request POST`, and `-sSH` ends in `-H`. */
function split(word: string): [option: string, glued: string | null] {
  if (!word.startsWith('-') || word === '-') return [word, null]
  if (word.startsWith('--')) {
    const at = word.indexOf('=')
    return at < 0 ? [word, null] : [word.slice(0, at), word.slice(at + 1)]
  }
  for (let i = 1; i < word.length; i++) {
    const option = `-${word[i]}`
    if (withValue[option] === undefined && !ignoredWithValue.has(option)) continue
    return [option, i + 1 < word.length ? word.slice(i + 1) : null]
  }
  return [word, null]
}
