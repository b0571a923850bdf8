<?php
// Checks a transaction token as a merchant's PHP would, with nothing but PHP's own openssl.
// php check-token.php TOKEN JWKS-URL ISSUER -> the claims as JSON, or a reason and status 1
[, $token, $jwksUrl, $issuer] = $argv;

function refuse(string $reason): never
{
    fwrite(STDERR, $reason . "\n");
    exit(1);
}

function decode(string $part): string
{
    $bytes = base64_decode(strtr($part, '-_', '+/'), true);
    return $bytes === false ? refuse('not base64url') : $bytes;
}

$parts = explode('.', $token);
count($parts) === 3 || refuse('not a compact JWT');
$header = json_decode(decode($parts[0]), true);
($header['alg'] ?? '') === 'ES256' && ($header['typ'] ?? '') === 'transaction+jwt' || refuse('not a transaction token');

$set = json_decode(file_get_contents($jwksUrl), true);
$key = current(array_filter($set['keys'], fn ($key) => $key['kid'] === $header['kid'])) ?: refuse('no such key');

// SubjectPublicKeyInfo of a P-256 point: a fixed head (RFC 5480), then 04, x and y.
$head = hex2bin('3059301306072a8648ce3d020106082a8648ce3d030107034200');
$point = "\x04" . decode($key['x']) . decode($key['y']);
$pem = "-----BEGIN PUBLIC KEY-----\n" . chunk_split(base64_encode($head . $point), 64, "\n") . "-----END PUBLIC KEY-----\n";

// JOSE writes r and s one after the other; OpenSSL wants them as an ASN.1 sequence of two integers.
$integer = function (string $bytes): string {
    $bytes = ltrim($bytes, "\0");
    if ($bytes === '' || ord($bytes[0]) > 127) {
        $bytes = "\0" . $bytes;
    }
    return "\x02" . chr(strlen($bytes)) . $bytes;
};
$signature = decode($parts[2]);
strlen($signature) === 64 || refuse('the signature is not one of ES256');
$sequence = $integer(substr($signature, 0, 32)) . $integer(substr($signature, 32));
$der = "\x30" . chr(strlen($sequence)) . $sequence;
openssl_verify("$parts[0].$parts[1]", $der, $pem, OPENSSL_ALGO_SHA256) === 1 || refuse('the signature does not fit');

$claims = json_decode(decode($parts[1]), true);
$claims['iss'] === $issuer || refuse('issued elsewhere');
$claims['exp'] > time() || refuse('expired');
echo json_encode($claims, JSON_UNESCAPED_SLASHES), "\n";
