#!/bin/sh
# A partner buys a gift card through the Tillo protocol, with curl and openssl alone: buys it, asks again under the same id,
# reads the order and the balance, and cancels the card. Any POSIX shell will do.
set -eu

home=${BILLFOLD_HOME:-$(dirname "$0")/../.billfold}
if [ ! -r "$home/sandbox.env" ]; then
  echo "There is no $home/sandbox.env. Run \"npm start\" first, or set BILLFOLD_HOME." >&2
  exit 1
fi
for tool in curl openssl; do
  command -v "$tool" > /dev/null || { echo "This example needs $tool." >&2; exit 1; }
done
. "$home/sandbox.env"

# METHOD PATH SIGNED_FIELDS [BODY]: signs a request in the simplified form and sends it.
tillo() {
  timestamp=$(date +%s)000
  endpoint=$(echo "${2%%\?*}" | tr / -)
  text=$TILLO_API_KEY-$1-$endpoint${3:+-$3}-$timestamp
  signature=$(printf '%s' "$text" | openssl dgst -sha256 -hmac "$TILLO_SECRET" | sed 's/.* //')
  curl -sS -X "$1" "$BILLFOLD_URL/api/v2/$2" --data-raw "${4-}" \
    -H "API-Key: $TILLO_API_KEY" -H "Signature: $signature" -H "Timestamp: $timestamp" \
    -H 'Content-Type: application/json' -H 'Accept: application/json'
}

# NAME: the text or number of that name in the JSON on standard input, the first one.
member() {
  read -r json || :
  rest=${json#*"\"$1\":"}
  rest=${rest#\"}
  [ "$rest" = "$json" ] || printf '%s\n' "${rest%%[\",\}]*}"
}

step() {
  printf '\n%s\n' "$*"
}

float() {
  tillo GET 'check-floats?currency=GBP' '' | member available_balance
}

brand=amazon
before=$(float)
id=example-$(date +%s)-$$
value='"face_value":{"amount":"25.00","currency":"GBP"},"sector":"marketplace"'

step "A card of 25 pounds, under the id $id"
body='{"client_request_id":"'$id'","brand":"'$brand'",'$value',"delivery_method":"code","fulfilment_by":"partner"}'
first=$(tillo POST digital/issue "$id-$brand" "$body")
echo "$first"
code=$(echo "${first#*'"data"'}" | member code)
if [ "$(echo "$first" | member status)" != success ]; then
  echo 'No card was sold.' >&2
  exit 1
fi

step 'The same again, as if the answer had been lost'
again=$(tillo POST digital/issue "$id-$brand" "$body")
if [ "$again" != "$first" ]; then
  echo "Another answer: $again" >&2
  exit 1
fi
echo "The same $(printf '%s' "$again" | wc -c | tr -d ' ') bytes"

step 'The order, read by the same id'
order=$(tillo GET "digital/order-status?original_client_request_id=$id" '')
order=${order#*'"data"'}
echo "It is $(echo "$order" | member status), with the card $(echo "$order" | member code)"

step 'What is on the card'
balance=$(tillo POST digital/check-balance "$id-balance-$brand" \
  '{"client_request_id":"'$id'-balance","brand":"'$brand'","face_value":{"currency":"GBP"},"sector":"marketplace","code":"'$code'"}')
echo "$(echo "$balance" | member amount) pounds; the float went from $before to $(float)"

step 'The card is cancelled'
cancel='{"client_request_id":"'$id'-cancel","original_client_request_id":"'$id'","brand":"'$brand'",'$value',"code":"'$code'"}'
cancelled=$(tillo DELETE digital/issue "$id-cancel-$brand" "$cancel")
echo "$cancelled"
after=$(float)
if [ "$after" != "$before" ]; then
  echo "The float has $after, and had $before." >&2
  exit 1
fi
echo "The float has $after again"
