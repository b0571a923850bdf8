<?php
// Jackpot's and Pledg's tokens as their customers' PHP makes and reads them, with hash_hmac and hash alone.
// php hs256.php sign SECRET CLAIMS | verify SECRET TOKEN | hash SECRET FIELDS -> a line, or a reason and status 1
[, $what, $secret, $input] = $argv;

$encode = fn (string $bytes): string => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');

if ($what === 'sign') {
    $signed = $encode('{"typ":"JWT","alg":"HS256"}') . '.' . $encode($input);
    echo $signed . '.' . $encode(hash_hmac('sha256', $signed, $secret, true)), "\n";
} elseif ($what === 'verify') {
    [$header, $claims, $signature] = explode('.', $input);
    if (!hash_equals($encode(hash_hmac('sha256', "$header.$claims", $secret, true)), $signature)) {
        fwrite(STDERR, "the signature does not fit\n");
        exit(1);
    }
    echo base64_decode(strtr($claims, '-_', '+/')), "\n";
} else {
    $fields = json_decode($input, true);
    ksort($fields);
    $pairs = array_map(
        fn ($name, $value) => $name . '=' . (is_bool($value) ? ($value ? 'true' : 'false') : $value),
        array_keys($fields),
        $fields,
    );
    echo strtoupper(hash('sha256', implode($secret, $pairs))), "\n";
}
