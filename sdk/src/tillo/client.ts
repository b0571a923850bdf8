import type { HttpAnswer } from '../protocol/http.ts'
import { sleep } from '../protocol/repeat.ts'
import { type Check, ShapeError } from '../protocol/shape.ts'
import { readData } from './answer.ts'
import type { TilloTemplateFile } from './catalogue.ts'
import type { TilloOperation } from './endpoints.ts'
import { TilloError } from './error.ts'
import { tilloReadings } from './readings.ts'
import { checkRequest, isOfValue } from './requests.ts'
import * as shapes from './shapes.ts'
import { createTransport } from './transport.ts'
import type { Tillo, TilloCallOptions, TilloDigital, TilloOptions } from './types.ts'
import type { TilloCard, TilloIssueRequest, TilloOrder, TilloOrderQuery, TilloOrderStatus } from './wire.ts'

/**
 * A client of Tillo's API, the vendor's or a Billfold's. What has a `client_request_id` is repeated with it, each time under a new
 * timestamp and signature, until an answer arrives or the options' limits are reached.
 *
 * Throws a `TypeError` for credentials that can't stand in a header. Keep them on a server: whoever has them spends the floats.
 */
export function createTillo(options: TilloOptions): Tillo {
  const call = createTransport(options)

  function read<T>(operation: TilloOperation, shape: Check<T>, query: object = {}, { signal }: TilloCallOptions = {}) {
    const facts = { clientRequestId: null, kind: 'read', earlier: 'no' } as const
    return call({ operation, query: queryOf(query), read: readData(shape), facts, signal })
  }

  /** A request with an id of its own, made here if it has none. */
  const write =
    <Request extends { client_request_id?: string }, T extends object>(
      operation: TilloOperation,
      shape: Check<T>,
      fits: (request: Request, data: T) => boolean = () => true,
    ) =>
    async (request: Request, { signal }: TilloCallOptions = {}): Promise<T> => {
      const clientRequestId = request.client_request_id ?? crypto.randomUUID()
      const body = { ...request, client_request_id: clientRequestId }
      checkRequest(body)
      const facts = { clientRequestId, kind: 'write', earlier: 'no' } as const
      const data = await call({ operation, body, read: readData(shape), facts, signal })
      if (fits(request, data)) return data
      const message = 'The card is of another value than the one asked for'
      throw new TilloError('answer-mismatch', message, { status: 200, clientRequestId, applied: 'unknown' })
    }

  const orderStatus: TilloDigital['orderStatus'] = (query, { signal } = {}) => {
    const facts = { clientRequestId: orderIdOf(query), kind: 'read', earlier: 'unknown' } as const
    const reading = { operation: 'digitalOrderStatus', query: queryOf(query), facts, signal } as const
    return call({ ...reading, read: readData(shapes.orderStatus) })
  }

  return {
    digital: {
      issue: write<TilloIssueRequest, TilloCard>('digitalIssue', shapes.card, isOfValue),
      cancel: write('digitalCancel', shapes.cancellation),
      reverse: write('digitalReverse', shapes.cancellation),
      orderCard: write<TilloIssueRequest, TilloOrder>('digitalOrderCard', shapes.order, isOfValue),
      orderStatus,
      async awaitOrder(query, { interval = tilloReadings.orderInterval, patience = 300_000, ...reading } = {}) {
        for (let waited = 0; ; waited += interval) {
          const order = await orderStatus(query, reading)
          if (isFinished(order, orderIdOf(query))) return order
          if (waited + interval > patience) throw orderError('still-processing', orderIdOf(query), 'unknown')
          await sleep(interval, reading.signal)
        }
      },
      topUp: write('digitalTopUp', shapes.card),
      checkBalance: write('digitalCheckBalance', shapes.cardBalance),
    },
    physical: {
      activate: write('physicalActivate', shapes.physicalResult),
      cancelActivation: write('physicalCancelActivation', shapes.physicalResult),
      topUp: write('physicalTopUp', shapes.physicalResult),
      cancelTopUp: write('physicalCancelTopUp', shapes.physicalResult),
      cashOut: write('physicalCashOut', shapes.physicalResult),
      orderCard: write('physicalOrderCard', shapes.physicalResult),
      orderStatus: (body, { signal } = {}) => {
        const facts = { clientRequestId: null, kind: 'read', earlier: 'no' } as const
        const request = { operation: 'physicalOrderStatus', body, facts, signal } as const
        return call({ ...request, read: readData(shapes.physicalOrders) })
      },
      fulfilOrder: write('physicalFulfilOrder', shapes.physicalResult),
      checkBalance: write('physicalCheckBalance', shapes.physicalResult),
    },
    async brands(query, callOptions) {
      const data = await read('brands', shapes.brands, query, callOptions)
      return { ...data, brands: shapes.asRecord(data.brands) }
    },
    async templates(query, callOptions) {
      const data = await read('templates', shapes.templates, query, callOptions)
      return { ...data, templates: recordOfRecords(data.templates) }
    },
    template: (query, { signal } = {}) => {
      const facts = { clientRequestId: null, kind: 'read', earlier: 'no' } as const
      return call({ operation: 'template', query: queryOf(query), read: readFile, facts, signal })
    },
    async promotions(callOptions) {
      const data = await read('promotions', shapes.promotions, {}, callOptions)
      return { ...data, standard: shapes.asRecord(data.standard) }
    },
    checkStock: async (query, callOptions) =>
      recordOfRecords(await read('checkStock', shapes.stock, query, callOptions)),
    async checkFloats(query, callOptions) {
      const data = await read('checkFloats', shapes.floats, query, callOptions)
      return { ...data, floats: recordOfRecords(data.floats) }
    },
    floatTransferRequests: (query, callOptions) => read('floatTransferRequests', shapes.transfers, query, callOptions),
    async requestFloatTransfer(body, { signal } = {}) {
      checkRequest({ face_value: body })
      const facts = { clientRequestId: null, kind: 'once', earlier: 'no' } as const
      const request = { operation: 'requestFloatTransfer', body, facts, signal } as const
      return call({ ...request, read: readData(shapes.transferReceipt) })
    },
  }
}

function queryOf(values: object): URLSearchParams {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value !== undefined) query.set(name, String(value))
  return query
}

const orderIdOf = (query: TilloOrderQuery): string | null =>
  'original_client_request_id' in query ? query.original_client_request_id : null

function isFinished({ status }: TilloOrderStatus, clientRequestId: string | null): boolean {
  if (status === 'ERROR') throw orderError('order-failed', clientRequestId, 'no')
  if (status === 'CANCELLED') throw orderError('order-cancelled', clientRequestId, 'no')
  return status === 'SUCCESS'
}

const orderWords = {
  'order-failed': 'The order failed; the float has its money again',
  'order-cancelled': 'The order was cancelled',
  'still-processing': 'The order is still at work',
}

const orderError = (code: keyof typeof orderWords, clientRequestId: string | null, applied: 'no' | 'unknown') =>
  new TilloError(code, orderWords[code], { status: 200, clientRequestId, applied })

const recordOfRecords = <T>(value: shapes.Listed<shapes.Listed<T>>): Record<string, Record<string, T>> =>
  Object.fromEntries(Object.entries(shapes.asRecord(value)).map(([name, inner]) => [name, shapes.asRecord(inner)]))

function readFile({ bytes, header }: HttpAnswer): TilloTemplateFile {
  // The files of a zip archive begin with "PK".
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) throw new ShapeError('', 'a zip archive')
  const named = /filename="?([^";]+)"?/i.exec(header('content-disposition') ?? '')
  return { bytes, filename: named?.[1] ?? null }
}
