import { defineMessages } from '../domain/language.ts'

/** What each template is told. Links are absolute. */
export type MailValues = {
  'recover-password': { name: string; link: string; minutes: number }
  'password-changed': { name: string; recover: string }
  invitation: { name: string; link: string; days: number }
  'verify-email': { name: string; link: string; days: number }
  'gift-card': {
    subject: string
    name: string
    sender: string
    brand: string
    amount: string
    link: string
  } & Required<Enclosed>
  'purchase-link': { name: string; merchant: string; title: string; amount: string; link: string }
}

/** What some mails have beside the parts of every template. */
export type Enclosed = {
  /** somebody's own words, in lines; empty: none */
  quote?: string
  /** what is said below in small letters, in lines */
  small?: readonly string[]
}

export type TemplateName = keyof MailValues

type Part = 'subject' | 'greeting' | 'text' | 'button' | 'note'
type GiftCardPart = 'until' | 'use' | 'terms'

export const mailText = defineMessages<`${TemplateName}-${Part}` | `gift-card-${GiftCardPart}` | 'sign-off'>({
  en: {
    'sign-off': 'Sent by Billfold at {host}. Nobody reads answers to this mail.',
    'recover-password-subject': 'Choose a new password',
    'recover-password-greeting': 'Hello {name},',
    'recover-password-text':
      'Someone, we hope you, asked for a new password for your wallets. This link lets you choose one. It works once, within {minutes} minutes.',
    'recover-password-button': 'Choose a new password',
    'recover-password-note': 'If it was not you, do nothing: your password stays as it is.',
    'password-changed-subject': 'Your password was changed',
    'password-changed-greeting': 'Hello {name},',
    'password-changed-text':
      'The password for your wallets was changed a moment ago, and everyone who was signed in elsewhere was signed out.',
    'password-changed-button': 'It was not me',
    'password-changed-note': 'If it was you, there is nothing to do.',
    'invitation-subject': 'Your wallet is waiting',
    'invitation-greeting': 'Hello {name},',
    'invitation-text':
      'You have been given access to Billfold. Choose a password, and you can see and use what is yours. The link works once, within {days} days.',
    'invitation-button': 'Choose a password',
    'invitation-note': 'If you expected no invitation, do nothing.',
    'verify-email-subject': 'Confirm your e-mail address',
    'verify-email-greeting': 'Hello {name},',
    'verify-email-text': 'This link confirms that mail to this address reaches you. It works within {days} days.',
    'verify-email-button': 'Confirm the address',
    'verify-email-note': 'If you did not ask for it, do nothing.',
    'gift-card-subject': '{subject}',
    'gift-card-greeting': 'Hello {name},',
    'gift-card-text': '{sender} sends you a gift card: {brand}, {amount}.',
    'gift-card-button': 'Open the card',
    'gift-card-note': 'Whoever has this link has the card, so keep it to yourself.',
    'gift-card-until': 'Valid until {day}.',
    'gift-card-use': 'How to use it',
    'gift-card-terms': 'Terms',
    'purchase-link-subject': '{merchant} asks you to pay {amount}',
    'purchase-link-greeting': 'Hello {name},',
    'purchase-link-text':
      '{merchant} asks you to pay {amount} for: {title}. On the page behind this link you see when what is due, and decide.',
    'purchase-link-button': 'See and pay',
    'purchase-link-note': 'Nothing is paid until you confirm it there. If you bought nothing, do nothing.',
  },
  fr: {
    'sign-off': 'Envoyé par Billfold, {host}. Personne ne lit les réponses à ce message.',
    'recover-password-subject': 'Choisissez un nouveau mot de passe',
    'recover-password-greeting': 'Bonjour {name},',
    'recover-password-text':
      'Quelqu’un, vous sans doute, a demandé un nouveau mot de passe pour vos portefeuilles. Ce lien vous permet d’en choisir un. Il sert une seule fois, dans les {minutes} minutes.',
    'recover-password-button': 'Choisir un nouveau mot de passe',
    'recover-password-note': 'Si ce n’était pas vous, ne faites rien : votre mot de passe reste le même.',
    'password-changed-subject': 'Votre mot de passe a changé',
    'password-changed-greeting': 'Bonjour {name},',
    'password-changed-text':
      'Le mot de passe de vos portefeuilles vient de changer, et toutes les autres sessions ont été fermées.',
    'password-changed-button': 'Ce n’était pas moi',
    'password-changed-note': 'Si c’était vous, il n’y a rien à faire.',
    'invitation-subject': 'Votre portefeuille vous attend',
    'invitation-greeting': 'Bonjour {name},',
    'invitation-text':
      'Un accès à Billfold vous est ouvert. Choisissez un mot de passe pour voir et utiliser ce qui est à vous. Le lien sert une seule fois, dans les {days} jours.',
    'invitation-button': 'Choisir un mot de passe',
    'invitation-note': 'Si vous n’attendiez aucune invitation, ne faites rien.',
    'verify-email-subject': 'Confirmez votre adresse e-mail',
    'verify-email-greeting': 'Bonjour {name},',
    'verify-email-text':
      'Ce lien confirme que les messages à cette adresse vous parviennent. Il sert dans les {days} jours.',
    'verify-email-button': 'Confirmer l’adresse',
    'verify-email-note': 'Si vous n’avez rien demandé, ne faites rien.',
    'gift-card-subject': '{subject}',
    'gift-card-greeting': 'Bonjour {name},',
    'gift-card-text': '{sender} vous envoie une carte cadeau : {brand}, {amount}.',
    'gift-card-button': 'Ouvrir la carte',
    'gift-card-note': 'Qui a ce lien a la carte : gardez-le pour vous.',
    'gift-card-until': 'Valable jusqu’au {day}.',
    'gift-card-use': 'Comment l’utiliser',
    'gift-card-terms': 'Conditions',
    'purchase-link-subject': '{merchant} vous demande de payer {amount}',
    'purchase-link-greeting': 'Bonjour {name},',
    'purchase-link-text':
      '{merchant} vous demande de payer {amount} pour : {title}. La page derrière ce lien montre ce qui est dû et quand, et vous décidez.',
    'purchase-link-button': 'Voir et payer',
    'purchase-link-note': 'Rien n’est payé avant votre confirmation. Si vous n’avez rien acheté, ne faites rien.',
  },
})

/** The address that a template's button leads to. */
export function mailLink<Name extends TemplateName>(values: MailValues[Name]): string {
  return 'link' in values ? values.link : values.recover
}
