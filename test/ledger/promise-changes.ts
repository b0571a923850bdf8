/** An id that nothing has. */
export const OTHER_UUID = '00000000-0000-4000-8000-000000000000'
const OTHER = `'${OTHER_UUID}'`
const least = (id: string, table: string) => `${id} = (select min(${id}::text)::uuid from ${table})`

/**
 * What somebody changes at once, each in another row or table, and what the audit then says of the tables of the wallet API's promises,
 * with ID for every id, sorted.
 */
export const promiseChanges: readonly { readonly changes: readonly string[]; readonly says: readonly string[] }[] = [
  {
    changes: [
      'update invoice set issuer = issuer + 1 where status = 0',
      `update invoice set created_at = created_at - interval '1 s' where status = 1`,
      `update invoice set settled_by = ${OTHER} where status = 2`,
      'update transaction_token set audience = 1, counterparty = 2 where status = 0',
      'update transaction_token set amount = amount + 1 where status = 1',
      `update transaction_token set ended_by = ${OTHER} where status = 2`,
      `update refund set original_id = ${OTHER} where ${least('transaction_id', 'refund')}`,
      `update refill set amount = amount - 1 where ${least('transaction_id', 'refill')}`,
      'update refill_policy set per_period = per_period + 1 where version = 2',
    ],
    says: [
      'invoice: issuer: not what its transaction says',
      'invoice: its times are not those of its transactions',
      'invoice: its times are not those of its transactions; transaction ID does not end it so',
      'invoice: transaction ID settled it, but it names ID',
      'refill: it is not what its transaction has moved',
      'refill_policy: per_period: not what its transaction says',
      'refill_use: it says that 400 of 5000 was drawn, but it was 399 of 5001',
      'refund: its original is not the one that its transaction names; it does not send back what ID has sent',
      'refund_total: it says that 400 of 500 was refunded, but it was 200 of 500',
      'refund_total: it says that null of null was refunded, but it was 200 of null',
      'transaction_token: amount: not what its transaction says; transaction ID does not use it',
      'transaction_token: audience, counterparty: not what its transaction says',
      'transaction_token: its times are not those of its transactions; transaction ID does not revoke it',
      'transaction_token: transaction ID ended it, but it names ID',
    ],
  },
  {
    changes: [
      `update invoice set expires_at = expires_at + interval '1 s', amount = amount + 1, debtor = debtor + 1 where status = 1`,
      `update transaction_token set endpoint = 'payments', active_at = now() where status = 1`,
      'update refund_total set amount = amount + 1, refunded = refunded - 1',
      'update refill set per_refill = per_refill + 1',
      'delete from refill_policy where version = 1',
    ],
    says: [
      'invoice: debtor, amount, expires_at: not what its transaction says; transaction ID does not pay it',
      'refill: it is not what its policy allows',
      'refill: it is not what its policy allows',
      'refill_policy: the policy of transaction ID does not exist',
      'refill_policy: the policy of transaction ID does not exist',
      'refill_policy: the version before it is missing',
      'refund_total: it says that 399 of 501 was refunded, but it was 400 of 500',
      'transaction_token: endpoint, active_at: not what its transaction says; transaction ID does not use it',
    ],
  },
  {
    changes: [
      'delete from invoice where status in (0, 1)',
      'delete from transaction_token where status < 2',
      'delete from refund',
      'delete from refill',
      'delete from refill_policy',
    ],
    says: [
      'invoice: the invoice of this transaction does not exist',
      'invoice: the invoice of this transaction does not exist',
      'refill: the refill of this transaction does not exist',
      'refill: the refill of this transaction does not exist',
      'refill_policy: the policy of transaction ID does not exist',
      'refill_policy: the policy of transaction ID does not exist',
      'refill_policy: the policy of transaction ID does not exist',
      'refill_use: it says that 400 of 5000 was drawn, but it was null of null',
      'refund: the refund of this transaction does not exist',
      'refund: the refund of this transaction does not exist',
      'refund_total: it says that 400 of 500 was refunded, but it was null of 500',
      'transaction_token: the token of this transaction does not exist',
      'transaction_token: the token of this transaction does not exist',
    ],
  },
  {
    changes: [
      `update invoice set id = ${OTHER} where status = 0`,
      `update transaction_token set id = ${OTHER} where status = 0`,
      `update refund set transaction_id = ${OTHER} where ${least('transaction_id', 'refund')}`,
      `update refill set transaction_id = ${OTHER} where ${least('transaction_id', 'refill')}`,
      `update refill_policy set transaction_id = ${OTHER} where ${least('transaction_id', 'refill_policy')}`,
      'update refill_use set used = used + 1',
    ],
    says: [
      'invoice: its transaction does not exist',
      'invoice: the invoice of this transaction does not exist',
      'refill: its transaction does not exist',
      'refill: the refill of this transaction does not exist',
      'refill_policy: its transaction does not exist',
      'refill_policy: the policy of transaction ID does not exist',
      'refill_use: it says that 401 of 5000 was drawn, but it was 400 of 5000',
      'refund: its transaction does not exist',
      'refund: the refund of this transaction does not exist',
      'refund_total: it says that 400 of 500 was refunded, but it was 200 of 500',
      'transaction_token: its transaction does not exist',
      'transaction_token: the token of this transaction does not exist',
    ],
  },
  {
    changes: [
      'update invoice set status = 5 - status where status > 1',
      'update transaction_token set status = 3 - status where status > 0',
      `update refill set starts_at = starts_at + interval '1 s'`,
    ],
    says: [
      'invoice: transaction ID does not end it so',
      'invoice: transaction ID does not end it so',
      'refill: its period is not that of its transaction',
      'refill: its period is not that of its transaction',
      'refill_use: it says that 400 of 5000 was drawn, but it was null of null',
      'refill_use: it says that null of null was drawn, but it was 400 of 5000',
      'transaction_token: transaction ID does not revoke it',
      'transaction_token: transaction ID does not use it',
    ],
  },
  {
    changes: [
      `update invoice set settlements = 1, settled_by = ${OTHER} where status = 0`,
      `update transaction_token set ended_by = ${OTHER} where status = 0`,
      'update transaction_token set ends = 0 where status = 1',
    ],
    says: [
      'invoice: its settlements are not those of its status; it is open, but says what settled it',
      'transaction_token: it is open, but says what ended it',
      'transaction_token: its ends are not those of its status',
    ],
  },
]
