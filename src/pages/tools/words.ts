import type { ExplainError, KeyForm, SigningScheme, StepName } from '#sdk/explain/types.ts'
import { defineMessages, type Language } from '../messages.ts'

export const toolWords = defineMessages({
  en: {
    title: 'Signature builder',
    sub: 'See every step of a signature, take the program that makes it, and read why a request is refused. All of it happens in this page: no secret leaves your browser.',
    scheme: 'What is signed',
    mode: 'What to do',
    sign: 'Sign a request',
    check: 'Find out why one fails',
    inputs: 'Fill in',
    results: 'What comes of it',
    'needs-script':
      'This page signs in your browser and needs a script for it. On the command line the same is done by',
  },
  fr: {
    title: 'Atelier de signature',
    sub: 'Voyez chaque étape d’une signature, prenez le programme qui la calcule, et lisez pourquoi une requête est refusée. Tout se passe dans cette page : aucun secret ne quitte votre navigateur.',
    scheme: 'Ce qui est signé',
    mode: 'Ce qu’il faut faire',
    sign: 'Signer une requête',
    check: 'Comprendre un refus',
    inputs: 'À remplir',
    results: 'Ce qui en résulte',
    'needs-script':
      'Cette page signe dans votre navigateur et a besoin d’un script pour cela. En ligne de commande, utilisez',
  },
})

const schemes: Record<Language, Record<SigningScheme, string>> = {
  en: {
    webwallet: 'Wallet envelope',
    'transaction-token': 'Transaction token',
    walleo: 'Walleo',
    tillo: 'Tillo',
    'pledg-request': 'Pledg request',
    'pledg-notification': 'Pledg notification',
    jackpot: 'Jackpot token',
    webhook: 'Webhook',
  },
  fr: {
    webwallet: 'Enveloppe de portefeuille',
    'transaction-token': 'Jeton de transaction',
    walleo: 'Walleo',
    tillo: 'Tillo',
    'pledg-request': 'Requête Pledg',
    'pledg-notification': 'Notification Pledg',
    jackpot: 'Jeton Jackpot',
    webhook: 'Webhook',
  },
}
export const schemeWords = (language: Language, scheme: SigningScheme): string => schemes[language][scheme]

/** The rule of each scheme in one sentence. */
export const schemeAbout: Record<Language, Record<SigningScheme, string>> = {
  en: {
    webwallet: 'HMAC-SHA256 of the payload in canonical JSON, in base64url; the key is the signing secret as text.',
    'transaction-token':
      'A JWT that the server signs with ES256: anyone checks it with its public keys, and whoever uses it sends it in a payload.',
    walleo:
      'HMAC-SHA256 of METHOD+URL+PAYLOAD+IDENTIFIER+TIMESTAMP, in hexadecimal; the shared key is decoded from hexadecimal, the time is in seconds.',
    tillo:
      'HMAC-SHA256 of KEY-METHOD-ENDPOINT-…-TIMESTAMP, in hexadecimal; the secret is text, the time is in milliseconds.',
    'pledg-request': 'A JWT signed with HS256 that holds all parameters in “data”; it travels in the query.',
    'pledg-notification':
      'SHA-256 of six sorted pairs with the secret between them, in upper case; transfers and errors are a JWT.',
    jackpot: 'A JWT signed with HS256 and the apiSignature; it opens one session.',
    webhook: 'Standard Webhooks: HMAC-SHA256 of id.time.body, in base64; what follows “whsec_” is the key in base64.',
  },
  fr: {
    webwallet:
      'HMAC-SHA256 du contenu en JSON canonique, en base64url ; la clé est le secret de signature, comme texte.',
    'transaction-token':
      'Un JWT que le serveur signe avec ES256 : chacun le vérifie avec ses clés publiques, et qui l’utilise l’envoie dans un contenu.',
    walleo:
      'HMAC-SHA256 de MÉTHODE+URL+CONTENU+IDENTIFIANT+HEURE, en hexadécimal ; la clé partagée est décodée de l’hexadécimal, l’heure est en secondes.',
    tillo:
      'HMAC-SHA256 de CLÉ-MÉTHODE-ADRESSE-…-HEURE, en hexadécimal ; le secret est un texte, l’heure est en millisecondes.',
    'pledg-request': 'Un JWT signé avec HS256 dont « data » contient tous les paramètres ; il voyage dans l’adresse.',
    'pledg-notification':
      'SHA-256 de six paires triées, séparées par le secret, en majuscules ; virements et erreurs sont un JWT.',
    jackpot: 'Un JWT signé avec HS256 et l’apiSignature ; il ouvre une session.',
    webhook:
      'Standard Webhooks : HMAC-SHA256 de id.heure.corps, en base64 ; ce qui suit « whsec_ » est la clé en base64.',
  },
}

const fieldsInEnglish = {
  method: 'Method',
  url: 'Address',
  payload: 'Payload (JSON)',
  claims: 'Claims (JSON)',
  body: 'Body',
  secret: 'Secret',
  'secret.webwallet': 'Signing secret',
  'secret.walleo': 'Shared key',
  'secret.jackpot': 'apiSignature',
  'secret.webhook': 'Secret (whsec_…)',
  'secret.transaction-token': 'Private key (JWK or PEM)',
  publicKey: 'Public key (JWK, key set or PEM)',
  idempotencyKey: 'Idempotency key',
  apiKey: 'API key',
  identifier: 'Identifier',
  timestamp: 'Time',
  form: 'Form',
  path: 'Call',
  version: 'Version',
  id: 'Id of the message',
  kid: 'Name of the key (kid)',
  issuer: 'Expected issuer',
  audience: 'Wallet that uses it',
  signed: 'The text that your program signed',
  others: 'Other secrets that may have been mixed up, one a line',
  pasted: 'The request that fails',
  at: 'Judge it at this time',
}

export const fieldWords: Record<Language, Record<keyof typeof fieldsInEnglish, string>> = {
  en: fieldsInEnglish,
  fr: {
    method: 'Méthode',
    url: 'Adresse',
    payload: 'Contenu (JSON)',
    claims: 'Déclarations (JSON)',
    body: 'Corps',
    secret: 'Secret',
    'secret.webwallet': 'Secret de signature',
    'secret.walleo': 'Clé partagée',
    'secret.jackpot': 'apiSignature',
    'secret.webhook': 'Secret (whsec_…)',
    'secret.transaction-token': 'Clé privée (JWK ou PEM)',
    publicKey: 'Clé publique (JWK, jeu de clés ou PEM)',
    idempotencyKey: 'Clé d’idempotence',
    apiKey: 'Clé d’API',
    identifier: 'Identifiant',
    timestamp: 'Heure',
    form: 'Forme',
    path: 'Appel',
    version: 'Version',
    id: 'Identifiant du message',
    kid: 'Nom de la clé (kid)',
    issuer: 'Émetteur attendu',
    audience: 'Portefeuille qui l’utilise',
    signed: 'Le texte que votre programme a signé',
    others: 'Autres secrets peut-être confondus, un par ligne',
    pasted: 'La requête refusée',
    at: 'Juger à cette heure',
  },
}

const scriptInEnglish = {
  optional: 'optional',
  'time-hint': 'Empty: now.',
  'signed-hint': 'If your program logs it. It tells another key from another text.',
  'pasted-hint': 'Raw HTTP, a curl command, the JSON of a message, an address, or a bare JWT.',
  'pasted-example': 'POST /… HTTP/1.1',
  show: 'Show',
  hide: 'Hide',
  now: 'Now',
  example: 'Example again',
  clear: 'Clear',
  copy: 'Copy',
  copied: 'Copied',
  selected: 'Selected',
  bytes: '{bytes} bytes',
  'invisible-hint': '· is a blank, ↵ a line break',
  request: 'The request',
  programs: 'The same as a program',
  'programs-hint': 'What is secret comes from the environment: {variable}. Each program is run by the tests.',
  good: 'Nothing is wrong: this is signed as it has to be.',
  bad: 'This is refused.',
  'one-mistake': 'One thing is wrong.',
  'more-mistakes': '{count} things are wrong.',
  empty: 'Paste a request on the left, and what is wrong with it stands here.',
  'should-sign': 'This has to be signed',
  'should-be': 'and its signature is then',
  detected: 'This looks like {scheme}.',
  'switch-scheme': 'Check it as that',
  'wrong-example': 'One that fails',
  'field-missing': 'Fill in “{field}”.',
  'field-not-json': '“{field}” is no JSON: {reason}',
  'field-not-an-object': '“{field}” has to be a JSON object.',
  'field-not-a-url': '“{field}” has to begin with https:// or http://.',
  'field-not-a-key': '“{field}” is no key of this scheme: {reason}',
  'field-not-a-time': '“{field}” has to be a whole number.',
  'field-refused': '“{field}”: {reason}',
} satisfies Record<string, string> & Record<`field-${ExplainError['reason']}`, string>

export const scriptWords: Record<Language, Record<keyof typeof scriptInEnglish, string>> = {
  en: scriptInEnglish,
  fr: {
    optional: 'facultatif',
    'time-hint': 'Vide : maintenant.',
    'signed-hint': 'Si votre programme l’écrit dans un journal. Il distingue une autre clé d’un autre texte.',
    'pasted-hint': 'HTTP brut, commande curl, JSON d’un message, adresse, ou JWT seul.',
    'pasted-example': 'POST /… HTTP/1.1',
    show: 'Montrer',
    hide: 'Cacher',
    now: 'Maintenant',
    example: 'Exemple',
    clear: 'Vider',
    copy: 'Copier',
    copied: 'Copié',
    selected: 'Sélectionné',
    bytes: '{bytes} octets',
    'invisible-hint': '· est une espace, ↵ un saut de ligne',
    request: 'La requête',
    programs: 'La même chose en programme',
    'programs-hint': 'Ce qui est secret vient de l’environnement : {variable}. Les tests exécutent chaque programme.',
    good: 'Rien à redire : la signature est juste.',
    bad: 'Ceci est refusé.',
    'one-mistake': 'Une chose ne va pas.',
    'more-mistakes': '{count} choses ne vont pas.',
    empty: 'Collez une requête à gauche : ce qui ne va pas s’affichera ici.',
    'should-sign': 'Voici ce qu’il faut signer',
    'should-be': 'et sa signature est alors',
    detected: 'On dirait : {scheme}.',
    'switch-scheme': 'La vérifier ainsi',
    'wrong-example': 'Exemple refusé',
    'field-missing': 'Remplissez « {field} ».',
    'field-not-json': '« {field} » n’est pas du JSON : {reason}',
    'field-not-an-object': '« {field} » doit être un objet JSON.',
    'field-not-a-url': '« {field} » doit commencer par https:// ou http://.',
    'field-not-a-key': '« {field} » n’est pas une clé de ce schéma : {reason}',
    'field-not-a-time': '« {field} » doit être un nombre entier.',
    'field-refused': '« {field} » : {reason}',
  },
}

export const stepsInFrench: Record<StepName, string> = {
  parts: 'Les parties, dans leur ordre',
  header: 'L’en-tête : en JSON, puis en base64url',
  claims: 'Les déclarations : en JSON, puis en base64url',
  canonical: 'La forme canonique : membres triés par nom, sans blancs',
  'string-to-sign': 'Le texte signé, en UTF-8',
  key: 'La clé',
  digest: 'L’empreinte, en hexadécimal',
  signature: 'La signature, telle qu’elle est envoyée',
  token: 'Le jeton : en-tête, déclarations et signature, joints par des points',
  message: 'Le message',
  authorization: 'L’en-tête HTTP qui la porte',
}

export const keysInFrench: Record<KeyForm, string> = {
  'key-text': 'Le texte du secret tel qu’il fut montré, non décodé : {bytes} octets.',
  'key-hex': 'Le secret est un texte hexadécimal ; la clé est ce qu’il représente : {bytes} octets.',
  'key-base64': 'Ce qui suit « whsec_ » est en base64 ; la clé est ce qu’il représente : {bytes} octets.',
  'key-es256': 'Une clé privée P-256 ; qui a la clé publique peut vérifier la signature.',
  'key-separator': 'Il n’y en a pas : le secret, {bytes} octets, se place entre les paires.',
}
