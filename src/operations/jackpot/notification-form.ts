import type { Keyring } from '../../credentials/keyring.ts'
import type { DeliveryForm, DueDelivery } from '../../delivery/form.ts'
import type { Sql } from '../../storage/database.ts'
import { findJackpotAccount } from '../../storage/jackpot-accounts.ts'
import { findPartner } from '../../storage/partners.ts'
import { findVoucher } from '../../storage/vouchers.ts'
import type { Notice } from './notices.ts'
import { readings } from './readings.ts'
import { signedUrlOf, type VoucherView } from './voucher-view.ts'

type Deps = {
  db: Sql
  keyring: Pick<Keyring, 'deriveEach'>
  /** of the signed addresses */
  origin: string
}

const HEADERS = { 'content-type': 'application/json' }

/**
 * Notifications as Jackpot sends them: without a signature, so that whoever gets one asks for the voucher before acting on it.
 * What a receiver answers to the deprecated callback confirms nothing. The address of a card is made at each attempt and kept nowhere.
 */
export function createJackpotForm({ db, keyring, origin }: Deps): DeliveryForm {
  const signed = async (id: string, at: number) => {
    const voucher = await findVoucher(db, { id })
    return voucher && signedUrlOf({ keyring, origin, clock: () => at }, voucher)
  }

  async function callback(delivery: DueDelivery, url: string, at: number) {
    const { notificationKey, voucher } = JSON.parse(delivery.body) as { notificationKey: string; voucher: VoucherView }
    const address = new URL(url)
    address.searchParams.set('notificationKey', notificationKey)
    const { price, signedUrl: _, ...rest } = voucher
    const body = {
      ...rest,
      initialAmount: price,
      url: (await signed(voucher.id, at)) ?? null,
      confirmDate: voucher.confirmDate ?? null,
      sendDate: null,
      paymentState: null,
      customTransactionId: null,
      backUrl: null,
      walletOperationId: null,
    }
    return { url: address.href, headers: HEADERS, body: JSON.stringify(body) }
  }

  return {
    name: 'jackpot',
    pauses: readings.pauses,
    async prepare(delivery, at) {
      const [account, partner] = await Promise.all([
        findJackpotAccount(db, delivery.receiver),
        findPartner(db, { id: delivery.receiver }),
      ])
      if (!account || !partner) return { gone: 'the partner is disabled' }
      if (delivery.topic.startsWith('callback/')) {
        if (account.callbackUrl === null) return { gone: 'the callback is off' }
        return callback(delivery, account.callbackUrl, at)
      }
      const url = delivery.url ?? account.notificationUrl
      if (url === null) return { gone: 'the partner has no notification address' }
      const notice = JSON.parse(delivery.body) as Notice
      if (delivery.topic === readings.couponEvents.ready) {
        const data = notice.message.data as VoucherView
        const signedUrl = await signed(data.id, at)
        notice.message.data = { ...data, ...(signedUrl !== undefined && { signedUrl }) }
      }
      return { url, headers: HEADERS, body: JSON.stringify(notice) }
    },
  }
}
