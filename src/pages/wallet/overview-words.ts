import { defineMessages } from '../messages.ts'

export const overviewWords = defineMessages({
  en: {
    title: 'Your wallets',
    course: 'Balance of {name} since {from}: {first} then, {last} now; least {low}, most {high}',
    courseCaption: 'Since {from}',
    point: '{when}: {balance}',
    toPayOne: 'An invoice waits for you',
    toPay: '{count} invoices wait for you',
    toPayMore: 'More than {count} invoices wait for you',
    look: 'Look at them',
    sendAction: 'Send a payment',
    handoverAction: 'Hand over an amount',
    redeemAction: 'Accept a handover',
    empty:
      'There is no wallet yet. One is opened for you by whoever runs this server. Once there is one, its balance and history stand here. Has somebody handed you an amount? You can look at it, but a wallet has to be there before you can accept it.',
    firstMoney: 'Nothing has come in yet. Give somebody this id to be paid:',
    more: 'More wallets',
    first: 'The first wallets',
  },
  fr: {
    title: 'Vos portefeuilles',
    course:
      'Solde de {name} depuis le {from}\u00a0: {first} alors, {last} maintenant\u00a0; minimum {low}, maximum {high}',
    courseCaption: 'Depuis le {from}',
    point: '{when}\u00a0: {balance}',
    toPayOne: 'Une facture vous attend',
    toPay: '{count} factures vous attendent',
    toPayMore: 'Plus de {count} factures vous attendent',
    look: 'Les consulter',
    sendAction: 'Envoyer un paiement',
    handoverAction: 'Remettre un montant',
    redeemAction: 'Accepter une remise',
    empty:
      'Pas encore de portefeuille. La personne qui gère ce serveur en ouvre un pour vous. Son solde et son historique apparaîtront ici. On vous a remis un montant\u00a0? Vous pouvez le consulter, mais il faut un portefeuille pour l’accepter.',
    firstMoney: 'Rien n’est encore arrivé. Donnez cet identifiant pour être payé\u00a0:',
    more: 'Autres portefeuilles',
    first: 'Les premiers portefeuilles',
  },
})
