import { createWebWallet } from '#sdk/index.ts'
import { type Sandbox, walletIn } from './sandbox.ts'

/** The sandbox's bank puts money into a wallet, so that an example has something to spend. @param amount decimal string */
export async function fund({ url, clients: { gateway } }: Sandbox, target: string, amount: string): Promise<void> {
  const bank = createWebWallet({
    url,
    clientId: gateway.client_id,
    clientSecret: gateway.client_secret,
    signingSecret: gateway.signing_secret,
  })
  const currency = target.split(':')[2] as string
  await bank.fund({ source: walletIn(currency, gateway), target, amount, currency })
}
