import { pageOf, pathOf, queryOf, type Requests, segment } from './requests.ts'
import { checkTransactionToken, type TransactionTokenCheck } from './transaction-token.ts'
import type { IssuedToken, TokenPage } from './types.ts'
import type { WebWallet } from './web-wallet.ts'

type TokenMethods = Pick<WebWallet, 'issueToken' | 'tokens' | 'revokeToken' | 'checkToken' | 'redeemToken'>

/** Methods of transaction tokens. @param trust whose tokens are believed; `clock` in milliseconds since the epoch */
export function createTokenMethods(
  { read, write }: Requests,
  { pay, charge }: Pick<WebWallet, 'pay' | 'charge'>,
  { clock, ...trust }: Pick<TransactionTokenCheck, 'key' | 'issuer'> & { clock: () => number },
): TokenMethods {
  const checkToken: WebWallet['checkToken'] = async (token, options = {}) =>
    checkTransactionToken(token, { ...trust, ...options, now: clock() })

  return {
    async issueToken(params, call) {
      const subject = params.operation === 'charges' ? params.source : params.target
      const payload = { endpoint: 'transactions', ...params }
      return (await write(`${pathOf(subject)}/transactions`, payload, call)) as IssuedToken
    },
    async tokens(id, { after, ...query } = {}) {
      return pageOf(await read(`${pathOf(id)}/tokens${queryOf({ ...query, cursor: after })}`), 'tokens') as TokenPage
    },
    async revokeToken(id, token, call) {
      const path = `${pathOf(id)}/tokens/${segment(token)}/revoke`
      return write(path, { endpoint: 'tokens/revoke', token }, call)
    },
    checkToken,
    async redeemToken(token, wallet, call) {
      // Checked first: what it says becomes the request, and that of a forged one must not.
      const { endpoint, source, target, amount, currency, details, description, metadata } = await checkToken(token)
      const named = (id: string) => (id === '*' ? wallet : id)
      const terms = { amount, currency, details, description, metadata, token }
      return endpoint === 'charges'
        ? charge({ ...terms, source, target: named(target) }, call)
        : pay({ ...terms, payer: named(source), target }, call)
    },
  }
}
