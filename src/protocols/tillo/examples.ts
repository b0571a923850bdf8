import type { TilloOperation } from '#sdk/tillo/endpoints.ts'

const value = { amount: '25.00', currency: 'GBP' }
const identified = { client_request_id: 'order-1001-line-1', brand: 'amazon' }
const earlier = { original_client_request_id: 'order-1001-line-1' }
const plastic = { client_request_id: 'order-2001-line-1', brand: 'loop-card-uk' }
const code = '6280123456789012'
const reference = '0197b6a0-2f3c-4a10-8d2e-5b1f0c9a7e42'
const sector = 'marketplace'
const issue = {
  ...identified,
  face_value: value,
  delivery_method: 'code',
  fulfilment_by: 'partner',
  sector,
}

/** Bodies that the API takes, with brands of the sandbox. */
export const exampleBodies: Partial<Record<TilloOperation, object>> = {
  requestFloatTransfer: { float: 'universal-float', currency: 'GBP', amount: '500.00', payment_reference: 'INV-1001' },
  digitalIssue: issue,
  digitalCancel: { ...identified, client_request_id: 'cancel-1001', ...earlier, face_value: value, sector, code },
  digitalReverse: { ...identified, client_request_id: 'reverse-1001', ...earlier, face_value: value, sector },
  digitalOrderCard: { ...issue, client_request_id: 'order-1002-line-1', brand: 'fixed-async-uk' },
  digitalTopUp: { ...identified, client_request_id: 'top-up-1001', face_value: value, sector, reference },
  digitalCheckBalance: {
    ...identified,
    client_request_id: 'balance-1001',
    face_value: { currency: 'GBP' },
    sector,
    ...earlier,
  },
  physicalActivate: { ...plastic, face_value: value, code },
  physicalCancelActivation: {
    ...plastic,
    client_request_id: 'cancel-2001',
    face_value: value,
    code,
    original_client_request_id: 'order-2001-line-1',
  },
  physicalTopUp: { ...plastic, client_request_id: 'top-up-2001', face_value: value, code },
  physicalCancelTopUp: {
    ...plastic,
    client_request_id: 'cancel-2002',
    face_value: value,
    code,
    original_client_request_id: 'top-up-2001',
  },
  physicalFulfilOrder: { ...plastic, client_request_id: 'fulfil-2001', code, face_value: value, reference },
  physicalCheckBalance: { ...plastic, client_request_id: 'balance-2001', code, face_value: { currency: 'GBP' } },
  physicalCashOut: { ...plastic, client_request_id: 'cash-out-2001', code },
  physicalOrderCard: {
    ...plastic,
    client_request_id: 'order-2002-line-1',
    face_value: value,
    shipping_method: 'standard',
    fulfilment_by: 'rewardcloud',
    fulfilment_parameters: {
      to_name: 'Ana Núñez',
      address_1: '1 Example Street',
      postal_code: 'EX1 1EX',
      country: 'GB',
    },
  },
  physicalOrderStatus: { references: [reference] },
}

const success = (message: string, data: object) => ({ code: '000', status: 'success', message, data })
const money = (amount: number) => ({ currency: 'GBP', amount })

/** Answers, where one says more than its schema. */
export const exampleAnswers: Partial<Record<TilloOperation, object>> = {
  digitalIssue: success('Card created successfully', {
    brand: 'amazon',
    code: '6280123456789012',
    pin: '4711',
    barcode: { type: 'C128', string: '6280123456789012' },
    expiration_date: '2028-11-22T00:00:00.000Z',
    face_value: money(25),
    cost_value: money(23.88),
    discount: 4.5,
    float_balance: money(99_976.12),
    reference,
  }),
  digitalReverse: success('Card reversed successfully', { reference, float_balance: money(100_000) }),
  digitalCheckBalance: success('Card balance retrieved successfully', { face_value: money(25) }),
  checkFloats: {
    code: '000',
    status: 'success',
    data: {
      floats: { GBP: { 'universal-float': { available_balance: 100_000, pending_payments: 0 } } },
      last_refreshed_at: '2026-11-22T08:00:00.000Z',
    },
  },
  physicalOrderStatus: success('Orders retrieved successfully', { [reference]: { status: 'received' } }),
}
