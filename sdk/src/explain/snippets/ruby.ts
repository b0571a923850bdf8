import type { Recipe, Template } from './recipe.ts'

const quote = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const nameOf = (name: string) => (name === 'method' ? 'http_method' : name.replaceAll('-', '_'))
const nameIn = (piece: Exclude<Template[number], string>) =>
  'value' in piece ? nameOf(piece.value) : `ENV.fetch('${piece.environment}')`
const expression = (template: Template) =>
  template.map((piece) => (typeof piece === 'string' ? quote(piece) : nameIn(piece))).join(' + ')

/** A program for Ruby 2.7 and later, without gems. */
export function rubySnippet({ secret, values, message, digest, spelling, request }: Recipe): string {
  const lines = ["require 'net/http'", "require 'openssl'", '']
  if (values.some(({ encode }) => encode) || spelling === 'base64url') {
    lines.push('def base64url(bytes)', "  [bytes].pack('m0').tr('+/', '-_').delete('=')", 'end', '')
  }
  for (const { name, text, encode } of values)
    lines.push(`${nameOf(name)} = ${encode ? `base64url(${quote(text)})` : quote(text)}`)
  lines.push('', ...keyLines(secret))
  const list = message.of.map(nameOf)
  const join = message.join === 'secret' ? 'key' : quote(message.join.text)
  lines.push(`string_to_sign = ${list.length === 1 ? list[0] : `[${list.join(', ')}].join(${join})`}`)
  if (digest === 'es256') {
    lines.push(
      "der = key.sign('SHA256', string_to_sign)",
      '# JWTs want R and S side by side, 32 bytes each, not in DER.',
      'sides = OpenSSL::ASN1.decode(der).value.map { |n| n.value.to_s(2).rjust(32, "\\0") }',
      'signature = base64url(sides.join)',
    )
  } else {
    const hex =
      digest === 'hmac'
        ? "OpenSSL::HMAC.hexdigest('SHA256', key, string_to_sign)"
        : "OpenSSL::Digest.hexdigest('SHA256', string_to_sign)"
    const bytes = hex.replace('hexdigest', 'digest')
    const written = {
      hex,
      'hex-upper': `${hex}.upcase`,
      base64: `[${bytes}].pack('m0')`,
      base64url: `base64url(${bytes})`,
    }[spelling]
    lines.push(`signature = ${written}`)
  }
  const kind = `${request.method.charAt(0)}${request.method.slice(1).toLowerCase()}`
  lines.push('', `uri = URI(${expression(request.url)})`, `request = Net::HTTP::${kind}.new(uri)`)
  for (const [name, template] of request.headers) lines.push(`request[${quote(name)}] = ${expression(template)}`)
  if (request.body !== null) lines.push(`request.body = ${expression(request.body)}`)
  lines.push(
    "answer = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == 'https') { |http| http.request(request) }",
  )
  lines.push('puts answer.code, answer.body')
  return `${lines.join('\n')}\n`
}

function keyLines({ variable, form }: Recipe['secret']): string[] {
  if (form === 'pem-file') return [`key = OpenSSL::PKey.read(File.read(ENV.fetch('${variable}')))`]
  if (form === 'hex')
    return [
      '# Hexadecimal text: the key is the bytes that it stands for.',
      `key = [ENV.fetch('${variable}')].pack('H*')`,
    ]
  if (form === 'whsec') {
    return [
      '# What follows whsec_ is base64: the key is the bytes that it stands for.',
      `key = ENV.fetch('${variable}').delete_prefix('whsec_').unpack1('m0')`,
    ]
  }
  return ['# The key is the secret as text, not decoded.', `key = ENV.fetch('${variable}')`]
}
