/** Squares and stacks have a height of their own; bars are as high as one says. */
const OWN_HEIGHT = /qr|matrix|aztec|417|maxi|hanxin|dotcode|codeone|codablock|code16k|code49/

/**
 * A picture of the code, black on white with the quiet zone that scanners want. A code that the brand's kind of barcode cannot
 * carry is shown as Code 128, which carries them all.
 * @param kind a name of the barcode library, or `none`
 * @returns null: the brand has none
 */
export async function barcodeSvg(kind: string, text: string): Promise<string | null> {
  if (kind === 'none' || text === '') return null
  const { toSVG } = await import('bwip-js/node')
  for (const bcid of [kind, 'code128']) {
    try {
      return toSVG({
        bcid,
        text,
        backgroundcolor: 'FFFFFF',
        paddingwidth: 10,
        paddingheight: 4,
        ...(OWN_HEIGHT.test(bcid) ? { paddingheight: 10 } : { height: 18 }),
      })
    } catch {
      // An unknown name, or signs that this kind does not have.
    }
  }
  return null
}

/** The same as one path, for paper. */
export async function barcodePath(
  kind: string,
  text: string,
): Promise<{ width: number; height: number; path: string; stroke: number | null }[] | null> {
  const svg = await barcodeSvg(kind, text)
  if (svg === null) return null
  const [, width = '0', height = '0'] = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg) ?? []
  return [...svg.matchAll(/<path ([^>]*)>/g)].map(([, attributes = '']) => ({
    width: Number(width),
    height: Number(height),
    path: /\bd="([^"]*)"/.exec(attributes)?.[1] ?? '',
    stroke: Number(/stroke-width="([\d.]+)"/.exec(attributes)?.[1] ?? 0) || null,
  }))
}
