import type { Recipe, Template } from './recipe.ts'

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const nameOf = (name: string) => `$${name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}`
const nameIn = (piece: Exclude<Template[number], string>) =>
  'value' in piece ? nameOf(piece.value) : `getenv('${piece.environment}')`
const expression = (template: Template) =>
  template.map((piece) => (typeof piece === 'string' ? quote(piece) : nameIn(piece))).join(' . ')

/** A program for PHP 7.4 and later, without extensions but hash, json and, for ES256, openssl. */
export function phpSnippet({ secret, values, message, digest, spelling, request }: Recipe): string {
  const lines = ['<?php', '']
  if (values.some(({ encode }) => encode) || spelling === 'base64url') {
    lines.push("$base64url = fn ($bytes) => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');", '')
  }
  for (const { name, text, encode } of values)
    lines.push(`${nameOf(name)} = ${encode ? `$base64url(${quote(text)})` : quote(text)};`)
  lines.push('', ...keyLines(secret))
  const list = message.of.map(nameOf)
  const join = message.join === 'secret' ? '$key' : quote(message.join.text)
  lines.push(`$stringToSign = ${list.length === 1 ? list[0] : `implode(${join}, [${list.join(', ')}])`};`)
  if (digest === 'es256') {
    lines.push(
      'openssl_sign($stringToSign, $der, $key, OPENSSL_ALGO_SHA256);',
      '// JWTs want R and S side by side, 32 bytes each, not in DER.',
      '$r = substr($der, 4, ord($der[3]));',
      '$s = substr($der, 6 + ord($der[3]));',
      '$side = fn ($n) => str_pad(ltrim($n, "\\0"), 32, "\\0", STR_PAD_LEFT);',
      '$signature = $base64url($side($r) . $side($s));',
    )
  } else {
    const isHex = spelling.startsWith('hex')
    const raw = isHex ? '' : ', true'
    const code =
      digest === 'hmac' ? `hash_hmac('sha256', $stringToSign, $key${raw})` : `hash('sha256', $stringToSign${raw})`
    const written = {
      hex: code,
      'hex-upper': `strtoupper(${code})`,
      base64: `base64_encode(${code})`,
      base64url: `$base64url(${code})`,
    }[spelling]
    lines.push(`$signature = ${written};`)
  }
  lines.push(
    '',
    '$context = stream_context_create([',
    "    'http' => [",
    `        'method' => ${quote(request.method)},`,
  )
  if (request.headers.length > 0) {
    lines.push("        'header' => [")
    for (const [name, template] of request.headers) lines.push(`            ${expression([`${name}: `, ...template])},`)
    lines.push('        ],')
  }
  if (request.body !== null) lines.push(`        'content' => ${expression(request.body)},`)
  lines.push("        'ignore_errors' => true,", '    ],', ']);')
  lines.push(`echo file_get_contents(${expression(request.url)}, false, $context), "\\n";`)
  return `${lines.join('\n')}\n`
}

function keyLines({ variable, form }: Recipe['secret']): string[] {
  if (form === 'pem-file') return [`$key = openssl_pkey_get_private(file_get_contents(getenv('${variable}')));`]
  if (form === 'hex')
    return ['// Hexadecimal text: the key is the bytes that it stands for.', `$key = hex2bin(getenv('${variable}'));`]
  if (form === 'whsec') {
    return [
      '// What follows whsec_ is base64: the key is the bytes that it stands for.',
      `$key = base64_decode(substr(getenv('${variable}'), strlen('whsec_')));`,
    ]
  }
  return ['// The key is the secret as text, not decoded.', `$key = getenv('${variable}');`]
}
