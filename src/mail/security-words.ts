import { defineMessages } from '../domain/language.ts'

/** What was changed about how somebody signs in. */
export type SecurityChange =
  | 'totp-on'
  | 'totp-off'
  | 'passkey-on'
  | 'passkey-off'
  | 'codes-renewed'
  | 'recovery-code-used'
  | 'application-password-made'
  | 'application-password-revoked'
  | 'factors-reset'

/** The sentence that a mail says of each; `what` is a name that its owner gave. */
export const securityWords = defineMessages<SecurityChange>({
  en: {
    'totp-on': 'An authenticator app was set up as second factor. Sessions elsewhere were ended.',
    'totp-off': 'The authenticator app was taken away: signing in no longer asks for its codes.',
    'passkey-on': 'The passkey “{what}” was added. It signs in without a password.',
    'passkey-off': 'The passkey “{what}” was removed.',
    'codes-renewed': 'New recovery codes were made. The ones before no longer work.',
    'recovery-code-used': 'Somebody signed in with one of your recovery codes. It is used up.',
    'application-password-made': 'The application password “{what}” was made. Programs can sign in with it.',
    'application-password-revoked': 'The application password “{what}” was revoked.',
    'factors-reset': 'Whoever runs this server took your second factors away. Set one up when you sign in next.',
  },
  fr: {
    'totp-on':
      'Une application d’authentification sert maintenant de second facteur. Les autres sessions ont été fermées.',
    'totp-off': 'L’application d’authentification a été retirée\u00a0: la connexion ne demande plus ses codes.',
    'passkey-on': 'La clé d’accès «\u00a0{what}\u00a0» a été ajoutée. Elle connecte sans mot de passe.',
    'passkey-off': 'La clé d’accès «\u00a0{what}\u00a0» a été retirée.',
    'codes-renewed': 'De nouveaux codes de secours ont été créés. Les précédents ne servent plus.',
    'recovery-code-used': 'Quelqu’un s’est connecté avec l’un de vos codes de secours. Il est épuisé.',
    'application-password-made':
      'Le mot de passe d’application «\u00a0{what}\u00a0» a été créé. Des programmes peuvent s’en servir.',
    'application-password-revoked': 'Le mot de passe d’application «\u00a0{what}\u00a0» a été révoqué.',
    'factors-reset':
      'L’exploitant de ce serveur a retiré vos seconds facteurs. Mettez-en un en place à la prochaine connexion.',
  },
})
