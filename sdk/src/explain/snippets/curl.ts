import type { Recipe, Template } from './recipe.ts'

const quote = (text: string) => (/^[A-Za-z0-9._/:@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
// Not `path`, which zsh keeps for itself, nor any name that a shell's own variables have.
const nameOf = (name: string) => name.replaceAll('-', '_')
const nameIn = (piece: Exclude<Template[number], string>) =>
  'value' in piece ? `"$${nameOf(piece.value)}"` : `"$${piece.environment}"`

/** One word of the shell: texts in single quotes, variables in double ones, side by side. */
const word = (template: Template) =>
  template.every((piece) => typeof piece === 'string')
    ? `'${template.join('').replaceAll("'", "'\\''")}'`
    : template
        .map((piece) => (typeof piece === 'string' ? `'${piece.replaceAll("'", "'\\''")}'` : nameIn(piece)))
        .join('')

/** The same with variables in one pair of double quotes, which reads better where the texts are plain. */
function doubleQuoted(template: Template): string {
  if (template.some((piece) => typeof piece === 'string' && /["$`\\!]/.test(piece))) return word(template)
  const pieces = template.map((piece) =>
    typeof piece === 'string' ? piece : `$${'value' in piece ? `{${nameOf(piece.value)}}` : piece.environment}`,
  )
  return `"${pieces.join('').replace(/\$\{(\w+)\}(?!\w)/g, '$$$1')}"`
}

/** A script for bash with `curl` and `openssl`. */
export function curlSnippet({ secret, values, message, digest, spelling, request }: Recipe): string {
  const lines: string[] = []
  if (values.some(({ encode }) => encode) || spelling === 'base64url') {
    lines.push("base64url() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }", '')
  }
  for (const { name, text, encode } of values) {
    lines.push(`${nameOf(name)}=${encode ? `$(printf '%s' ${quote(text)} | base64url)` : quote(text)}`)
  }
  lines.push('', ...keyLines(secret))
  const joined = message.join === 'secret' ? [{ environment: secret.variable }] : [message.join.text]
  const template = message.of.flatMap(
    (name, at): Template => (at === 0 ? [{ value: name }] : [...joined, { value: name }]),
  )
  lines.push(
    `string_to_sign=${message.of.length === 1 ? `$${nameOf(message.of[0] as string)}` : doubleQuoted(template)}`,
  )
  lines.push(...signatureLines(digest, spelling, secret))
  lines.push('', ...callLines(request))
  return `${lines.join('\n')}\n`
}

function keyLines({ variable, form }: Recipe['secret']): string[] {
  if (form === 'hex') return ['# Hexadecimal text: the key is the bytes that it stands for.']
  if (form === 'whsec') {
    return [
      '# What follows whsec_ is base64: the key is the bytes that it stands for.',
      `key=$(printf '%s' "\${${variable}#whsec_}" | openssl base64 -d -A | od -An -v -tx1 | tr -d ' \\n')`,
    ]
  }
  return form === 'pem-file' ? [] : ['# The key is the secret as text, not decoded.']
}

function signatureLines(digest: Recipe['digest'], spelling: Recipe['spelling'], secret: Recipe['secret']): string[] {
  if (digest === 'es256') {
    return [
      '# JWTs want R and S side by side, 32 bytes each, not in DER.',
      `numbers=$(printf '%s' "$string_to_sign" | openssl dgst -sha256 -sign "$${secret.variable}" |`,
      "  openssl asn1parse -inform DER | sed -n 's/.*INTEGER *://p')",
      "sides=$(for number in $numbers; do printf '%64s' \"$number\" | tr ' ' 0; done)",
      "signature=$(printf '%b' \"$(printf '%s' \"$sides\" | sed 's/../\\\\x&/g')\" | base64url)",
    ]
  }
  const key = {
    text: `-hmac "$${secret.variable}"`,
    hex: `-mac HMAC -macopt "hexkey:$${secret.variable}"`,
    whsec: '-mac HMAC -macopt "hexkey:$key"',
    'pem-file': '',
  }[secret.form]
  const command = `printf '%s' "$string_to_sign" | openssl dgst -sha256${digest === 'hmac' ? ` ${key}` : ''}`
  const written = {
    hex: "sed 's/.* //'",
    'hex-upper': "sed 's/.* //' | tr a-f A-F",
    base64: 'openssl base64 -A',
    base64url: 'base64url',
  }[spelling]
  const binary = spelling.startsWith('hex') ? '' : ' -binary'
  return [`signature=$(${command}${binary} |`, `  ${written})`]
}

function callLines(request: Recipe['request']): string[] {
  const words = [
    `curl -sS${request.method === 'GET' ? '' : ` -X ${request.method}`} ${request.url.every((piece) => typeof piece === 'string') ? word(request.url) : doubleQuoted(request.url)}`,
    ...request.headers.map(([name, template]) => `-H ${doubleQuoted([`${name}: `, ...template])}`),
    ...(request.body === null ? [] : [`--data-raw ${word(request.body)}`]),
  ]
  return words.map((text, at) => `${at === 0 ? '' : '  '}${text}${at === words.length - 1 ? '' : ' \\'}`)
}
