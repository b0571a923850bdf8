import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAddressRules } from '../../src/delivery/address-rules.ts'
import { checkTarget, GuardRefusal, readReceiverUrl } from '../../src/delivery/guard.ts'

const rules = createAddressRules([])
const nowhere = () => Promise.reject(new Error('no name is asked for'))
const refused = (url: string, resolve: (name: string) => Promise<string[]> = nowhere) =>
  assert.rejects(checkTarget(url, rules, resolve), GuardRefusal, url)

/** Each of these went through a guard that only looked at what names resolve to. */
const LITERALS: Record<string, string[]> = {
  loopback: ['127.0.0.1', '127.1', '127.255.255.254', '127.0.0.1.', '[::1]', '[0:0:0:0:0:0:0:1]'],
  'decimal, octal and hexadecimal spellings': [
    '2130706433',
    '0x7f.1',
    '0x7f000001',
    '0177.0.0.1',
    '017700000001',
    '127.0.1',
  ],
  'full-width digits': ['１２７.０.０.１'],
  'the host itself': ['0.0.0.0', '0', '[::]'],
  'IPv4 inside IPv6': [
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:a9fe:a9fe]',
    '[::127.0.0.1]',
    '[64:ff9b::7f00:1]',
  ],
  '6to4 and Teredo, which lead to an IPv4 address': ['[2002:7f00:1::]', '[2001:0:7f00:1::]'],
  'link-local, with the metadata services of clouds': [
    '169.254.169.254',
    '169.254.0.1',
    '[fe80::1]',
    '2852039166',
    '0xA9FEA9FE',
  ],
  'private networks': ['10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1'],
  'unique local addresses': ['[fc00::1]', '[fd00::1]', '[fd00:ec2::254]'],
  'carrier-grade NAT': ['100.64.0.1', '100.127.255.254', '100.100.100.200'],
  'multicast and broadcast': ['224.0.0.1', '239.255.255.255', '255.255.255.255', '[ff02::1]'],
  'documentation, benchmarking, protocol assignments': [
    '192.0.2.1',
    '198.51.100.1',
    '203.0.113.1',
    '198.18.0.1',
    '192.0.0.192',
    '[2001:db8::1]',
    '[3fff::1]',
  ],
  reserved: ['240.0.0.1', '[100::1]', '[4000::1]', '[5f00::1]'],
}

for (const [what, hosts] of Object.entries(LITERALS)) {
  test(`no literal address is called that is ${what}`, async () => {
    for (const host of hosts) {
      await refused(`https://${host}/`)
      assert.throws(() => readReceiverUrl(`https://${host}:8443/x`, rules), GuardRefusal, host)
    }
  })
}

test('a name is refused if any of its addresses is not public', async () => {
  await refused('https://one.example/', async () => ['127.0.0.1'])
  await refused('https://mixed.example/', async () => ['93.184.215.14', '10.0.0.1'])
  await refused('https://mapped.example/', async () => ['::ffff:10.0.0.1'])
  await refused('https://zone.example/', async () => ['fe80::1%eth0'])
  await refused('https://none.example/', async () => [])
  await refused('https://gone.example/', () => Promise.reject(new Error('ENOTFOUND')))
  await refused('https://odd.example/', async () => ['not an address'])
})

test('what was checked is what will be dialled', async () => {
  const resolve = async (name: string) => {
    assert.equal(name, 'shop.example')
    return ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c']
  }
  const { addresses, url } = await checkTarget('https://shop.example/hooks?a=b', rules, resolve)
  assert.deepEqual(addresses, ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'])
  assert.equal(url.host, 'shop.example')
})

test('a name is looked up at every check, and what it has become counts', async () => {
  const answers = [['93.184.215.14'], ['127.0.0.1']]
  const resolve = async () => answers.shift() as string[]
  await checkTarget('https://rebinding.example/', rules, resolve)
  await refused('https://rebinding.example/', resolve)
})

test('only https, at the usual ports or above 1023, without user names and fragments', async () => {
  const resolve = async () => ['93.184.215.14']
  for (const url of [
    'http://shop.example/',
    'ftp://shop.example/',
    'file:///etc/passwd',
    'gopher://shop.example/',
    'shop.example',
    'https://',
    '',
  ])
    await refused(url, resolve)
  for (const url of [
    'https://user@shop.example/',
    'https://user:secret@shop.example/',
    'https://shop.example@127.0.0.1/',
    'https://shop.example/#x',
  ])
    await refused(url, resolve)
  for (const port of [22, 25, 80, 110, 993]) await refused(`https://shop.example:${port}/`, resolve)
  await checkTarget('https://shop.example:8443/', rules, resolve)
  await checkTarget('https://shop.example:443/', rules, resolve)
})

test('what the operator allows may be called by http and at any port, and nothing beside it', async () => {
  const own = createAddressRules(['10.1.0.0/16', '192.168.7.9', 'fd12::/16'])
  const resolve = async (name: string) => (name === 'inside.example' ? ['10.1.2.3'] : ['10.2.0.1'])
  assert.deepEqual((await checkTarget('http://inside.example:81/', own, resolve)).addresses, ['10.1.2.3'])
  for (const url of ['http://192.168.7.9/', 'https://[fd12::1]/', 'http://[::ffff:10.1.0.1]/'])
    await checkTarget(url, own, nowhere)
  await assert.rejects(checkTarget('https://other.example/', own, resolve), GuardRefusal)
  await assert.rejects(checkTarget('https://192.168.7.8/', own, nowhere), GuardRefusal)
  // One address inside does not open plain HTTP to the other one outside.
  await assert.rejects(
    checkTarget('http://half.example/', own, async () => ['10.1.2.3', '93.184.215.14']),
    GuardRefusal,
  )
})
