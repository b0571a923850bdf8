import type { Sql } from '../../storage/database.ts'
import { tellBehindCursors } from '../../storage/webhook-cursors.ts'

const CURSORS = 500
const OF_EACH = 50

/**
 * Makes deliveries of what wallets did since their endpoints were last told: the ledger's entries, which are numbered without gaps
 * under the account's lock, are the events. A payment does nothing for it. Cursor and deliveries move in one statement, so each
 * entry is told once, whichever process does it and wherever one is killed.
 * @returns how many entries were looked at; 0: everything is told, as far as other processes have not got it in hand
 */
export const tellWallets = ({ db }: { db: Sql }): Promise<number> => tellBehindCursors(db, CURSORS, OF_EACH)
