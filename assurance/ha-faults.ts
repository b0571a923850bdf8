import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster, Node } from './ha-cluster.ts'
import type { Network } from './support/network.ts'

/** What is done to processes of the primary; `rewind` freezes it, and interrupts what is to make a replica of it when it goes on. */
export const PROCESSES = ['crash', 'freeze', 'split', 'rewind'] as const
/**
 * What is done to cables: `cut` takes the primary's, `island` leaves it one server of two, which goes on to reach it, `standby` takes that
 * of the replica that confirms, `flap` the primary's for two seconds, three times.
 */
export const CABLES = ['cut', 'island', 'standby', 'flap'] as const
export type Kind = (typeof PROCESSES)[number] | (typeof CABLES)[number]

export type Struck = {
  heal(): Promise<void> | void
  /** whether another node must be the primary now */
  replaced: boolean
  /** the server that cannot have payments before it is healed */
  shutOff: number | null
}

export async function strike(
  kind: Kind,
  { cluster, network, node }: { cluster: Cluster; network: Network | null; node: Node },
): Promise<Struck> {
  const done = { replaced: true, shutOff: null }
  if (kind === 'crash') {
    await cluster.crash(node)
    return { ...done, heal: () => cluster.start(node) }
  }
  if (kind === 'freeze') return { ...done, heal: await cluster.freeze(node) }
  if (kind === 'rewind') {
    const goOn = await cluster.freeze(node)
    const heal = () => {
      goOn()
      return cluster.interruptRewind(node)
    }
    return { ...done, heal }
  }
  if (kind === 'split') return { ...done, heal: cluster.freezePatroni(node) }
  const { cut, heal } = network as Network
  if (kind === 'cut') cut(node.name)
  if (kind === 'island') cut(node.name, 'first')
  if (kind === 'standby') cut((await cluster.standby()).name)
  for (let i = 0; kind === 'flap' && i < 3; i++) {
    cut(node.name)
    await delay(2_000)
    heal()
    await delay(1_000)
  }
  return { heal, replaced: kind === 'cut' || kind === 'island', shutOff: kind === 'island' ? 0 : null }
}
