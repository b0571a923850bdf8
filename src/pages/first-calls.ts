export type FirstCall = {
  readonly title: string
  /** one or two sentences, plain text */
  readonly text: string
  /** POSIX shell that bash, dash and zsh take when it is pasted: so without comments, which an interactive zsh runs */
  readonly code: string
}

/**
 * The sandbox's first three calls, as the landing page and README.md show them and the tests run them. They read every secret
 * from `sandbox.env` in the home, so that none stands on a page.
 */
export const FIRST_CALLS: readonly FirstCall[] = [
  {
    title: 'Get an access token',
    text: 'In the folder of your checkout: load the sandbox’s credentials and let the gateway, a client that may issue money, prove who it is.',
    code: String.raw`. "${'$'}{BILLFOLD_HOME:-.billfold}/sandbox.env"

billfold_token() {
  curl -sS -u "$1:$2" -d grant_type=client_credentials \
    "$BILLFOLD_URL/oauth/token" |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p'
}

GATEWAY_TOKEN=$(billfold_token "$GATEWAY_CLIENT_ID" "$GATEWAY_CLIENT_SECRET")
echo "a token of ${'$'}{#GATEWAY_TOKEN} characters"`,
  },
  {
    title: 'Fund a wallet',
    text: 'Write the payload in canonical JSON (members sorted, blanks taken out by tr), sign it, and put 100 dollars into the merchant’s wallet. Paste it twice: the same key gets the same answer, and the money moves once.',
    code: String.raw`billfold_sign() {
  printf '%s' "$2" | openssl dgst -sha256 -hmac "$1" -binary |
    openssl base64 -A | tr '+/' '-_' | tr -d '='
}

payload=$(tr -d ' \n' <<END
{
  "amount": "100.00",
  "currency": "USD",
  "endpoint": "funds",
  "source": "$GATEWAY_USD",
  "target": "$MERCHANT_USD"
}
END
)
signature=$(billfold_sign "$GATEWAY_SIGNING_SECRET" "$payload")
envelope=$(printf '{"header":{"alg":"hs256"},"payload":%s,"signature":"%s"}' \
  "$payload" "$signature")

curl -sS "$BILLFOLD_URL/$MERCHANT_USD/funds" -d "$envelope" \
  -H "Authorization: Bearer $GATEWAY_TOKEN" \
  -H 'Content-Type: application/json' \
  -H 'Idempotency-Key: first-funds'; echo`,
  },
  {
    title: 'Pay someone, and look',
    text: 'The merchant pays 12.50 to a person. Then read the merchant’s balance and history with its token, and the person’s as the operator.',
    code: String.raw`MERCHANT_TOKEN=$(billfold_token "$MERCHANT_CLIENT_ID" "$MERCHANT_CLIENT_SECRET")

payload=$(tr -d ' \n' <<END
{
  "amount": "12.50",
  "currency": "USD",
  "endpoint": "payments",
  "target": "$PERSON_USD"
}
END
)
signature=$(billfold_sign "$MERCHANT_SIGNING_SECRET" "$payload")
envelope=$(printf '{"header":{"alg":"hs256"},"payload":%s,"signature":"%s"}' \
  "$payload" "$signature")

curl -sS "$BILLFOLD_URL/$MERCHANT_USD/payments" -d "$envelope" \
  -H "Authorization: Bearer $MERCHANT_TOKEN" \
  -H 'Content-Type: application/json' \
  -H 'Idempotency-Key: first-payment'; echo

billfold_read() {
  curl -sS -H "Authorization: Bearer $1" "$BILLFOLD_URL/$2"; echo
}

billfold_read "$MERCHANT_TOKEN" "$MERCHANT_USD/balance"
billfold_read "$MERCHANT_TOKEN" "$MERCHANT_USD/transactions"
billfold_read "$OPERATOR_API_KEY" "admin/v1/wallets/$PERSON_USD/balance"
billfold_read "$OPERATOR_API_KEY" "admin/v1/wallets/$PERSON_USD/statement"`,
  },
]
