import type { Effect } from '../ledger/command.ts'
import type { Brand, CodeScheme } from './brands.ts'
import type { Sql } from './database.ts'

/** Written with the opening of the brand's accounts. A taken slug breaks the constraint of that name. */
export const brandCreated: Effect = {
  name: 'brand-created',
  text: `insert into brand (id, slug, name, asset_id, countries, categories, fixed_values, min_value, max_value, step_value,
      discount_bp, discount_keeper, validity_days, delivery, barcode, supply, upstream, asynchronous, cancellable, status,
      status_reason, low_stock, texts, settlement_id, revenue_id, breakage_id, created_at, updated_at)
    select id, slug, name, asset_id, countries::text[], categories::text[], fixed_values::bigint[], min_value, max_value,
      step_value, discount_bp, discount_keeper, validity_days, delivery::text[], barcode, supply, upstream, asynchronous,
      cancellable, status, status_reason, low_stock, texts, settlement_id, revenue_id, breakage_id, at, at
    from unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
      $10::bigint[], $11::int[], $12::text[], $13::int[], $14::text[], $15::text[], $16::text[], $17::bytea[], $18::boolean[],
      $19::boolean[], $20::text[], $21::text[], $22::int[], $23::jsonb[], $24::bigint[], $25::bigint[], $26::bigint[],
      $27::timestamptz[])
      as u (id, slug, name, asset_id, countries, categories, fixed_values, min_value, max_value, step_value, discount_bp,
        discount_keeper, validity_days, delivery, barcode, supply, upstream, asynchronous, cancellable, status, status_reason,
        low_stock, texts, settlement_id, revenue_id, breakage_id, at)`,
}
export const BRAND_SLUG = 'brand_slug_key'

export function brandRow(brand: Brand): (string | null)[] {
  const values = valueColumns(brand.values)
  return [
    brand.id,
    brand.slug,
    brand.name,
    String(brand.asset.id),
    arrayText(brand.countries),
    arrayText(brand.categories),
    values.fixed && arrayText(values.fixed.map(String)),
    text(values.min),
    text(values.max),
    text(values.step),
    String(brand.discountBp),
    brand.discountKeeper,
    text(brand.validityDays),
    arrayText(brand.delivery),
    brand.barcode,
    brand.supply,
    brand.upstream && `\\x${brand.upstream.toString('hex')}`,
    String(brand.asynchronous),
    String(brand.cancellable),
    brand.status,
    brand.statusReason,
    String(brand.lowStock),
    JSON.stringify(brand.texts),
    String(brand.settlement),
    String(brand.revenue),
    String(brand.breakage),
    brand.updatedAt.toISOString(),
  ]
}

/** A row: scheme, code, brand. A code that another brand has breaks the constraint of that name. */
export const brandCoded: Effect = {
  name: 'brand-coded',
  text: `insert into brand_code (scheme, code, brand_id) select * from unnest($1::text[], $2::text[], $3::uuid[])`,
}
export const BRAND_CODE = 'brand_code_pkey'

/** What may change about a brand. */
export type BrandChange = Partial<
  Omit<Brand, 'id' | 'slug' | 'asset' | 'supply' | 'settlement' | 'revenue' | 'breakage' | 'updatedAt'>
>

/** Keeps other changes of the brand waiting until the end of the transaction. */
export async function lockBrand(sql: Sql, id: string): Promise<void> {
  await sql.query('select from brand where id = $1 for update', [id])
}

/** Changes what is named, and nothing else. */
export async function updateBrand(sql: Sql, id: string, change: BrandChange, at: Date): Promise<void> {
  const columns: [string, unknown][] = [['updated_at', at]]
  const set = (column: string, value: unknown) => value !== undefined && columns.push([column, value])
  set('name', change.name)
  set('countries', change.countries)
  set('categories', change.categories)
  set('discount_bp', change.discountBp)
  set('discount_keeper', change.discountKeeper)
  set('validity_days', change.validityDays)
  set('delivery', change.delivery)
  set('barcode', change.barcode)
  set('upstream', change.upstream)
  set('asynchronous', change.asynchronous)
  set('cancellable', change.cancellable)
  set('status', change.status)
  set('status_reason', change.statusReason)
  set('low_stock', change.lowStock)
  set('texts', change.texts && JSON.stringify(change.texts))
  if (change.values) {
    const { fixed, min, max, step } = valueColumns(change.values)
    columns.push(['fixed_values', fixed?.map(String) ?? null])
    columns.push(['min_value', min], ['max_value', max], ['step_value', step])
  }
  const assignments = columns.map(([column], i) => `${column} = $${i + 2}`).join(', ')
  await sql.query(`update brand set ${assignments} where id = $1`, [id, ...columns.map(([, value]) => value)])
}

/** Gives the brand another code in a scheme, or (null) none. @returns false when another brand has it */
export async function setBrandCode(
  sql: Sql,
  scheme: CodeScheme,
  code: string | null,
  brandId: string,
): Promise<boolean> {
  await sql.query('delete from brand_code where brand_id = $1 and scheme = $2', [brandId, scheme])
  if (code === null) return true
  const rows = await sql.query(
    'insert into brand_code (scheme, code, brand_id) values ($1, $2, $3) on conflict do nothing returning 1',
    [scheme, code, brandId],
  )
  return rows.length === 1
}

function valueColumns(values: Brand['values']) {
  return values.type === 'fixed'
    ? { fixed: values.values, min: null, max: null, step: null }
    : { fixed: null, min: values.min, max: values.max, step: values.step }
}

const text = (value: bigint | number | null) => (value === null ? null : String(value))

/** A PostgreSQL array literal. */
const arrayText = (values: readonly string[]) =>
  `{${values.map((value) => `"${value.replaceAll(/["\\]/g, '\\$&')}"`).join()}}`
