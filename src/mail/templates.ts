import { defineMessages } from '../domain/language.ts'

/** What each template is told. Links are absolute. */
export type MailValues = {
  'recover-password': { name: string; link: string; minutes: number }
  'password-changed': { name: string; recover: string }
  invitation: { name: string; link: string; days: number }
  'verify-email': { name: string; link: string; days: number }
}

export type TemplateName = keyof MailValues

type Part = 'subject' | 'greeting' | 'text' | 'button' | 'note'

export const mailText = defineMessages<`${TemplateName}-${Part}` | 'sign-off'>({
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
  },
})

/** The address that a template's button leads to. */
export function mailLink<Name extends TemplateName>(values: MailValues[Name]): string {
  return 'link' in values ? values.link : values.recover
}
