import type { Tie } from '../../../operations/people/ties.ts'
import { defineMessages } from '../../messages.ts'

type Key =
  | 'title'
  | 'sub'
  | 'back'
  | 'mails'
  | 'mails-sub'
  | 'mails-save'
  | 'mails-always'
  | 'mail-money'
  | 'mail-invoices'
  | 'mail-alerts'
  | 'mails-none'
  | 'done-mails'
  | 'export'
  | 'export-sub'
  | 'export-file'
  | 'export-read'
  | 'everything'
  | 'everything-sub'
  | 'nothing'
  | 'more'
  | 'yes'
  | 'no'
  | 'erase'
  | 'erase-sub'
  | 'erase-open'
  | 'erase-ask'
  | 'erase-ask-sub'
  | 'erase-send'
  | 'erase-no-mail'
  | 'erase-sent'
  | 'erase-sent-text'
  | 'in-outbox'
  | 'erase-confirm'
  | 'erase-confirm-sub'
  | 'erase-now'
  | 'erase-keep'
  | 'effect-sign-in'
  | 'effect-wallets'
  | 'effect-applications'
  | 'effect-books'
  | 'effect-final'
  | 'ties'
  | 'erased'
  | 'erased-text'
  | `tie-${Tie}`

export const dataText = defineMessages<Key>({
  en: {
    title: 'Your data and mails',
    sub: 'Which mails you get, what is known of you, and how it is erased.',
    back: 'Back to the account',
    mails: 'Mails',
    'mails-sub': 'Beside these you get mails about the safety of your account. They cannot be switched off.',
    'mails-save': 'Save',
    'mails-always': 'Always: passwords, sign-ins, second factors',
    'mail-money': 'Money that comes into my wallets',
    'mail-invoices': 'Invoices that are sent to me',
    'mail-alerts': 'Alerts about this server',
    'mails-none': 'There are no other mails for you.',
    'done-mails': 'Your choice is saved.',
    export: 'Everything that is known of you',
    'export-sub': 'One file with all of it, in a form that programs read, or a page to read yourself.',
    'export-file': 'Download as a file (JSON)',
    'export-read': 'Read it here',
    everything: 'Everything that is known of you',
    'everything-sub': 'As of now. Codes, passwords and other secrets are left out.',
    nothing: 'Nothing is known of',
    more: 'The first {count} of them. The file has all.',
    yes: 'yes',
    no: 'no',
    erase: 'Erase your data',
    'erase-sub': 'For good. What was paid stays in the books, without anything that tells who you are.',
    'erase-open': 'Ask to be erased',
    'erase-ask': 'Ask to be erased',
    'erase-ask-sub': 'We mail you a link. Nothing happens before you confirm on the page behind it.',
    'erase-send': 'Mail me the link',
    'erase-no-mail': 'This server sends no mails. Ask whoever runs it to erase you.',
    'erase-sent': 'The link is on its way',
    'erase-sent-text': 'It was mailed to {email} and works once, within a day.',
    'in-outbox': 'See the sandbox’s outbox',
    'erase-confirm': 'Erase your data for good',
    'erase-confirm-sub': 'This cannot be undone, by nobody.',
    'erase-now': 'Erase me for good',
    'erase-keep': 'Keep everything',
    'effect-sign-in': 'Nobody can sign in as {email} any more; all sessions end.',
    'effect-wallets': 'Your wallets are closed, and get other names.',
    'effect-applications': 'Applications that you allowed to act for you no longer can.',
    'effect-books': 'Amounts and times of what was paid stay in the books of both sides; descriptions of it go.',
    'effect-final': 'Your name, addresses and numbers are replaced everywhere by a word that stands for nobody.',
    ties: 'This is not possible yet:',
    erased: 'Erased',
    'erased-text': 'What told who you are is gone. Thank you for having been here',
    'tie-balance': 'there is money in your wallets, or something is reserved: pay it out first;',
    'tie-last-operator': 'you are the only operator of this server: make another one first;',
    'tie-cards': 'you keep gift cards with value: spend them or hand them on first;',
    'tie-purchases': 'you have purchases to pay: pay them first;',
    'tie-business': 'you run a business here: end that first.',
  },
  fr: {
    title: 'Vos données et messages',
    sub: 'Quels messages vous recevez, ce qui est su de vous, et comment l’effacer.',
    back: 'Retour au compte',
    mails: 'Messages',
    'mails-sub':
      'En plus de ceux-ci, vous recevez des messages sur la sécurité de votre compte. Ils ne peuvent pas être arrêtés.',
    'mails-save': 'Enregistrer',
    'mails-always': 'Toujours\u00a0: mots de passe, connexions, seconds facteurs',
    'mail-money': 'L’argent qui arrive sur mes portefeuilles',
    'mail-invoices': 'Les factures qui me sont envoyées',
    'mail-alerts': 'Les alertes sur ce serveur',
    'mails-none': 'Il n’y a pas d’autres messages pour vous.',
    'done-mails': 'Votre choix est enregistré.',
    export: 'Tout ce qui est su de vous',
    'export-sub': 'Un fichier avec tout, sous une forme que lisent les programmes, ou une page à lire vous-même.',
    'export-file': 'Télécharger en fichier (JSON)',
    'export-read': 'Lire ici',
    everything: 'Tout ce qui est su de vous',
    'everything-sub': 'En cet instant. Les codes, mots de passe et autres secrets n’y sont pas.',
    nothing: 'Rien n’est su de',
    more: 'Les {count} premiers. Le fichier a tout.',
    yes: 'oui',
    no: 'non',
    erase: 'Effacer vos données',
    'erase-sub': 'Pour toujours. Ce qui a été payé reste dans les comptes, sans rien qui dise qui vous êtes.',
    'erase-open': 'Demander à être effacé',
    'erase-ask': 'Demander à être effacé',
    'erase-ask-sub': 'Nous vous envoyons un lien. Rien n’arrive avant votre confirmation sur la page derrière lui.',
    'erase-send': 'M’envoyer le lien',
    'erase-no-mail': 'Ce serveur n’envoie pas de messages. Demandez à son exploitant de vous effacer.',
    'erase-sent': 'Le lien est en route',
    'erase-sent-text': 'Il a été envoyé à {email} et sert une seule fois, dans la journée.',
    'in-outbox': 'Voir la boîte d’envoi du bac à sable',
    'erase-confirm': 'Effacer vos données pour toujours',
    'erase-confirm-sub': 'Personne ne pourra l’annuler.',
    'erase-now': 'M’effacer pour toujours',
    'erase-keep': 'Tout garder',
    'effect-sign-in': 'Plus personne ne pourra se connecter comme {email}\u00a0; toutes les sessions se ferment.',
    'effect-wallets': 'Vos portefeuilles sont fermés et prennent d’autres noms.',
    'effect-applications': 'Les applications que vous avez autorisées ne peuvent plus agir pour vous.',
    'effect-books':
      'Les montants et les dates de ce qui a été payé restent dans les comptes des deux côtés\u00a0; les descriptions partent.',
    'effect-final': 'Votre nom, vos adresses et numéros sont partout remplacés par un mot qui ne désigne personne.',
    ties: 'Ce n’est pas encore possible\u00a0:',
    erased: 'Effacé',
    'erased-text': 'Ce qui disait qui vous êtes n’existe plus. Merci d’avoir été là',
    'tie-balance':
      'il y a de l’argent sur vos portefeuilles, ou quelque chose est réservé\u00a0: versez-le d’abord\u00a0;',
    'tie-last-operator': 'vous êtes le seul exploitant de ce serveur\u00a0: nommez-en d’abord un autre\u00a0;',
    'tie-cards': 'vous gardez des cartes cadeaux qui ont de la valeur\u00a0: dépensez-les ou donnez-les d’abord\u00a0;',
    'tie-purchases': 'vous avez des achats à payer\u00a0: payez-les d’abord\u00a0;',
    'tie-business': 'vous tenez un commerce ici\u00a0: terminez-le d’abord.',
  },
})
