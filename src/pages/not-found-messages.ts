import { defineMessages } from './messages.ts'

export const notFoundText = defineMessages({
  en: {
    'not-found-title': 'Nothing is here',
    'not-found-text': 'There is no such address on this server',
    'method-not-allowed-title': 'Not this way',
    'method-not-allowed-text': 'This address takes {methods} only',
  },
  fr: {
    'not-found-title': 'Il n’y a rien ici',
    'not-found-text': 'Ce serveur n’a pas cette adresse',
    'method-not-allowed-title': 'Pas de cette façon',
    'method-not-allowed-text': 'Cette adresse n’accepte que {methods}',
  },
})
