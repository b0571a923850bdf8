import type { z } from 'zod'
import { type TilloOperation, tilloEndpoints, tilloSlug } from '#sdk/tillo/endpoints.ts'
import type { TilloErrorCode } from '#sdk/tillo/error-codes.ts'
import type { ApiOperation } from '../../openapi/api.ts'
import { answers, type DataName } from './answers.ts'
import { exampleAnswers, exampleBodies } from './examples.ts'
import * as schema from './schema.ts'

type Documented = {
  summary: string
  description?: string
  /** what the handler reads the body with */
  body?: z.ZodType
  /** what the handler reads the query with */
  query?: z.ZodType
  answer: DataName | 'file'
  errors?: readonly TilloErrorCode[]
}

const ALWAYS = ['434', '210', '211', '433', '600', '604'] as const satisfies TilloErrorCode[]
const BODY = ['070'] as const
const VALUED = ['070', '072', '711', '704', '721', '722', '723', '706'] as const satisfies TilloErrorCode[]
const BOUGHT = [...VALUED, '708', '709', '610', '719', '720', '729'] as const satisfies TilloErrorCode[]
const SOLD = [...BOUGHT, '712', '713', '714', '716', '725', '603'] as const satisfies TilloErrorCode[]
const TAKEN = [
  ...VALUED,
  '100',
  '708',
  '720',
  '724',
  '729',
  '730',
  '732',
  '735',
  '728',
] as const satisfies TilloErrorCode[]
const HELD = [...BOUGHT, '100', '724', '732', '735'] as const satisfies TilloErrorCode[]
const SEEN = ['070', '072', '711', '720', '721', '722', '723', '724', '735'] as const satisfies TilloErrorCode[]

/** What each operation reads, answers and refuses. Total: an endpoint of the SDK that is not documented does not compile. */
const documented: Record<TilloOperation, Documented> = {
  brands: { summary: 'What is sold, by slug', query: schema.queries.brands, answer: 'brands' },
  templates: {
    summary: 'The versions of each brand’s template',
    query: schema.queries.templates,
    answer: 'templates',
    errors: ['072', '711', '716'],
  },
  template: {
    summary: 'A template with the brand’s texts, as an archive',
    query: schema.queries.template,
    answer: 'file',
    errors: ['070', '072', '711', '716'],
  },
  checkStock: {
    summary: 'How many codes of each value are left',
    description: 'Of brands whose `gc_pool` is true.',
    query: schema.queries.checkStock,
    answer: 'stock',
    errors: ['072', '711', '720'],
  },
  checkFloats: {
    summary: 'What can be spent, and what was asked for and is not there yet',
    query: schema.queries.checkFloats,
    answer: 'floats',
    errors: ['721'],
  },
  floatTransferRequests: {
    summary: 'The last 50 requests for money',
    query: schema.queries.floatTransferRequests,
    answer: 'transfers',
    errors: ['721'],
  },
  promotions: {
    summary: 'Promotions that run, and those to come',
    query: schema.queries.promotions,
    answer: 'promotions',
  },
  requestFloatTransfer: {
    summary: 'Asks the operator to put money into a float',
    description: 'It has no request id: sent twice, it asks twice, unless it has a `payment_reference`.',
    body: schema.floatRequest,
    answer: 'receipt',
    errors: [...BODY, '704', '709', '721', '722'],
  },
  digitalIssue: { summary: 'Sells a card at once', body: schema.issue, answer: 'card', errors: SOLD },
  digitalCancel: {
    summary: 'Takes a card back',
    description: 'With a body, although it is a `DELETE`.',
    body: schema.cancel,
    answer: 'taken',
    errors: TAKEN,
  },
  digitalReverse: {
    summary: 'Takes an issue back by its request id',
    description: 'For 48 hours; also one whose answer was lost.',
    body: schema.reverse,
    answer: 'taken',
    errors: TAKEN,
  },
  digitalOrderCard: { summary: 'Orders a card that comes later', body: schema.issue, answer: 'order', errors: SOLD },
  digitalOrderStatus: {
    summary: 'The card, or what became of the order',
    description: 'By exactly one of its `reference` and its `original_client_request_id`.',
    query: schema.queries.digitalOrderStatus,
    answer: 'orderStatus',
  },
  digitalTopUp: { summary: 'Sells value onto a card', body: schema.topUp, answer: 'loaded', errors: HELD },
  digitalCheckBalance: {
    summary: 'What is on a card',
    description: '50 requests a minute.',
    body: schema.checkBalance,
    answer: 'balance',
    errors: SEEN,
  },
  physicalActivate: {
    summary: 'Gives a printed card its value',
    body: schema.physicalLoad,
    answer: 'loaded',
    errors: HELD,
  },
  physicalCancelActivation: {
    summary: 'Takes an activation back',
    body: schema.physicalCancel,
    answer: 'plasticTaken',
    errors: TAKEN,
  },
  physicalTopUp: {
    summary: 'Sells value onto a printed card',
    body: schema.physicalLoad,
    answer: 'loaded',
    errors: HELD,
  },
  physicalCancelTopUp: {
    summary: 'Takes a top-up back',
    body: schema.physicalCancel,
    answer: 'plasticTaken',
    errors: TAKEN,
  },
  physicalFulfilOrder: {
    summary: 'Says which card was sent',
    body: schema.physicalFulfil,
    answer: 'fulfilled',
    errors: [...VALUED, '100', '708', '720', '724', '730'],
  },
  physicalCheckBalance: {
    summary: 'What is on a printed card',
    description: '50 requests a minute.',
    body: schema.physicalBalance,
    answer: 'balance',
    errors: SEEN,
  },
  physicalCashOut: {
    summary: 'Gives the float what is left, and ends the card',
    body: schema.physicalCashOut,
    answer: 'plasticTaken',
    errors: ['070', '072', '711', '100', '704', '708', '720', '724', '729', '730', '732', '735'],
  },
  physicalOrderCard: {
    summary: 'Orders a printed card by post',
    description: 'The float is held until somebody has sent a card.',
    body: schema.physicalOrder,
    answer: 'order',
    errors: [...BOUGHT, '716'],
  },
  physicalOrderStatus: {
    summary: 'What became of such orders',
    description: 'A reference that is not known is no error: its status is `not found`.',
    body: schema.physicalStatus,
    answer: 'plasticStatus',
    errors: BODY,
  },
}

const tagOf = (path: string) => (/^(digital|physical|float)/.exec(path)?.[1] ?? 'catalogue').replace('float', 'floats')

const operationOf = (id: TilloOperation): ApiOperation<TilloErrorCode> => {
  const { summary, description, body, query, answer, errors = [] } = documented[id]
  const { method, path, forms } = tilloEndpoints[id]
  const file = { description: 'A ZIP archive', schema: schema.file, type: 'application/zip' }
  const example = exampleAnswers[id]
  return {
    method,
    path: `/${path}`,
    id,
    tag: id === 'checkFloats' ? 'floats' : tagOf(path),
    summary,
    ...(description !== undefined && { description }),
    ...(query && { query }),
    ...(body && { body: { schema: body, examples: { request: { value: exampleBodies[id] } } } }),
    answers: {
      200:
        answer === 'file'
          ? file
          : { description: 'Done', schema: answers[answer], ...(example !== undefined && { example }) },
    },
    errors: [...ALWAYS, ...(method === 'GET' ? [] : (['070'] as const)), ...errors],
    ...(body && { unusual: { 413: ['999'], 415: ['999'] } }),
    signing: { scheme: 'tillo', endpoint: tilloSlug(path), fields: [...(forms[0] ?? [])] },
  }
}

export const operations: readonly ApiOperation<TilloErrorCode>[] = (
  Object.keys(tilloEndpoints) as TilloOperation[]
).map(operationOf)
