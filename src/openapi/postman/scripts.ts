import type { Signing } from '../document.ts'
import type { Script } from './types.ts'

// What runs in Postman before a request goes out. Its sandbox has CryptoJS, and `pm` for the request and the variables.

const CANONICAL = `const canonical = (value) =>
  value === null || typeof value !== 'object' ? JSON.stringify(value)
  : Array.isArray(value) ? '[' + value.map(canonical).join(',') + ']'
  : '{' + Object.keys(value).sort().map((name) => JSON.stringify(name) + ':' + canonical(value[name])).join(',') + '}'`

const BASE64URL = `const base64url = (words) =>
  CryptoJS.enc.Base64.stringify(words).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/={1,2}$/, '')`

const JWT = `${BASE64URL}
const encode = (value) => base64url(CryptoJS.enc.Utf8.parse(JSON.stringify(value)))
const jwt = (payload, secret) => {
  const input = encode({ alg: 'HS256', typ: 'JWT' }) + '.' + encode(payload)
  return input + '.' + base64url(CryptoJS.HmacSHA256(input, secret))
}`

const READ = `const read = (name) => pm.variables.get(name)
const raw = pm.request.body && pm.request.body.raw ? pm.variables.replaceIn(pm.request.body.raw) : ''
const send = (text) => pm.request.body.update({ mode: 'raw', raw: text, options: { raw: { language: 'json' } } })`

const PLACES = `const read = (name) => pm.variables.get(name)
const fill = (value) => JSON.parse(pm.variables.replaceIn(JSON.stringify(value)))`

const webwallet = `// The body is the payload: it is sent in a signed envelope.
${READ}
${CANONICAL}
${BASE64URL}
const payload = canonical(JSON.parse(raw))
const signature = base64url(CryptoJS.HmacSHA256(payload, read('signingSecret')))
send('{"header":{"alg":"hs256"},"payload":' + payload + ',"signature":"' + signature + '"}')`

const walleo = `${READ}
${CANONICAL}
const url = pm.variables.replaceIn(pm.request.url.toString())
const time = Math.floor(Date.now() / 1000)
const parts = [pm.request.method, url]
if (raw !== '') {
  parts.push(canonical(JSON.parse(raw)))
  send(parts[2])
}
parts.push(read('identifier'), time)
// The shared key is hexadecimal text, and is decoded.
const signature = CryptoJS.HmacSHA256(parts.join('+'), CryptoJS.enc.Hex.parse(read('sharedKey'))).toString(CryptoJS.enc.Hex)
pm.request.headers.upsert({
  key: 'Authorization',
  value: 'Bearer ' + read('apiKey') + ', Id=' + read('identifier') + ', Signature=' + signature + ', Timestamp=' + time,
})`

const tillo = ({ endpoint, fields }: Extract<Signing, { scheme: 'tillo' }>) => `${READ}
const body = raw === '' ? {} : JSON.parse(raw)
if (raw !== '') send(raw)
const face = body.face_value || body
const values = { client_request_id: body.client_request_id, brand: body.brand, currency: face.currency, amount: face.amount }
if (raw === '') values.brand = pm.variables.replaceIn(pm.request.url.query.get('brand') || '')
const time = Date.now()
const signed = ${JSON.stringify(fields)}.map((name) => values[name]).filter((value) => value !== undefined && value !== '')
const text = [read('apiKey'), pm.request.method, '${endpoint}', ...signed, time].join('-')
// The secret is used as text, although it looks hexadecimal.
const signature = CryptoJS.HmacSHA256(text, read('secret')).toString(CryptoJS.enc.Hex)
pm.request.headers.upsert({ key: 'API-Key', value: read('apiKey') })
pm.request.headers.upsert({ key: 'Signature', value: signature })
pm.request.headers.upsert({ key: 'Timestamp', value: String(time) })`

const pledg = ({
  payload,
}: Extract<Signing, { scheme: 'pledg' }>) => `// Change the request here: all of it is in its signature.
const payload = ${JSON.stringify(payload, null, 2)}
${PLACES}
${JWT}
const signed = Object.assign(fill(payload), { exp: Math.floor(Date.now() / 1000) + 3600 })
pm.variables.set('signature', jwt(signed, read('merchantSecret')))`

const jackpot = ({ claims }: Extract<Signing, { scheme: 'jackpot' }>) => `// Each token opens one session.
const claims = ${JSON.stringify(claims, null, 2)}
${PLACES}
${JWT}
const signed = Object.assign(fill(claims), { iat: Math.floor(Date.now() / 1000) })
pm.variables.set('initializationToken', jwt(signed, read('apiSignature')))`

function textOf(signing: Signing): string {
  switch (signing.scheme) {
    case 'webwallet':
      return webwallet
    case 'walleo':
      return walleo
    case 'tillo':
      return tillo(signing)
    case 'pledg':
      return pledg(signing)
    case 'jackpot':
      return jackpot(signing)
  }
}

const script = (listen: Script['listen'], text: string): Script => ({
  listen,
  script: { type: 'text/javascript', exec: text.split('\n') },
})

/** Signs the request before it goes out. */
export const signingScript = (signing: Signing): Script => script('prerequest', textOf(signing))

/** Keeps a member of the answer for the requests that follow. */
export const keepScript = (member: string, variable: string): Script =>
  script(
    'test',
    `if (pm.response.code === 200) pm.collectionVariables.set('${variable}', pm.response.json()['${member}'])`,
  )
