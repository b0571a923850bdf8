import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import { freePort } from '../test/support/server-process.ts'
import type { Host } from './support/network.ts'

/** Starts a program on a host, in its folder, where its log is. */
export type Run = (
  host: Host,
  command: string,
  args: readonly string[],
  folder: string,
  env?: Record<string, string>,
) => ChildProcess

export type EtcdPlace = { readonly name: string; readonly host: Host; readonly folder: string; readonly client: number }

/** One member on each of the places, by the settings in `deploy/patroni/etcd.env`. */
export async function startEtcd(run: Run, places: readonly EtcdPlace[]): Promise<ChildProcess[]> {
  const at = ({ address }: Host, port: number) => `http://${address}:${port}`
  const peers = new Map<EtcdPlace, string>()
  for (const place of places) peers.set(place, at(place.host, await freePort()))
  const cluster = places.map((place) => `${place.name}=${peers.get(place)}`).join()
  return places.map((place) => {
    const { name, host, folder, client } = place
    const peer = peers.get(place) as string
    const settings = {
      ETCD_NAME: name,
      ETCD_DATA_DIR: join(folder, 'data'),
      ETCD_LISTEN_PEER_URLS: peer,
      ETCD_LISTEN_CLIENT_URLS: at(host, client),
      ETCD_INITIAL_ADVERTISE_PEER_URLS: peer,
      ETCD_ADVERTISE_CLIENT_URLS: at(host, client),
      ETCD_INITIAL_CLUSTER: cluster,
      ETCD_INITIAL_CLUSTER_STATE: 'new',
      ETCD_INITIAL_CLUSTER_TOKEN: 'billfold',
      ETCD_ENABLE_V2: 'true',
      ETCD_HEARTBEAT_INTERVAL: '100',
      ETCD_ELECTION_TIMEOUT: '1000',
      ETCD_PRE_VOTE: 'true',
    }
    return run(host, 'etcd', [], folder, settings)
  })
}
