import { explainSigning, signingSnippet } from '#sdk/explain/explain.ts'
import { fillIn } from '#sdk/explain/fill-in.ts'
import { type SnippetLanguage, snippetLanguages } from '#sdk/explain/snippets/snippets.ts'
import type { Explanation, FinalRequest, SigningScheme, Step } from '#sdk/explain/types.ts'
import { showInvisible } from '#sdk/explain/visible.ts'
import { keyWords, stepWords } from '#sdk/explain/words.ts'
import { readArguments } from './arguments.ts'
import { UsageError } from './command.ts'
import { print, printJson } from './output.ts'
import {
  asCommandError,
  contentOf,
  fieldOptions,
  readContent,
  readSchemeSecret,
  readValues,
  withExamples,
} from './signing-scheme.ts'

const FORMS = ['signature', 'string-to-sign', 'explain', 'snippet', 'json'] as const

/** `billfold sign SCHEME`: a request of another protocol than the wallet API, or all of one. */
export async function signScheme(scheme: SigningScheme, args: string[]): Promise<number> {
  const { options, positionals } = readArguments(args, {
    ...fieldOptions(scheme),
    'secret-file': 'string',
    secret: 'string',
    example: 'boolean',
    signature: 'boolean',
    'string-to-sign': 'boolean',
    explain: 'boolean',
    snippet: 'string',
    json: 'boolean',
  })
  const forms = FORMS.filter((name) => options[name] !== undefined)
  if (forms.length > 1) throw new UsageError(`--${forms[0]} and --${forms[1]} do not go together`)
  if (options.secret !== undefined)
    throw new UsageError('a secret among the arguments can be seen by every user: use --secret-file or the environment')
  const language = languageOf(options.snippet as string | undefined)
  const given = await readValues(scheme, options)
  const now = Date.now()
  let values: Record<string, string>
  if (options.example) values = withExamples(scheme, given)
  else {
    const secret = await readSchemeSecret(scheme, options['secret-file'] as string | undefined)
    values = { ...given, secret, [contentOf(scheme)]: await readContent(scheme, given, positionals) }
  }
  const defaults = { method: 'POST', ...values }
  const explained = await explainSigning(scheme, defaults, now).catch(asCommandError)
  if (options.signature) print(explained.signature)
  else if (options['string-to-sign']) print(explained.stringToSign)
  else if (language) process.stdout.write(await signingSnippet(scheme, language, defaults, now))
  else if (options.explain) explain(explained)
  else if (options.json) printJson(explained)
  else print(requestText(explained.request))
  return 0
}

function languageOf(name: string | undefined): SnippetLanguage | null {
  if (name === undefined) return null
  const language = snippetLanguages.find((known) => known === name)
  if (language) return language
  throw new UsageError(`--snippet must be one of ${snippetLanguages.join(', ')}`)
}

function explain({ steps, request }: Explanation): void {
  for (const [at, step] of steps.entries()) print(`${at + 1}. ${stepWords[step.name]}\n\n${textOf(step)}\n`)
  print(`${steps.length + 1}. The request\n\n${indent(requestText(request))}`)
}

function textOf({ value, parts, key, name }: Step): string {
  if (key) return indent(fillIn(keyWords[key.form], { bytes: String(key.bytes) }))
  const width = Math.max(0, ...(parts ?? []).map((part) => part.name.length))
  const rows = (parts ?? []).map((part) => `${part.name.padEnd(width)}  ${showInvisible(part.value)}`)
  const shown =
    name === 'string-to-sign'
      ? `${showInvisible(value)}\n(${Buffer.byteLength(value)} bytes; · is a blank, ↵ a line break)`
      : value
  return indent([...(value === '' ? [] : [shown]), ...rows].join('\n'))
}

const indent = (text: string) => text.replace(/^/gm, '   ')

/** As it goes over the wire, but for the headers that every program adds. */
export function requestText({ method, url, headers, body }: FinalRequest): string {
  const { host, pathname, search } = new URL(url)
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}`)
  return [`${method} ${pathname}${search} HTTP/1.1`, ...lines, '', ...(body === undefined ? [] : [body])].join('\n')
}
