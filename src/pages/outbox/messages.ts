import { defineMessages } from '../messages.ts'

export const outboxText = defineMessages({
  en: {
    outbox: 'Outbox',
    sub: 'What the sandbox would have mailed, newest first. Its links work.',
    to: 'To {email}',
    empty: 'No mail yet. Ask for a new password, for example, and it will lie here.',
    'empty-action': 'Ask for a new password',
  },
  fr: {
    outbox: 'Courrier',
    sub: 'Ce que le bac à sable aurait envoyé, le plus récent d’abord. Les liens fonctionnent.',
    to: 'À {email}',
    empty: 'Aucun message. Demandez par exemple un nouveau mot de passe, et il arrivera ici.',
    'empty-action': 'Demander un nouveau mot de passe',
  },
})
