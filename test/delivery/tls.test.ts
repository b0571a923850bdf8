import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import { type AddressInfo, connect as netConnect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { createAddressRules } from '../../src/delivery/address-rules.ts'
import { dial } from '../../src/delivery/dial.ts'
import { checkTarget } from '../../src/delivery/guard.ts'

const missing = spawnSync('openssl', ['version']).error ? { skip: 'there is no openssl' } : {}

test('over TLS the name proves itself, whichever address was dialled', missing, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'billfold-tls-'))
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const wish = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const names = ['-subj', '/CN=shop.example', '-addext', 'subjectAltName=DNS:shop.example']
  execFileSync('openssl', ['req', ...wish, ...names, '-keyout', key, '-out', cert], { stdio: 'ignore' })
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, readFileSync(cert, 'utf8')])
  t.after(() => setDefaultCACertificates(before))
  const asked: (string | undefined)[] = []
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (req, res) => {
    asked.push(req.headers.host)
    res.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const dialled: string[] = []
  const send = async (name: string) => {
    const target = await checkTarget(`https://${name}:${port}/hooks`, createAddressRules([]), async () => [
      '93.184.215.14',
      '93.184.215.15',
    ])
    const connect = (address: string, to: number) => {
      dialled.push(address)
      // The first address takes no connections: nothing listens at port 1 of this machine.
      return netConnect({ host: '127.0.0.1', port: address.endsWith('.14') ? 1 : to })
    }
    return dial(target, { headers: {}, body: '{}' }, { connect, timeout: 5_000, mostBytes: 1_000 })
  }
  assert.equal((await send('shop.example')).status, 204)
  assert.deepEqual(dialled, ['93.184.215.14', '93.184.215.15'])
  assert.deepEqual(asked, [`shop.example:${port}`])
  await assert.rejects(send('other.example'), /ERR_TLS_CERT_ALTNAME_INVALID/)
  assert.equal(asked.length, 1)
  setDefaultCACertificates(before)
  await assert.rejects(send('shop.example'), /DEPTH_ZERO_SELF_SIGNED_CERT/)
})
