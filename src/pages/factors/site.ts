import { isIP } from 'node:net'
import type { Config } from '../../config.ts'
import type { PasskeySite } from '../../credentials/passkey.ts'
import type { PageContext } from '../env.ts'

type SiteConfig = Pick<Config, 'mode' | 'publicUrls'>

/**
 * Where passkeys of this server belong: the host of its first public URL (Web Authentication level 3, section 5.1.3: a domain, never an
 * address) with the origins under it. The sandbox is also reached as `localhost`.
 * @returns null on a page that was reached under another name, where no browser would use one
 */
export function passkeySite(config: SiteConfig, c: PageContext): PasskeySite | null {
  const host = c.req.header('host') ?? ''
  const asked = URL.parse(`http://${host}`)
  if (config.mode === 'sandbox' && asked?.hostname === 'localhost')
    return { rpId: 'localhost', origins: [asked.origin] }
  const [first] = config.publicUrls
  if (first === undefined) return null
  const rpId = new URL(first).hostname
  if (isIP(rpId.replace(/^\[|\]$/g, '')) !== 0) return null
  const origins = config.publicUrls.filter((url) => belongs(new URL(url).hostname, rpId))
  return origins.some((url) => new URL(url).host === host) ? { rpId, origins } : null
}

const belongs = (hostname: string, rpId: string) => hostname === rpId || hostname.endsWith(`.${rpId}`)
