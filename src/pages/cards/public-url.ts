import type { Config } from '../../config.ts'
import { ownOrigins } from '../origin.ts'
import type { PageContext } from '../session.ts'

/** Where this page was asked for, where that is ours; otherwise where we are configured to be. */
export function publicUrl(config: Pick<Config, 'mode' | 'publicUrls'>, c: PageContext): string {
  const host = c.req.header('host')
  const own = ownOrigins(config, host)
  return own.find((origin) => URL.parse(origin)?.host === host) ?? (own[0] as string)
}
