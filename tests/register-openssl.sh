#!/bin/sh
# SPDX-License-Identifier: ISC
# Every checkpoint's signature verified by openssl alone, from log.pub and the note's text; a changed text is not.
# Says 77 where there is no openssl.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
command -v openssl >/dev/null || { echo "no openssl: skipped"; exit 77; }
peer=$(pwd)/tests/ledger-peer
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$peer" export "$dir" 11

# The public key: the third field of the verifier, base64 of 0x01 || key, which may hold a `+` itself. In front of it the head of an Ed25519
# SubjectPublicKeyInfo (RFC 8410 section 4).
sed 's/^[^+]*+[^+]*+//' "$dir/log.pub" | base64 -d | tail -c +2 >"$dir/raw"
[ "$(wc -c <"$dir/raw")" -eq 32 ]
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat "$dir/raw"; } >"$dir/key.der"

n=0
for note in "$dir"/*.note; do
	# The text ends before the empty line; the signature is what follows the four octets of the key id.
	sed '/^$/,$d' "$note" >"$dir/text"
	sed -n '$s/.* //p' "$note" | base64 -d | tail -c +5 >"$dir/signature"
	[ "$(sed -n 2p "$dir/text")" = "$(basename "$note" .note)" ]
	openssl pkeyutl -verify -pubin -inkey "$dir/key.der" -keyform DER -rawin -in "$dir/text" -sigfile "$dir/signature" >/dev/null
	n=$((n + 1))
done
echo "ok 1 - openssl verifies $n checkpoints"
[ "$n" -eq 12 ]

sed 's/^12$/13/' "$dir/12.note" | sed '/^$/,$d' >"$dir/text"
sed -n '$s/.* //p' "$dir/12.note" | base64 -d | tail -c +5 >"$dir/signature"
if openssl pkeyutl -verify -pubin -inkey "$dir/key.der" -keyform DER -rawin -in "$dir/text" -sigfile "$dir/signature" >/dev/null 2>&1; then
	echo "not ok 2 - openssl takes a checkpoint of another size"
	exit 1
fi
echo "ok 2 - a checkpoint of another size is refused"
