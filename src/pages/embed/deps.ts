import type { GiftDeps } from '../../operations/gift-cards/gift-deps.ts'
import type { PagesDeps } from '../pages.ts'

export type EmbedDeps = PagesDeps & { gift: GiftDeps }
