/**
 * Whether a page is looked at in this look, in this run: with `BILLFOLD_EVERY_LOOK=1` each page in every one; else each in one of
 * them, in turns, so that every look has its share of the pages and the run stays short.
 * @param page its place among the pages @param look its place among the looks
 */
export const looksAt = (page: number, look: number, looks: number): boolean =>
  process.env.BILLFOLD_EVERY_LOOK === '1' || page % looks === look
