import { defineMessages } from '../messages.ts'

export const applicationWords = defineMessages({
  en: {
    title: 'Applications',
    sub: 'What you have allowed to act for you. Take a right back here at any time.',
    none: 'No application may act for you. When a shop or a program asks for it, you are asked first, and what you allowed then stands here.',
    may: 'Allowed to',
    wallets: 'In these wallets',
    noWallets: 'none that you still have',
    since: 'Since',
    lastUsed: 'Last used',
    never: 'never yet',
    until: 'Until',
    forever: 'until you take it back',
    revoke: 'Take it back',
    revokeOf: 'Take back what {name} may do',
    revokeTitle: 'Take back what {name} may do?',
    revokeSub:
      'It loses access within seconds: it can no longer look into these wallets or move anything. What it did before stays. It can ask you again.',
    revokeNow: 'Take it back',
    revoked: 'It may do nothing any more.',
  },
  fr: {
    title: 'Applications',
    sub: 'Celles que vous avez autorisées à agir pour vous. Reprenez un droit ici à tout moment.',
    none: 'Aucune application ne peut agir pour vous. Quand un commerce ou un programme le demande, vous êtes d’abord consulté\u00a0; ce que vous avez autorisé apparaît ensuite ici.',
    may: 'Autorisée à',
    wallets: 'Dans ces portefeuilles',
    noWallets: 'aucun que vous ayez encore',
    since: 'Depuis',
    lastUsed: 'Dernier usage',
    never: 'jamais encore',
    until: 'Jusqu’au',
    forever: 'jusqu’à ce que vous le repreniez',
    revoke: 'Retirer',
    revokeOf: 'Retirer les droits de {name}',
    revokeTitle: 'Retirer les droits de {name}\u00a0?',
    revokeSub:
      'L’application perd l’accès en quelques secondes\u00a0: elle ne peut plus consulter ces portefeuilles ni rien déplacer. Ce qu’elle a déjà fait demeure. Elle peut vous redemander.',
    revokeNow: 'Retirer ces droits',
    revoked: 'Elle ne peut plus rien faire.',
  },
})
