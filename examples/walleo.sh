#!/bin/sh
# A partner buys a gift card through the Walleo protocol, with curl and openssl alone: buys it, asks again under the same id,
# and reads the card back. Any POSIX shell will do.
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

# METHOD PATH [BODY [REQUEST_ID]]: signs a request and sends it. The body must be compact JSON with its members sorted: what
# is signed is what is sent.
walleo() {
  url=$BILLFOLD_URL/partners/v1$2
  timestamp=$(date +%s)
  text=$1+$url+${3:+$3+}$WALLEO_IDENTIFIER+$timestamp
  signature=$(printf '%s' "$text" |
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$WALLEO_SHARED_KEY" | sed 's/.* //')
  curl -sS -X "$1" "$url" --data-raw "${3-}" -H "X-RequestId: ${4-}" \
    -H 'Content-Type: application/json' -H 'Accept: application/json' \
    -H "Authorization: Bearer $WALLEO_API_KEY, Id=$WALLEO_IDENTIFIER, Signature=$signature, Timestamp=$timestamp"
}

# NAME: the text or number of that name in the JSON on standard input, the first one.
member() {
  sed -n 's/.*"'"$1"'":"\{0,1\}\([^",}]*\).*/\1/p'
}

step() {
  printf '\n%s\n' "$*"
}

step 'What is for sale under the code IKEAFR'
walleo GET /gift_cards/IKEAFR | sed 's/.*"facial_values"/"facial_values"/; s/}$//'
before=$(walleo GET /balance | member amount_cents)

request_id=example-$(date +%s)-$$
step "A card of 50 euros, under the id $request_id"
body='{"card":{"amount":50,"gift_card_code":"IKEAFR"}}'
first=$(walleo POST /cards "$body" "$request_id")
echo "$first"
id=$(echo "$first" | member id)
if [ -z "$id" ]; then
  echo 'No card was sold.' >&2
  exit 1
fi

step 'The same again, as if the answer had been lost'
again=$(walleo POST /cards "$body" "$request_id")
if [ "$again" != "$first" ]; then
  echo "Another answer: $again" >&2
  exit 1
fi
echo "The same $(printf '%s' "$again" | wc -c | tr -d ' ') bytes"

step "The card, read by its id $id"
read_back=$(walleo GET "/cards/$id")
if [ "$read_back" != "$first" ]; then
  echo "Another card: $read_back" >&2
  exit 1
fi
echo 'The same card'

after=$(walleo GET /balance | member amount_cents)
step "The balance went from $before to $after cents: one card was paid for"
