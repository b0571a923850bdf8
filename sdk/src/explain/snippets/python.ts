import type { Recipe, Template } from './recipe.ts'

// JSON's escapes are Python's, too.
const quote = (text: string) => JSON.stringify(text)
const nameOf = (name: string) => name.replaceAll('-', '_')
const nameIn = (piece: Exclude<Template[number], string>) =>
  'value' in piece ? nameOf(piece.value) : `os.environ["${piece.environment}"]`
const expression = (template: Template) =>
  template.map((piece) => (typeof piece === 'string' ? quote(piece) : nameIn(piece))).join(' + ')

/** A program for Python 3. An ES256 signature needs the package `cryptography`; all else is in the standard library. */
export function pythonSnippet({ secret, values, message, digest, spelling, request }: Recipe): string {
  const encoded = values.some(({ encode }) => encode === 'base64url')
  const usesBase64 = encoded || spelling.startsWith('base64') || secret.form === 'whsec'
  const modules = [
    ...(usesBase64 ? ['base64'] : []),
    ...(digest === 'es256' ? [] : ['hashlib']),
    ...(digest === 'hmac' ? ['hmac'] : []),
    'os',
    'urllib.error',
    'urllib.request',
  ]
  const lines = modules.map((module) => `import ${module}`)
  if (digest === 'es256') {
    lines.push('', 'from cryptography.hazmat.primitives import hashes, serialization')
    lines.push('from cryptography.hazmat.primitives.asymmetric import ec')
    lines.push('from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature')
  }
  if (encoded || spelling === 'base64url') {
    lines.push('', '', 'def base64url(data):', '    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()', '')
  }
  lines.push('')
  for (const { name, text, encode } of values) {
    lines.push(`${nameOf(name)} = ${encode ? `base64url(${quote(text)}.encode())` : quote(text)}`)
  }
  lines.push('', ...keyLines(secret))
  const list = message.of.map(nameOf)
  const join = message.join === 'secret' ? 'key.decode()' : quote(message.join.text)
  lines.push(`string_to_sign = ${list.length === 1 ? list[0] : `${join}.join([${list.join(', ')}])`}`)
  if (digest === 'hmac') lines.push('code = hmac.new(key, string_to_sign.encode(), hashlib.sha256)')
  else if (digest === 'sha256') lines.push('code = hashlib.sha256(string_to_sign.encode())')
  else {
    lines.push('r, s = decode_dss_signature(key.sign(string_to_sign.encode(), ec.ECDSA(hashes.SHA256())))')
    lines.push('# JWTs want R and S side by side, not in DER.')
    lines.push('signature = base64url(r.to_bytes(32, "big") + s.to_bytes(32, "big"))')
  }
  if (digest !== 'es256') {
    const written = {
      hex: 'code.hexdigest()',
      'hex-upper': 'code.hexdigest().upper()',
      base64: 'base64.b64encode(code.digest()).decode()',
      base64url: 'base64url(code.digest())',
    }[spelling]
    lines.push(`signature = ${written}`)
  }
  lines.push(
    '',
    'request = urllib.request.Request(',
    `    ${expression(request.url)},`,
    `    method=${quote(request.method)},`,
  )
  if (request.headers.length > 0) {
    lines.push('    headers={')
    for (const [name, template] of request.headers) lines.push(`        ${quote(name)}: ${expression(template)},`)
    lines.push('    },')
  }
  if (request.body !== null) lines.push(`    data=(${expression(request.body)}).encode(),`)
  lines.push(
    ')',
    'try:',
    '    answer = urllib.request.urlopen(request)',
    'except urllib.error.HTTPError as refusal:',
    '    answer = refusal',
    'print(answer.status, answer.read().decode())',
  )
  return `${lines.join('\n')}\n`
}

function keyLines({ variable, form }: Recipe['secret']): string[] {
  if (form === 'pem-file') {
    return [
      `with open(os.environ["${variable}"], "rb") as file:`,
      '    key = serialization.load_pem_private_key(file.read(), None)',
    ]
  }
  if (form === 'hex')
    return [
      '# Hexadecimal text: the key is the bytes that it stands for.',
      `key = bytes.fromhex(os.environ["${variable}"])`,
    ]
  if (form === 'whsec') {
    return [
      '# What follows whsec_ is base64: the key is the bytes that it stands for.',
      `key = base64.b64decode(os.environ["${variable}"][len("whsec_"):])`,
    ]
  }
  return ['# The key is the secret as text, not decoded.', `key = os.environ["${variable}"].encode()`]
}
