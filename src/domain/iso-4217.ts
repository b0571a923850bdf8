/**
 * ISO 4217, the active codes as of January 2026 and the number of decimals of each, from the standard's list one and its
 * amendments up to 180: XCG and XAD are in; ANG, BGN, CUC, HRK, SLL and ZWL are out. Units without decimals of their own (gold and other
 * metals, special drawing rights, bond units, XTS, XXX) are left out: nobody can hold a wallet in them.
 *
 * Never taken from `Intl`: its digits are those of everyday prices, and differ from the standard's for COP, HUF, IDR and others.
 */
const codesByExponent: Record<number, string> = {
  0: 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
  2: `AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY COP COU
      CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES
      KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR
      NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
      TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG`,
  3: 'BHD IQD JOD KWD LYD OMR TND',
  4: 'CLF UYW',
}

const exponents: ReadonlyMap<string, number> = new Map(
  Object.entries(codesByExponent).flatMap(([exponent, codes]) =>
    codes.split(/\s+/).map((code): [string, number] => [code, Number(exponent)]),
  ),
)

/** Decimals of an active ISO 4217 code (upper case); undefined for every other text. */
export const isoExponent = (code: string): number | undefined => exponents.get(code)

/** All codes of the table, sorted. */
export const isoCodes = (): string[] => [...exponents.keys()].sort()
