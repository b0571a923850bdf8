/** Escapes of `$'…'`, as bash reads them. */
const escapes: Record<string, string> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  e: '\x1b',
  '0': '\0',
}

/**
 * The words of one shell command, quotes and backslashes resolved: what `curl` commands need, whose variables are left as they
 * stand. Stops at an unquoted `|`, `;`, `&` or `>`. Null where a quote is not closed.
 */
export function shellWords(text: string): string[] | null {
  const words: string[] = []
  let word: string | null = null
  let i = 0
  const add = (piece: string) => {
    word = (word ?? '') + piece
  }
  while (i < text.length) {
    const c = text[i] as string
    if (c === '\\') {
      // A backslash before a line break joins the lines, also where the page has CRLF or left a blank behind it.
      const joined = /^\\[ \t]*\r?\n/.exec(text.slice(i))
      if (joined) i += joined[0].length
      else {
        add(text[i + 1] ?? '')
        i += 2
      }
    } else if (c === "'" || c === '"' || (c === '$' && text[i + 1] === "'")) {
      const quoted = c === "'" ? plain(text, i + 1) : c === '"' ? double(text, i + 1) : ansi(text, i + 2)
      if (quoted === null) return null
      add(quoted.value)
      i = quoted.end
    } else if (/\s/.test(c)) {
      if (word !== null) words.push(word)
      word = null
      i++
    } else if (/[|;&>]/.test(c)) break
    else {
      add(c)
      i++
    }
  }
  if (word !== null) words.push(word)
  return words
}

type Quoted = { value: string; end: number } | null

function plain(text: string, start: number): Quoted {
  const end = text.indexOf("'", start)
  return end < 0 ? null : { value: text.slice(start, end), end: end + 1 }
}

function double(text: string, start: number): Quoted {
  let value = ''
  for (let i = start; i < text.length; i++) {
    const c = text[i] as string
    if (c === '"') return { value, end: i + 1 }
    const next = text[i + 1]
    if (c === '\\' && next !== undefined && /["\\$`\n]/.test(next)) {
      if (next !== '\n') value += next
      i++
    } else value += c
  }
  return null
}

function ansi(text: string, start: number): Quoted {
  let value = ''
  for (let i = start; i < text.length; i++) {
    const c = text[i] as string
    if (c === "'") return { value, end: i + 1 }
    if (c !== '\\') {
      value += c
      continue
    }
    const code = /^\\(?:u([0-9a-fA-F]{1,4})|x([0-9a-fA-F]{1,2}))/.exec(text.slice(i, i + 6))
    if (code) {
      value += String.fromCharCode(Number.parseInt((code[1] ?? code[2]) as string, 16))
      i += code[0].length - 1
    } else {
      const next = text[++i] ?? ''
      value += escapes[next] ?? next
    }
  }
  return null
}
