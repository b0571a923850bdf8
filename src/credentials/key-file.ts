import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { KeyringError } from './keyring.ts'

const FILE = 'key'

/**
 * Reads `BILLFOLD_KEY`: 32-byte keys in hex or base64, separated by commas; the first is current, the rest only open what
 * they sealed. Errors name the position, never the text.
 */
export function parseKeys(text: string): Buffer[] {
  return text.split(',').map((part, index) => {
    const trimmed = part.trim()
    const key = /^[0-9a-f]{64}$/i.test(trimmed) ? Buffer.from(trimmed, 'hex') : fromBase64(trimmed)
    if (key?.length !== 32) throw new KeyringError(`key ${index + 1} is not 32 bytes in hex or base64`)
    return key
  })
}

const fromBase64 = (text: string) => (/^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text, 'base64url') : undefined)

/**
 * The keys of `<home>/key`; made on the first start, mode 0600. Two starts at once get the same key.
 * @throws {KeyringError} when others may read the file or it holds no key
 */
export async function loadOrCreateKey(home: string): Promise<Buffer[]> {
  const path = join(home, FILE)
  const existing = await readKeys(path)
  if (existing) return existing

  await mkdir(home, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(8).toString('hex')}`
  const file = await open(draft, 'wx', 0o600)
  try {
    await file.writeFile(`${randomBytes(32).toString('base64')}\n`)
    await file.sync()
  } finally {
    await file.close()
  }
  // A link fails when the name is taken, so whoever comes second reads the first one's key; and it is never half written.
  await link(draft, path).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
  await unlink(draft)
  await syncFolder(home)
  const keys = await readKeys(path)
  if (!keys) throw new KeyringError(`the key file ${path} vanished while it was made`)
  return keys
}

async function readKeys(path: string): Promise<Buffer[] | undefined> {
  try {
    const { mode } = await stat(path)
    if ((mode & 0o077) !== 0) throw new KeyringError(`others may read ${path}: chmod 600 it`)
    return parseKeys(await readFile(path, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

// The new name must survive a power cut before anything is sealed with the key.
async function syncFolder(path: string) {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
