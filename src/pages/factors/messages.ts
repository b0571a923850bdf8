import { defineMessages } from '../messages.ts'

/** Texts of the question for a second factor, wherever it is asked. */
export const factorText = defineMessages({
  en: {
    code: 'Code of your authenticator app',
    'code-hint': 'Six digits. Without the app: one of your recovery codes.',
    'recovery-code': 'Recovery code',
    'recovery-code-hint': 'If you cannot use your passkey here. Each works once.',
    'use-passkey': 'Use a passkey',
    'passkey-failed': 'The passkey gave no answer. Try again, or use a code.',
    'passkey-known': 'This device has a passkey for you already.',
    'factor-missing': 'Enter a code, or use a passkey.',
    'factor-wrong': 'That is not right, or was used already. Codes change every 30 seconds.',
  },
  fr: {
    code: 'Code de votre application d’authentification',
    'code-hint': 'Six chiffres. Sans l’application\u00a0: un de vos codes de secours.',
    'recovery-code': 'Code de secours',
    'recovery-code-hint': 'Si votre clé d’accès ne sert pas ici. Chaque code sert une fois.',
    'use-passkey': 'Utiliser une clé d’accès',
    'passkey-failed': 'La clé d’accès n’a pas répondu. Réessayez, ou utilisez un code.',
    'passkey-known': 'Cet appareil a déjà une clé d’accès pour vous.',
    'factor-missing': 'Saisissez un code, ou utilisez une clé d’accès.',
    'factor-wrong': 'Ce n’est pas juste, ou a déjà servi. Les codes changent toutes les 30 secondes.',
  },
})
