import type { Recipe, Template } from './recipe.ts'

const quote = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
const nameOf = (name: string) => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

/** An expression for a template: names alone, texts alone, or a template literal. */
function expression(template: Template): string {
  const [only] = template
  if (template.length === 1 && only !== undefined) return typeof only === 'string' ? quote(only) : nameIn(only)
  const pieces = template.map((piece) =>
    typeof piece === 'string'
      ? JSON.stringify(piece).slice(1, -1).replaceAll('\\"', '"').replaceAll('`', '\\`').replaceAll('${', '\\${')
      : `\${${nameIn(piece)}}`,
  )
  return `\`${pieces.join('')}\``
}

const nameIn = (piece: Exclude<Template[number], string>) =>
  'value' in piece ? nameOf(piece.value) : `process.env.${piece.environment}`

// In pieces, so that the text is not taken for an import of this module.
const importLine = (names: string, module: string) => ['import', `{ ${names} }`, 'from', quote(module)].join(' ')

/** A program for Node, without packages. */
export function nodeSnippet({ secret, values, message, digest, spelling, request }: Recipe): string {
  const encoded = values.some(({ encode }) => encode === 'base64url')
  const imports = digest === 'hmac' ? 'createHmac' : digest === 'sha256' ? 'createHash' : 'createPrivateKey, sign'
  const lines = [
    importLine(imports, 'node:crypto'),
    ...(secret.form === 'pem-file' ? [importLine('readFileSync', 'node:fs')] : []),
    '',
    ...(encoded ? ["const base64url = (text) => Buffer.from(text).toString('base64url')", ''] : []),
    ...values.map(
      ({ name, text, encode }) => `const ${nameOf(name)} = ${encode ? `base64url(${quote(text)})` : quote(text)}`,
    ),
    '',
    ...keyLines(secret),
  ]
  const list = message.of.map(nameOf)
  const join = message.join === 'secret' ? 'key' : quote(message.join.text)
  lines.push(`const stringToSign = ${list.length === 1 ? list[0] : `[${list.join(', ')}].join(${join})`}`)
  const written = { hex: "'hex'", 'hex-upper': "'hex'", base64: "'base64'", base64url: "'base64url'" }[spelling]
  const upper = spelling === 'hex-upper' ? '.toUpperCase()' : ''
  if (digest === 'hmac')
    lines.push(`const signature = createHmac('sha256', key).update(stringToSign).digest(${written})`)
  else if (digest === 'sha256')
    lines.push(`const signature = createHash('sha256').update(stringToSign).digest(${written})${upper}`)
  else
    lines.push(
      "const signature = sign('sha256', Buffer.from(stringToSign), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')",
    )
  lines.push('', `const answer = await fetch(${expression(request.url)}, {`, `  method: ${quote(request.method)},`)
  if (request.headers.length > 0) {
    lines.push('  headers: {')
    for (const [name, template] of request.headers) lines.push(`    ${quote(name)}: ${expression(template)},`)
    lines.push('  },')
  }
  if (request.body !== null) lines.push(`  body: ${expression(request.body)},`)
  lines.push('})', 'console.log(answer.status, await answer.text())')
  return `${lines.join('\n')}\n`
}

function keyLines({ variable, form }: Recipe['secret']): string[] {
  if (form === 'pem-file') return [`const key = createPrivateKey(readFileSync(process.env.${variable}))`]
  if (form === 'hex')
    return [
      '// Hexadecimal text: the key is the bytes that it stands for.',
      `const key = Buffer.from(process.env.${variable}, 'hex')`,
    ]
  if (form === 'whsec') {
    return [
      '// What follows whsec_ is base64: the key is the bytes that it stands for.',
      `const key = Buffer.from(process.env.${variable}.slice('whsec_'.length), 'base64')`,
    ]
  }
  return ['// The key is the secret as text, not decoded.', `const key = process.env.${variable}`]
}
