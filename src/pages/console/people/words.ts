import { defineMessages } from '../../messages.ts'

export const peopleText = defineMessages({
  en: {
    export: 'Hand out everything of {name}',
    'export-effect':
      'You get one file with everything that is known of this person: keep it as safe as this server is kept.',
    'export-effect-2': 'Codes, passwords and other secrets are not in it. That you took it stands in the log of acts.',
    'export-save': 'Download the file',
    erase: 'Erase {name}',
    'erase-effect': 'Name, addresses and numbers are replaced everywhere by a pseudonym, in ids of wallets too.',
    'erase-effect-2': 'Wallets are closed; sign-ins, sessions, consents and keys end.',
    'erase-effect-3': 'Amounts, times and references stay, and the books stay whole.',
    'erase-effect-4': 'Nobody can undo it.',
    'erase-save': 'Erase for good',
    'tie-balance': 'there is money in the wallets, or something is reserved: pay it out first;',
    'tie-last-operator': 'this is the only operator: make another one first;',
    'tie-cards': 'gift cards with value are kept: they are spent or handed on first;',
    'tie-purchases': 'purchases are not paid yet: they are paid first;',
    'tie-business': 'the party runs a business here: end that first.',
    'not-yet': 'Not yet:',
    email: 'Whose sign-in',
    'email-hint': 'The data of the business stay; of this person everything goes.',
    'email-choose': 'Choose',
    'email-missing': 'Choose whose sign-in is meant.',
    nobody: 'Nobody signs in for this business.',
  },
  fr: {
    export: 'Remettre tout ce qui est su de {name}',
    'export-effect':
      'Vous recevez un fichier avec tout ce qui est su de cette personne\u00a0: gardez-le aussi bien que ce serveur.',
    'export-effect-2':
      'Les codes, mots de passe et autres secrets n’y sont pas. Le journal des actes dit que vous l’avez pris.',
    'export-save': 'Télécharger le fichier',
    erase: 'Effacer {name}',
    'erase-effect':
      'Le nom, les adresses et les numéros sont partout remplacés par un pseudonyme, aussi dans les identifiants de portefeuilles.',
    'erase-effect-2': 'Les portefeuilles sont fermés\u00a0; connexions, sessions, autorisations et clés prennent fin.',
    'erase-effect-3': 'Les montants, les dates et les références restent, et les comptes restent entiers.',
    'erase-effect-4': 'Personne ne peut l’annuler.',
    'erase-save': 'Effacer pour toujours',
    'tie-balance':
      'il y a de l’argent sur les portefeuilles, ou quelque chose est réservé\u00a0: il faut d’abord le verser\u00a0;',
    'tie-last-operator': 'c’est le seul exploitant\u00a0: nommez-en d’abord un autre\u00a0;',
    'tie-cards':
      'il garde des cartes cadeaux qui ont de la valeur\u00a0: elles sont d’abord dépensées ou données\u00a0;',
    'tie-purchases': 'des achats ne sont pas payés\u00a0: ils le sont d’abord\u00a0;',
    'tie-business': 'la partie tient un commerce ici\u00a0: terminez-le d’abord.',
    'not-yet': 'Pas encore\u00a0:',
    email: 'La connexion de qui',
    'email-hint': 'Les données de l’entreprise restent\u00a0; de cette personne tout part.',
    'email-choose': 'Choisir',
    'email-missing': 'Choisissez la connexion dont il s’agit.',
    nobody: 'Personne ne se connecte pour cette entreprise.',
  },
})
