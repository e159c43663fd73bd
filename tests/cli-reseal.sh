#!/bin/sh
# SPDX-License-Identifier: ISC
# Reports under fresh file keys: what was learned from a stolen copy opens nothing of the store as it stands, everybody who read
# reads on, and what arrived is proved at each opening.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
printf '#!/bin/sh\ncat >"%s/sent.$$"\n' "$work" >"$work/submit"
chmod +x "$work/submit"
sed -i "s|^submit=.*|submit=$work/submit|" "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
store=$office/state/senim@kmo.kz
G='--ground other:compromise'

letter first 'The bids were opened before the day.' | feed "$office" senim@kmo.kz askar@example.kz || fail 'feed'
for _ in $(seq 100); do
	our_id=$(cat "$work"/sent.* 2>/dev/null | tr -d '\r' | sed -n 's/^Message-ID: *//p' | head -1)
	[ -z "$our_id" ] || break
	sleep 0.05
done
{ letter large 'The scans follow.'; head -c 150000 /dev/urandom | base64; } | feed "$office" senim@kmo.kz askar@example.kz || fail 'feed'
letter third 'Another matter.' | feed "$office" senim@kmo.kz saule@example.kz || fail 'feed'
printf 'From: Askar <askar@example.kz>\nTo: senim@kmo.kz\nSubject: more\nMessage-ID: <more@example.kz>\nIn-Reply-To: %s\n\nThe second page.\n' \
	"$our_id" | feed "$office" senim@kmo.kz askar@example.kz || fail 'an answer'
printf '%s' '{"brief": "Ахметов"}' >"$work/note"
"$senim" note 1 - --ground journal <"$work/note" >/dev/null 2>&1 || fail 'note'

# What a thief may have: the vault's file with its header, which a stolen identity opens.
expect 0 '' show 2 $G --sealed "$work/stolen"
expect 0 '' show 2 $G --raw
cp "$work/out" "$work/before"
old=$(find "$store/vault" -name '*.pay')

expect 2 'takes the numbers of cases, or --all' rekey --reseal
expect 2 'or --reseal' rekey --reseal --to deputy
expect 2 'or --reseal' rekey "$work/note" --all
expect 0 '' rekey --reseal 2 $G --json
json 'o == {"schema": 1, "resealed": 1, "without_card": 0, "left": 0, "went_on": False}'
[ ! -e "$old" ] || fail 'the old file lies there still'
[ "$(find "$store/vault" -name '*.pay' | wc -l)" = 1 ] || fail 'not one file in the vault'
expect 0 '' show 2 $G --raw
cmp -s "$work/out" "$work/before" || fail 'the report is another one'

# A new report that nobody has read stays new.
expect 0 '' rekey --reseal --all $G --json
json 'o["resealed"] == 4 and o["left"] == 0'
expect 0 '' list --all --json
json '[c["state"] for c in o["cases"] if c["case"].endswith("/3")] == ["new"]'
expect 0 '' rekey --reseal --all $G --json
json 'o["resealed"] == 4 and o["left"] == 0'

# What was learned before opens nothing of what lies there now; what lies there proves what arrived.
if command -v age >/dev/null; then
	expect 0 '' show 2 $G --sealed "$work/anew"
	age -d -i "$work/aigul" "$work/anew" >"$work/plain" 2>"$work/err" || fail "stock age: $(cat "$work/err")"
	head -1 "$work/plain" | grep -q '^X-Senim-Arrived: [0-9a-f]\{64\}.$' || fail 'its first line is another one'
	# The old header with the new payload, as a thief has them.
	/usr/bin/python3 - "$work/stolen" "$work/anew" "$work/mixed" <<-'END'
		import sys
		stolen, anew = (open(path, "rb").read() for path in sys.argv[1:3])
		cut = lambda data: data.index(b"\n--- ") + 5 + 43 + 1
		open(sys.argv[3], "wb").write(stolen[:cut(stolen)] + anew[cut(anew):])
	END
	! age -d -i "$work/aigul" "$work/mixed" >/dev/null 2>&1 || fail 'the old key opens the new payload'
fi
expect 0 '' verify
says 'whole'

# And by the page's own lines, from a backup: the Digest that was registered when it arrived.
if command -v age >/dev/null; then
	sed -n '/^```python$/,/^```$/p' "$source/doc/opening-by-hand.md" | sed '/^```/d' >"$work/by-hand.py"
	id=$(tr -d '\n' <"$office/state/store-id")
	custody=$(tr -d '\n' <"$office/keys/custody.key")
	cp -r "$store" "$work/copy"
	by_hand() { /usr/bin/python3 "$work/by-hand.py" "$work/copy" "$id" "$custody" "$@"; }
	by_hand >"$work/list" || fail 'the page lists no cases'
	[ "$(wc -l <"$work/list")" = 4 ] || fail "the page lists $(cat "$work/list")"
	while read -r seq rest; do
		by_hand "$(sed -n 's/^body: //p' "$work/aigul.pub")" "$seq" body | age -d -i "$work/aigul" >"$work/plain" 2>/dev/null ||
			fail "by hand entry $seq does not open"
		[ "$(/usr/bin/python3 "$work/by-hand.py" prove <"$work/plain")" = "${rest##*	}" ] || fail "by hand entry $seq proves nothing"
		by_hand "$(sed -n 's/^card: //p' "$work/aigul.pub")" "$seq" card | age -d -i "$work/aigul" 2>/dev/null |
			tr -d '\0' | grep -q '^subject: ' || fail "by hand the card of entry $seq does not open"
	done <"$work/list"
fi

# Everybody reads on, and what is done with keys goes on as before.
for who in deputy chair; do
	[ -e "$work/$who" ] || continue
	[ "$who" = deputy ] && { expect 0 '' show 1 $G --officer deputy --identity "$work/deputy"; says 'The bids were opened'; }
done
expect 0 '' show 1 --message 2 $G
says 'The second page'
expect 0 '' show 1 --row $G
says 'Ахметов'
expect 0 '' list --cards $G
says 'third'
expect 0 '' withhold 1 --from deputy $G
expect 0 '' rekey --reseal 1 $G --json
json 'o["resealed"] == 2'
expect 3 '' show 1 $G --officer deputy --identity "$work/deputy"
expect 0 '' grant 1 --to deputy $G
expect 0 '' show 1 $G --officer deputy --identity "$work/deputy"
says 'The bids were opened'
"$senim" keygen --no-passphrase -o "$work/newer" >/dev/null || fail 'keygen'
expect 0 '' rekey "$work/newer" $G --json
words=$(printf '%s' "$out" | /usr/bin/python3 -c "import json,sys; print(json.load(sys.stdin)['words_ru'])")
expect 0 '' officer confirm aigul --words "$words" --officer deputy --identity "$work/deputy"
expect 0 '' rekey --reseal 3 $G --json
json 'o["resealed"] == 1'
expect 0 '' show 3 $G --identity "$work/newer"
says 'Another matter'
expect 0 '' rekey "$work/newer" $G --json
json 'o["done"]'
expect 0 '' show 2 $G --raw --identity "$work/newer"
cmp -s "$work/out" "$work/before" || fail 'after rekey the report is another one'
expect 0 '' log --identity "$work/newer"
says 'sealed a report anew'
expect 0 '' verify --identity "$work/newer"

# With the registrar down: the check without a key, and another custody key.
stop "$registrar"
expect 0 '' verify --store "$office"
"$senim" custody check --config "$office/senim.conf" >/dev/null 2>"$work/err" || fail "custody check: $(cat "$work/err")"
[ "$failed" = 0 ] && echo 'ok - sealed anew'
exit $failed
