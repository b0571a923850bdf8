/**
 * What production does not start on although it could be read. A line for each, with what to do instead.
 * @param keys as they were given, the current one first
 */
export function insecureSettings(
  env: Readonly<Record<string, string | undefined>>,
  { keys, proxies, receivers }: { keys: readonly Buffer[] | null; proxies: string[]; receivers: string[] },
): string[] {
  const problems: string[] = []
  if (!env.BILLFOLD_KEY) problems.push('BILLFOLD_KEY: production needs a key of its own, 32 bytes in hex or base64')
  // Of 32 random bytes nearly all differ: a key of a few is a placeholder that somebody forgot.
  if (keys?.some((key) => new Set(key).size < 12)) problems.push('BILLFOLD_KEY: this is no random key')
  if (!env.BILLFOLD_PUBLIC_URL) problems.push('BILLFOLD_PUBLIC_URL: production needs the URL that clients use')
  if (env.BILLFOLD_SMTP_URL && !env.BILLFOLD_MAIL_FROM)
    problems.push('BILLFOLD_MAIL_FROM: production needs an address that mails come from')
  if (!env.DATABASE_URL) problems.push('DATABASE_URL: production needs a PostgreSQL that is backed up')
  for (const block of proxies.filter(isEverybody))
    problems.push(`BILLFOLD_TRUSTED_PROXIES: ${block} lets everybody choose the address that limits count by`)
  for (const block of receivers.filter(isEverybody))
    problems.push(`BILLFOLD_WEBHOOK_ALLOW: ${block} lets webhooks reach everything inside your network`)
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    problems.push('NODE_TLS_REJECT_UNAUTHORIZED: 0 takes any certificate for the right one; unset it')
  return problems
}

/** A block so large that it can only be meant as "all": no operator has a sixteenth of the internet. */
function isEverybody(block: string): boolean {
  const [, bits] = block.split('/')
  return bits !== undefined && Number(bits) < 4
}
