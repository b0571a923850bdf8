const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39] } as const

type Stream = { readonly isTTY?: boolean | undefined }

/** Colour for people only: on a terminal, unless NO_COLOR (https://no-color.org) or a terminal without colours says no. */
export function paint(
  stream: Stream,
  colour: keyof typeof CODES,
  text: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (!stream.isTTY || env.NO_COLOR || env.TERM === 'dumb') return text
  const [on, off] = CODES[colour]
  return `\u001b[${on}m${text}\u001b[${off}m`
}
