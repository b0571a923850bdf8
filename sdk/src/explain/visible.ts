/** The characters that are often invisible, by the picture that stands for each. */
const pictures: Record<string, string> = { ' ': '·', '\n': '↵\n', '\r': '␍', '\t': '⇥' }

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Zs}]/gu

/** A text with its invisible characters shown: a blank as `·`, a line break as `↵`, any other as `‹U+200B›`. */
export const showInvisible = (text: string): string => text.replace(unseen, (c) => pictures[c] ?? `‹${codePoint(c)}›`)

/** An invisible character that is no ordinary blank, such as copying brings along unseen; null where there is none. */
export function findInvisible(text: string): string | null {
  const found = /[\p{Cf}\p{Zl}\p{Zp}\u00a0\u2000-\u200a\u202f\u3000]/u.exec(text)
  return found === null ? null : codePoint(found[0])
}

const codePoint = (character: string) =>
  `U+${(character.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, '0')}`
