/** What both APIs of ours call a body that cannot be read. */
export const BODY_CODES = [
  'unsupported-media-type',
  'body-too-large',
  'body-incomplete',
  'body-not-utf8',
  'json-malformed',
  'json-too-large',
  'json-too-deep',
  'json-duplicate-member',
  'json-forbidden-member',
  'json-number-inexact',
  'json-number-out-of-range',
  'json-lone-surrogate',
  'json-nul-character',
] as const

type Facts = { readonly http: number; readonly meaning: string }

const json = (meaning: string): Facts => ({
  http: 400,
  meaning: `The body is no JSON that everyone reads in the same way: ${meaning}`,
})

/** What each code says; of type and size an API has its own words. */
export const bodyErrors = (own: { type: string; size: string }): Record<(typeof BODY_CODES)[number], Facts> => ({
  'unsupported-media-type': { http: 415, meaning: own.type },
  'body-too-large': { http: 413, meaning: own.size },
  'body-incomplete': { http: 400, meaning: 'The body was cut off' },
  'body-not-utf8': { http: 400, meaning: 'The body is not UTF-8' },
  'json-malformed': json('malformed'),
  'json-too-large': json('too large'),
  'json-too-deep': json('too deep'),
  'json-duplicate-member': json('a member is there twice'),
  'json-forbidden-member': json('it has a member `__proto__`'),
  'json-number-inexact': json('a number would be printed as another one'),
  'json-number-out-of-range': json('a number is beyond every double'),
  'json-lone-surrogate': json('half of a character'),
  'json-nul-character': json('it has a NUL character'),
})
