import { defineMessages } from '../domain/language.ts'

/** What each template is told. Links are absolute. */
export type MailValues = {
  'recover-password': { name: string; link: string; minutes: number }
  'password-changed': { name: string; recover: string }
  invitation: { name: string; link: string; days: number }
  'verify-email': { name: string; link: string; days: number }
  'security-changed': { name: string; change: string; link: string }
  'invitation-in-vain': { name: string; link: string }
  'gift-card': {
    subject: string
    name: string
    sender: string
    brand: string
    amount: string
    link: string
  } & Required<Enclosed>
  'purchase-link': { name: string; merchant: string; title: string; amount: string; link: string }
  'erase-account': { name: string; link: string; hours: number }
  'wallet-news': { name: string; link: string; quote: string }
  alerts: { name: string; link: string; count: number; quote: string }
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
    'security-changed-subject': 'How you sign in was changed',
    'security-changed-greeting': 'Hello {name},',
    'security-changed-text': '{change}',
    'security-changed-button': 'See how you sign in',
    'security-changed-note':
      'If it was not you, change your password at once, end all other sessions, and tell whoever runs this server.',
    'invitation-in-vain-subject': 'You were invited, and have access already',
    'invitation-in-vain-greeting': 'Hello,',
    'invitation-in-vain-text':
      '{name} invited this address to their team. It signs in to Billfold already, and an address belongs to one team: if you want to join, ask them to invite another address of yours.',
    'invitation-in-vain-button': 'Sign in',
    'invitation-in-vain-note': 'They were not told that you have access. If you expected no invitation, do nothing.',
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
    'erase-account-subject': 'Erase your data for good?',
    'erase-account-greeting': 'Hello {name},',
    'erase-account-text':
      'You asked us to erase what we know of you. The page behind this link says what that means; only when you confirm it there does it happen, and nothing can undo it. The link works once, within {hours} hours.',
    'erase-account-button': 'See what it means',
    'erase-account-note': 'If it was not you, do nothing, and change your password.',
    'wallet-news-subject': 'News from your wallets',
    'wallet-news-greeting': 'Hello {name},',
    'wallet-news-text': 'This happened since we last wrote to you:',
    'wallet-news-button': 'Choose which mails you get',
    'wallet-news-note': 'You get this mail because you asked for it.',
    'alerts-subject': 'To look after: {count}',
    'alerts-greeting': 'Hello {name},',
    'alerts-text': 'Something on this server needs a look:',
    'alerts-button': 'See all alerts',
    'alerts-note':
      'Each is told once, until it is over. Whether you get such mails is for you to choose on your account page.',
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
    'security-changed-subject': 'Votre connexion a été modifiée',
    'security-changed-greeting': 'Bonjour {name},',
    'security-changed-text': '{change}',
    'security-changed-button': 'Voir comment je me connecte',
    'security-changed-note':
      'Si ce n’était pas vous, changez tout de suite de mot de passe, fermez toutes les autres sessions et prévenez l’exploitant de ce serveur.',
    'invitation-in-vain-subject': 'Une invitation, et vous avez déjà un accès',
    'invitation-in-vain-greeting': 'Bonjour,',
    'invitation-in-vain-text':
      '{name} invite cette adresse dans son équipe. Elle a déjà un accès à Billfold, et une adresse est d’une seule équipe : pour la rejoindre, demandez une invitation à une autre de vos adresses.',
    'invitation-in-vain-button': 'Se connecter',
    'invitation-in-vain-note':
      'Personne n’a appris que vous avez un accès. Si vous n’attendiez aucune invitation, ne faites rien.',
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
    'erase-account-subject': 'Effacer vos données pour toujours\u00a0?',
    'erase-account-greeting': 'Bonjour {name},',
    'erase-account-text':
      'Vous nous avez demandé d’effacer ce que nous savons de vous. La page derrière ce lien dit ce que cela signifie\u00a0; rien n’arrive avant votre confirmation, et rien ne peut l’annuler ensuite. Le lien sert une seule fois, dans les {hours} heures.',
    'erase-account-button': 'Voir ce que cela signifie',
    'erase-account-note': 'Si ce n’était pas vous, ne confirmez rien et changez de mot de passe.',
    'wallet-news-subject': 'Des nouvelles de vos portefeuilles',
    'wallet-news-greeting': 'Bonjour {name},',
    'wallet-news-text': 'Voici ce qui s’est passé depuis notre dernier message\u00a0:',
    'wallet-news-button': 'Choisir mes messages',
    'wallet-news-note': 'Vous recevez ce message parce que vous l’avez demandé.',
    'alerts-subject': 'À surveiller\u00a0: {count}',
    'alerts-greeting': 'Bonjour {name},',
    'alerts-text': 'Quelque chose sur ce serveur demande un coup d’œil\u00a0:',
    'alerts-button': 'Voir toutes les alertes',
    'alerts-note':
      'Chacune est annoncée une fois, jusqu’à ce qu’elle soit finie. La page de votre compte dit si vous recevez ces messages.',
  },
})

/** The address that a template's button leads to. */
export function mailLink<Name extends TemplateName>(values: MailValues[Name]): string {
  return 'link' in values ? values.link : values.recover
}
