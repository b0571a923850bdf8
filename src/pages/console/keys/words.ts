import { defineMessages } from '../../messages.ts'

/** Texts of the page of all keys. */
export const keyText = defineMessages({
  en: {
    title: 'Keys',
    sub: 'Every credential of your business, of every protocol, and when it was used last. Secrets are shown once, when they are made.',
    warning:
      'Keep secrets on your servers: never in a page, an app or a log, and send them over HTTPS only. One that somebody else may have seen is to be replaced today.',
    shown: 'Key',
    created: 'Made',
    used: 'Last used',
    refused: 'Refused last',
    state: 'State',
    live: 'live',
    ending: 'ends',
    ended: 'ended',
    never: 'not since it is watched',
    unwatched: 'not watched',
    empty:
      'You have no keys yet. An operator makes the first one, for a partner or a merchant, and shows it to you once.',
    'k-walleo': 'Walleo API key',
    'k-tillo': 'Tillo API key',
    'k-pledg': 'Pledg API key',
    'k-jackpot': 'Jackpot API key',
    'k-merchant-secret': 'Pledg signing secret',
    'k-oauth': 'Wallet API application',
    'k-admin': 'Admin API key',
    'k-webhook': 'Webhook secret',
    calls: 'See the calls',
  },
  fr: {
    title: 'Clés',
    sub: 'Tous les accès de votre entreprise, de chaque protocole, et leur dernier usage. Les secrets sont montrés une fois, à leur création.',
    warning:
      'Gardez les secrets sur vos serveurs\u00a0: jamais dans une page, une application ou un journal, et seulement par HTTPS. Un secret que quelqu’un d’autre a pu voir est à remplacer aujourd’hui.',
    shown: 'Clé',
    created: 'Créée',
    used: 'Dernier usage',
    refused: 'Dernier refus',
    state: 'État',
    live: 'active',
    ending: 'finit',
    ended: 'finie',
    never: 'aucun depuis qu’on regarde',
    unwatched: 'non suivi',
    empty:
      'Vous n’avez pas encore de clés. Un opérateur crée la première, pour un partenaire ou un commerçant, et vous la montre une fois.',
    'k-walleo': 'Clé d’API Walleo',
    'k-tillo': 'Clé d’API Tillo',
    'k-pledg': 'Clé d’API Pledg',
    'k-jackpot': 'Clé d’API Jackpot',
    'k-merchant-secret': 'Secret de signature Pledg',
    'k-oauth': 'Application de l’API de portefeuille',
    'k-admin': 'Clé d’API d’administration',
    'k-webhook': 'Secret de webhook',
    calls: 'Voir les appels',
  },
})
