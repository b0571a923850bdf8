import { defineMessages, type Language } from '../../messages.ts'

/** Which check of a request failed, by the name that stands in the log of calls. */
const en = {
  'missing-authorization': 'There was no Authorization header.',
  'malformed-authorization':
    'The Authorization header is not of the form “Bearer KEY, Id=…, Signature=…, Timestamp=…”, each part once and no other.',
  'missing-identifier': 'The Authorization header lacks Id.',
  'missing-signature': 'The request has no signature.',
  'missing-timestamp': 'The request has no timestamp.',
  'missing-api-key': 'The request has no API-Key header.',
  'malformed-signature': 'The signature is not 64 lower-case hexadecimal digits. Base64 and upper case are not taken.',
  'malformed-timestamp':
    'The timestamp is not a whole number in the protocol’s unit: Walleo counts seconds, Tillo milliseconds (13 digits).',
  'stale-timestamp': 'The timestamp lies too far in the past. Set your clock by NTP, and sign each try anew.',
  'future-timestamp':
    'The timestamp lies too far in the future. Set your clock by NTP; mind that Walleo counts seconds and Tillo milliseconds.',
  'unknown-credentials':
    'The API key is yours, and the Id beside it is not the one that belongs to it. Both come from the same credential.',
  'unknown-endpoint': 'The API has no such method and path.',
  'malformed-query': 'The query names a brand more than once.',
  'malformed-body': 'The body is not exact JSON (a number or a member twice, or cut off), so it has no signed form.',
  'wrong-signature':
    'The signature does not fit the request: another key, another string, or something changed on the way.',
  address:
    'The signature was right; the request came from an address ({address}) that is not on the list of the credential.',
  'malformed-token': 'The token is no JSON Web Token of three base64url texts without padding.',
  'algorithm-refused': 'The token is not signed with HS256, the only algorithm that is taken.',
  'header-refused': 'The token’s header asks for something that is never done (crit, b64, jku, jwk, x5u, x5c).',
  'malformed-claims': 'A claim of the token is missing or of another type; times are in seconds.',
  expired: 'The exp of the token has passed.',
  'not-yet-valid': 'The nbf of the token has not come yet.',
  'unknown-merchant': 'The token names no merchant here.',
  'no-secret': 'The merchant has no secret to sign with: make one on the merchant’s page.',
  'missing-token': 'The initialization token is missing.',
  'stale-token': 'The iat of the token lies more than five minutes in the past: sign a token for each session.',
  'future-token': 'The iat of the token lies in the future; it is in seconds, not milliseconds.',
  'expired-token': 'The access token has expired: each is good for ten minutes. Ask for another one.',
  'wrong-secret':
    'The key is known, and the secret beside it is wrong. Secrets are shown once: rotate it if it is lost.',
  'no-account': 'The partner has no Jackpot account yet: its operator opens one.',
}

const text = defineMessages({
  en,
  fr: {
    'missing-authorization': 'Il n’y avait pas d’en-tête Authorization.',
    'malformed-authorization':
      'L’en-tête Authorization n’a pas la forme «\u00a0Bearer CLÉ, Id=…, Signature=…, Timestamp=…\u00a0», chaque partie une fois et aucune autre.',
    'missing-identifier': 'Il manque Id dans l’en-tête Authorization.',
    'missing-signature': 'La requête n’a pas de signature.',
    'missing-timestamp': 'La requête n’a pas d’horodatage.',
    'missing-api-key': 'La requête n’a pas d’en-tête API-Key.',
    'malformed-signature':
      'La signature n’est pas faite de 64 chiffres hexadécimaux minuscules. Base64 et majuscules ne sont pas acceptés.',
    'malformed-timestamp':
      'L’horodatage n’est pas un entier dans l’unité du protocole\u00a0: Walleo compte en secondes, Tillo en millisecondes (13 chiffres).',
    'stale-timestamp': 'L’horodatage est trop ancien. Réglez votre horloge par NTP, et signez chaque essai de nouveau.',
    'future-timestamp':
      'L’horodatage est trop loin dans le futur. Réglez votre horloge par NTP\u00a0; Walleo compte en secondes et Tillo en millisecondes.',
    'unknown-credentials':
      'La clé d’API est la vôtre, mais l’Id n’est pas celui qui va avec. Les deux viennent du même accès.',
    'unknown-endpoint': 'L’API n’a pas cette méthode et ce chemin.',
    'malformed-query': 'La requête nomme une marque plus d’une fois.',
    'malformed-body':
      'Le corps n’est pas du JSON exact (un membre en double, ou coupé)\u00a0; il n’a donc pas de forme signée.',
    'wrong-signature':
      'La signature ne correspond pas à la requête\u00a0: autre clé, autre texte, ou un changement en route.',
    address:
      'La signature était juste\u00a0; la requête venait d’une adresse ({address}) qui n’est pas sur la liste de l’accès.',
    'malformed-token': 'Le jeton n’est pas un JSON Web Token de trois textes base64url sans remplissage.',
    'algorithm-refused': 'Le jeton n’est pas signé par HS256, le seul algorithme accepté.',
    'header-refused': 'L’en-tête du jeton demande ce qui n’est jamais fait (crit, b64, jku, jwk, x5u, x5c).',
    'malformed-claims': 'Un membre du jeton manque ou est d’un autre type\u00a0; les temps sont en secondes.',
    expired: 'Le exp du jeton est passé.',
    'not-yet-valid': 'Le nbf du jeton n’est pas encore venu.',
    'unknown-merchant': 'Le jeton ne nomme aucun commerçant d’ici.',
    'no-secret': 'Le commerçant n’a pas de secret pour signer\u00a0: créez-en un sur la page du commerçant.',
    'missing-token': 'Le jeton d’initialisation manque.',
    'stale-token': 'Le iat du jeton a plus de cinq minutes\u00a0: signez un jeton pour chaque session.',
    'future-token': 'Le iat du jeton est dans le futur\u00a0; il est en secondes, pas en millisecondes.',
    'expired-token': 'Le jeton d’accès a expiré\u00a0: chacun vaut dix minutes. Demandez-en un autre.',
    'wrong-secret':
      'La clé est connue, mais le secret est faux. Les secrets sont montrés une fois\u00a0: renouvelez-le s’il est perdu.',
    'no-account': 'Le partenaire n’a pas encore de compte Jackpot\u00a0: son opérateur en ouvre un.',
  },
})

/** @returns null: the check has no words of its own, and what was answered says it all */
export const failedText = (language: Language, failed: string, values: Record<string, string>): string | null =>
  Object.hasOwn(en, failed) ? text(language, failed as keyof typeof en, values) : null
