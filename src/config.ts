import { isIP } from 'node:net'
import { parseKeys } from './credentials/key-file.ts'
import { type FundingLimit, parseFundingLimit, STANDARD_FUNDING_LIMIT } from './domain/funding-limit.ts'
import { parseRateLimits, type RateLimitSettings } from './domain/rate-limits.ts'
import { parseRetention, type RetentionSettings } from './domain/retention.ts'
import { resolveHome } from './engine/home.ts'
import { insecureSettings } from './insecure-settings.ts'
import { type DatabaseConnection, parseDatabaseUrl } from './storage/database.ts'

export type Config = {
  /** `sandbox` fills itself with parties and credentials; `production` refuses to start on the sandbox's defaults */
  mode: 'sandbox' | 'production'
  host: string
  port: number
  /** where clients reach this server; the first is the issuer. Empty: derived from host and port */
  publicUrls: string[]
  /** data, logs, key file, `sandbox.json` */
  home: string
  /** absent: the embedded PostgreSQL */
  database: DatabaseConnection | null
  logLevel: string
  /** who mails come from, `Name <address>` or an address; absent: no-reply at the first public URL's host */
  mailFrom?: string
  /** addresses or CIDR blocks of proxies whose `X-Forwarded-For` is believed; absent: none */
  trustedProxies?: string[]
  /** requests a minute to one endpoint of Tillo's API with one credential; absent: the protocol's own limit */
  tilloRateLimit?: number
  /** requests a minute of one caller, by interface; what it does not name is limited as the table in `domain/rate-limits.ts` says */
  rateLimits?: RateLimitSettings
  /** operators set up a second factor before they can do anything else; absent: they are only told to */
  requireSecondFactor?: boolean
  /** addresses or CIDR blocks that webhooks may go to beside the public internet; absent: none, but loopback in the sandbox */
  webhookAllow?: string[]
  /** how long what is kept, in days; what it does not name is kept as the table in `domain/retention.ts` says */
  retention?: RetentionSettings
  /** where spans are sent, and under which name; absent: nowhere */
  tracing?: { endpoint: string; service: string; interval?: number }
  /** how many processes serve the port; absent: one */
  workers?: number
  /** what one operator may move by hand on a day before a second one is asked; absent: 1000 of each unit */
  fundingLimit?: FundingLimit
  /** how old the last backup may be, in hours, before the console of a production server warns; 0: it does not; absent: 26 */
  backupHours?: number
}

/** What must never be logged; travels apart from the configuration. */
export type Secrets = {
  /** 32-byte keys, current first; null: the key file of the home */
  keys: Buffer[] | null
  /** the mail server with its password, as `nodemailer` takes it; null or absent: mails stay in the outbox */
  smtpUrl?: string | null
  /** headers for the collector of spans, its key perhaps among them */
  tracingHeaders?: Record<string, string>
}

/** The environment cannot be used; `message` lists everything that is wrong with it at once. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

type Environment = Record<string, string | undefined>

/** Reads the environment, once. @throws {ConfigError} */
export function readConfig(env: Environment): { config: Config; secrets: Secrets } {
  const problems: string[] = []
  const attempt = <T>(name: string, read: () => T, instead: T): T => {
    try {
      return read()
    } catch (error) {
      problems.push(`${name}: ${(error as Error).message}`)
      return instead
    }
  }
  const mode = attempt('BILLFOLD_MODE', () => readMode(env), 'sandbox' as const)
  const config: Config = {
    mode,
    host: env.HOST || '127.0.0.1',
    port: attempt('PORT', () => readPort(env.PORT), 8080),
    publicUrls: attempt('BILLFOLD_PUBLIC_URL', () => readPublicUrls(env.BILLFOLD_PUBLIC_URL, mode), []),
    home: resolveHome(env),
    database: attempt('DATABASE_URL', () => (env.DATABASE_URL ? parseDatabaseUrl(env.DATABASE_URL) : null), null),
    logLevel: attempt('LOG_LEVEL', () => readLogLevel(env.LOG_LEVEL), 'info'),
  }
  const mailFrom = attempt('BILLFOLD_MAIL_FROM', () => readMailFrom(env.BILLFOLD_MAIL_FROM), undefined)
  if (mailFrom !== undefined) config.mailFrom = mailFrom
  const proxies = attempt('BILLFOLD_TRUSTED_PROXIES', () => readBlocks(env.BILLFOLD_TRUSTED_PROXIES), [])
  if (proxies.length > 0) config.trustedProxies = proxies
  const allowed = attempt('BILLFOLD_WEBHOOK_ALLOW', () => readBlocks(env.BILLFOLD_WEBHOOK_ALLOW), [])
  if (allowed.length > 0) config.webhookAllow = allowed
  const tilloRateLimit = attempt('BILLFOLD_TILLO_RATE_LIMIT', () => readLimit(env.BILLFOLD_TILLO_RATE_LIMIT), undefined)
  if (tilloRateLimit !== undefined) config.tilloRateLimit = tilloRateLimit
  const limit = env.BILLFOLD_FUNDING_LIMIT
  if (limit)
    config.fundingLimit = attempt('BILLFOLD_FUNDING_LIMIT', () => parseFundingLimit(limit), STANDARD_FUNDING_LIMIT)
  if (attempt('BILLFOLD_REQUIRE_SECOND_FACTOR', () => readChoice(env.BILLFOLD_REQUIRE_SECOND_FACTOR), false))
    config.requireSecondFactor = true
  const backupHours = attempt('BILLFOLD_BACKUP_HOURS', () => readHours(env.BILLFOLD_BACKUP_HOURS), undefined)
  if (backupHours !== undefined) config.backupHours = backupHours
  const workers = attempt('WORKERS', () => (env.WORKERS ? readWorkers(env.WORKERS, !env.DATABASE_URL) : 1), 1)
  if (workers > 1) config.workers = workers
  const retention = env.BILLFOLD_RETENTION
  if (retention) config.retention = attempt('BILLFOLD_RETENTION', () => parseRetention(retention), {})
  const rateLimits = env.BILLFOLD_RATE_LIMITS
  if (rateLimits) config.rateLimits = attempt('BILLFOLD_RATE_LIMITS', () => parseRateLimits(rateLimits), {})
  const endpoint = attempt(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    () => readEndpoint(env.OTEL_EXPORTER_OTLP_ENDPOINT),
    undefined,
  )
  if (endpoint !== undefined) config.tracing = { endpoint, service: env.OTEL_SERVICE_NAME || 'billfold' }
  const tracingHeaders = attempt('OTEL_EXPORTER_OTLP_HEADERS', () => readHeaders(env.OTEL_EXPORTER_OTLP_HEADERS), {})
  const smtpUrl = attempt('BILLFOLD_SMTP_URL', () => readSmtpUrl(env.BILLFOLD_SMTP_URL), null)
  const keys = attempt('BILLFOLD_KEY', () => (env.BILLFOLD_KEY ? parseKeys(env.BILLFOLD_KEY) : null), null)
  if (mode === 'production') {
    problems.push(...insecureSettings(env, { keys, proxies, receivers: allowed }))
  }
  if (problems.length > 0) throw new ConfigError(`the environment cannot be used:\n  ${problems.join('\n  ')}`)
  return { config, secrets: { keys, smtpUrl, tracingHeaders } }
}

function readMode(env: Environment): Config['mode'] {
  // Where there is another database there is no sandbox unless it is asked for.
  const mode = env.BILLFOLD_MODE || (env.DATABASE_URL ? 'production' : 'sandbox')
  if (mode !== 'sandbox' && mode !== 'production') throw new Error('must be sandbox or production')
  return mode
}

function readPort(text: string | undefined): number {
  if (!text) return 8080
  const port = Number(text)
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error('must be a port number, 0 to 65535')
  return port
}

function readPublicUrls(text: string | undefined, mode: Config['mode']): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const url = URL.parse(part)
      if (!url || !/^https?:$/.test(url.protocol)) throw new Error(`${part} is no http(s) URL`)
      if (url.pathname !== '/' || url.search || url.hash) throw new Error(`${part} has a path: give the origin only`)
      if (mode === 'production' && url.protocol !== 'https:') throw new Error(`${part} is not https`)
      return url.origin
    })
}

/** Each has its connections, and the embedded PostgreSQL has a hundred for all of them and the command line. */
const MOST_WORKERS = { embedded: 8, other: 64 }

/** @throws where it is no number of processes that could work */
export function readWorkers(text: string, embedded: boolean): number {
  const most = embedded ? MOST_WORKERS.embedded : MOST_WORKERS.other
  if (/^[1-9]\d?$/.test(text) && Number(text) <= most) return Number(text)
  throw new Error(`must be a whole number, 1 to ${most}${embedded ? ' on the embedded PostgreSQL' : ''}`)
}

function readLogLevel(text: string | undefined): string {
  if (!text) return 'info'
  if (!['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'].includes(text)) {
    throw new Error('must be fatal, error, warn, info, debug, trace or silent')
  }
  return text
}

function readLimit(text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error('must be a whole number above 0')
  return Number(text)
}

function readHours(text: string | undefined): number | undefined {
  if (!text) return undefined
  if (!/^\d{1,4}$/.test(text)) throw new Error('must be a whole number of hours, 0 to 9999')
  return Number(text)
}

function readChoice(text: string | undefined): boolean {
  if (text && text !== 'yes' && text !== 'no') throw new Error('must be yes or no')
  return text === 'yes'
}

function readSmtpUrl(text: string | undefined): string | null {
  if (!text) return null
  // The text holds a password, so no message repeats it.
  const url = URL.parse(text)
  if (!url || !/^smtps?:$/.test(url.protocol) || !url.hostname) throw new Error('must be smtp://… or smtps://…')
  return text
}

function readEndpoint(text: string | undefined): string | undefined {
  if (!text) return undefined
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('must be http://… or https://…')
  return url.href
}

/** `name=value` pairs with commas between them, values as in an address (OpenTelemetry's configuration). */
function readHeaders(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').filter((part) => part.trim() !== '')
  return Object.fromEntries(
    pairs.map((pair) => {
      const [, name, value = ''] = /^\s*([A-Za-z0-9-]+)=(.*)$/.exec(pair) ?? []
      // Its value is a secret, so no message repeats it.
      if (name === undefined || /\p{Cc}/u.test(value)) throw new Error('must be name=value, separated by commas')
      return [name.toLowerCase(), decodeURIComponent(value.trim())]
    }),
  )
}

function readMailFrom(text: string | undefined): string | undefined {
  if (!text) return undefined
  if (!/^(?:[^<>\p{Cc}]*<[^\s<>@]+@[^\s<>@]+>|[^\s<>@,]+@[^\s<>@,]+)$/u.test(text)) {
    throw new Error('must be an address, or a name and <an address>')
  }
  return text
}

function readBlocks(text: string | undefined): string[] {
  const parts = (text ?? '').split(',').map((part) => part.trim())
  return parts
    .filter((part) => part !== '')
    .map((part) => {
      const [address = '', bits, more] = part.split('/')
      const most = isIP(address) === 6 ? 128 : 32
      const whole = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most)
      if (!isIP(address) || !whole || more !== undefined) throw new Error(`${part} is no address and no CIDR block`)
      return part
    })
}

/** Where clients reach this server; without configuration the sandbox's own addresses, which are two names of this machine. */
export function publicUrlsOf({ publicUrls, host, port }: Pick<Config, 'publicUrls' | 'host' | 'port'>): string[] {
  if (publicUrls.length > 0) return publicUrls
  const names = host === '127.0.0.1' || host === '0.0.0.0' ? ['localhost', '127.0.0.1'] : [host]
  return names.map((name) => `http://${name}:${port}`)
}

/** What notifications may go to beside the public internet. The sandbox's receivers run beside it. */
export const receiverBlocksOf = ({ mode, webhookAllow = [] }: Pick<Config, 'mode' | 'webhookAllow'>): string[] =>
  mode === 'sandbox' ? [...webhookAllow, '127.0.0.0/8', '::1/128'] : webhookAllow
