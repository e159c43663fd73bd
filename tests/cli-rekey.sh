#!/bin/sh
# SPDX-License-Identifier: ISC
# Keys that change: old cases for a new officer, a case granted to one who never had it, her own newer key, and every kill
# in between.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
printf '#!/bin/sh\ncat >"%s/sent.$$"\n' "$work" >"$work/submit"
chmod +x "$work/submit"
sed -i "s|^submit=.*|submit=$work/submit|" "$office/senim.conf"
registrar_start "$office"
milter_start "$office"
officer_conf "$office"
answer() { # SUBJECT TEXT: the reporter answers the letter that she got for the first case
	printf 'From: Askar <askar@example.kz>\nTo: senim@kmo.kz\nSubject: %s\nMessage-ID: <%s@example.kz>\nIn-Reply-To: %s\n\n%s\n' \
		"$1" "$1" "$our_id" "$2" | feed "$office" senim@kmo.kz askar@example.kz || fail 'an answer'
}
words_of() { # the six words of an answer in JSON
	words=$(printf '%s' "$out" | /usr/bin/python3 -c "import json,sys; print(json.load(sys.stdin)['words_ru'])")
}
for name in dana newer; do
	"$senim" keygen --no-passphrase -o "$work/$name" >/dev/null || fail 'keygen'
done
for n in 1 2 3; do
	letter "first$n" 'The bids were opened before the day.' | feed "$office" senim@kmo.kz askar@example.kz || fail 'feed'
	for _ in $(seq 100); do
		[ "$n" = 1 ] && [ -z "${our_id:-}" ] || break
		our_id=$(cat "$work"/sent.* 2>/dev/null | tr -d '\r' | sed -n 's/^Message-ID: *//p')
		sleep 0.05
	done
done
answer more 'Here is the second page.'
as() { # NAME FILE ARGUMENT...: a command as somebody else, or with another key
	name=$1 file=$2
	shift 2
	expect 0 '' "$@" --officer "$name" --identity "$work/$file"
}
G='--ground other:rotation'

printf '%s' '{"brief": "Ахметов"}' >"$work/note"
"$senim" note 1 - --ground journal <"$work/note" >/dev/null 2>&1 || fail 'note'

# A new officer: nothing old is hers, until a reader seals it to her.
expect 0 '' officer add dana "$work/dana.pub" --role officer --order 45
expect 0 '' enroll --officer dana --identity "$work/dana" --log-pub "$work/dana.log.pub" --json
words_of
as deputy deputy officer confirm dana --words "$words"
expect 3 'not sealed to your key' show 1 $G --officer dana --identity "$work/dana"
expect 1 'no reader' rekey --to nobody $G
expect 2 'or --to NAME' rekey
expect 2 'name its file' rekey --to aigul $G
expect 0 '' grant 2 --to dana $G
as dana dana show 2 $G
says 'The bids were opened'
expect 3 'not sealed to your key' show 1 $G --officer dana --identity "$work/dana"
expect 0 '' rekey --to dana $G
says 'sealed to dana too: 2'
as dana dana show 1 $G
says 'The bids were opened'
as dana dana show 1 --message 2 $G
says 'the second page'
as dana dana show 1 --row $G
says 'Ахметов'
as dana dana list --cards $G
says 'first3'
expect 0 '' rekey --to dana $G --json
json 'o["sealed"] == 0'

# What was sealed to her does not open (here her file has another letter key): she puts it aside, another makes it anew.
answer third 'And here is a third page, of another day.'
expect 0 '' grant 1 --anew $G --officer dana --identity "$work/dana"
says 'opens'
"$senim" keygen --no-passphrase -o "$work/another" >/dev/null || fail 'keygen'
(umask 077; { grep '^AGE-SECRET-KEY' "$work/another" | head -n 1; grep '^AGE-SECRET-KEY' "$work/dana" | tail -n 1; grep '^#' "$work/dana"; } >"$work/wrong")
expect 1 '/1 --anew lets another' show 1 $G --officer dana --identity "$work/wrong"
expect 2 'exclude each other' grant 1 --anew --to deputy $G
expect 0 '' grant 1 --anew $G --officer dana --identity "$work/wrong" --json
json 'o["put_aside"] == 3' # the letters of the report and of two answers
expect 3 'not sealed to your key' show 1 $G --officer dana --identity "$work/dana"
expect 3 'not sealed to your key' show 1 --message 3 $G --officer dana --identity "$work/dana"
as dana dana list --cards $G
expect 0 '' verify
expect 0 '' grant 1 --to dana $G
as dana dana show 1 $G
says 'The bids were opened'
as dana dana show 1 --message 3 $G
says 'a third page'
expect 3 'granted to that officer already' grant 1 --to dana $G

# What rests for her in the store was altered: the check names the case, and it is mended in the same way.
stop "$registrar"
/usr/bin/python3 - "$office/state/senim@kmo.kz/custody.db" "$(sed -n 's/^body: //p' "$work/deputy.pub")" <<'END' || fail 'a row to alter'
import hashlib, sqlite3, sys
books = sqlite3.connect(sys.argv[1])
reader = hashlib.sha256(b"senim/recipient/1\n" + sys.argv[2].encode()).digest()[:8]
where = "part = 0 and recipient = ? and seq = (select min(seq) from header where part = 0)"
(blob,) = books.execute("select blob from header where " + where, (reader,)).fetchone()
books.execute("update header set blob = ? where " + where, (blob[:60] + bytes(4) + blob[64:], reader))
books.commit()
END
rm -f "$office/run/desk.sock"
registrar_start "$office"
expect 1 'something is wrong' verify
says '/1: the letter does not open for deputy'
expect 1 '' show 1 $G --officer deputy --identity "$work/deputy"
expect 0 '' show 1 $G
as deputy deputy grant 1 --anew $G --json
json 'o["put_aside"] == 1'
expect 0 '' grant 1 --to deputy $G
as deputy deputy show 1 $G
says 'The bids were opened'
expect 0 '' verify

# What was typed as a ground is for its author and for the supervisor, one who came later too.
expect 0 '' show 1 --ground 'looking for Zhandos'
"$senim" keygen --no-passphrase -o "$work/saule" >/dev/null || fail 'keygen'
expect 0 '' officer add saule "$work/saule.pub" --role supervisor --order 46
expect 0 '' enroll --officer saule --identity "$work/saule" --log-pub "$work/saule.log.pub" --json
words_of
as deputy deputy officer confirm saule --words "$words"
as saule saule log --json
json '"looking for Zhandos" not in [e["ground_text"] for e in o["log"]]'
expect 0 '' rekey --to saule $G --json
json 'o["sealed"] == 0 and o["grounds"] >= 1'
as saule saule log --json
json '"looking for Zhandos" in [e["ground_text"] for e in o["log"]]'
expect 3 '' show 1 $G --officer saule --identity "$work/saule"

# Her own newer key: announced with the old one, confirmed by another, and by nobody else.
expect 2 'senim keygen' rekey "$work/nothing" $G
expect 0 '' rekey "$work/newer" $G
says 'waits to be confirmed'
expect 3 'does not accept your key' list --identity "$work/newer"
expect 0 '' rekey "$work/newer" $G --json
json 'o["waiting"] == 1 and not o["done"]'
words_of
expect 3 'nobody confirms her own key' officer confirm aigul --words "$words"
expect 3 'not the six words' officer confirm aigul --words "${words% *}" --officer deputy --identity "$work/deputy"
expect 0 'a newer key waits to be confirmed' officer list
says 'senim officer confirm aigul'
"$senim" doctor --config "$office/senim.conf" >"$work/doctor" 2>/dev/null || true
tr -s ' \n' ' ' <"$work/doctor" | grep -q 'newer key of \[officer aigul\] is not confirmed' || fail "doctor is silent of a key that waits: $(cat "$work/doctor")"
as deputy deputy officer confirm aigul --words "$words"
expect 0 'an older key still opens letters' officer list
letter later 'This one comes to the newer key.' | feed "$office" senim@kmo.kz askar@example.kz || fail 'feed'
as aigul newer show 4 $G
says 'comes to the newer key'
expect 3 'not sealed to your key' show 4 $G
expect 0 '' show 1 $G
expect 3 'not sealed to your key' show 1 $G --identity "$work/newer"
expect 0 '' rekey "$work/newer" $G
says 'opens no longer: 3'
status=0 # what the old key found the new one finds
printf bids | "$senim" search - --ground other:rotation --identity "$work/newer" >"$work/out" 2>"$work/err" || status=$?
[ "$status" = 0 ] && grep -q "$(date +%Y)/1 " "$work/out" || fail "the index does not go on under the newer key: $(cat "$work/out" "$work/err")"
as aigul newer log --json
json '"looking for Zhandos" in [e["ground_text"] for e in o["log"]]'
as aigul newer show 1 --message 2 $G
says 'the second page'
as aigul newer show 1 --row $G
says 'Ахметов'
expect 3 'does not accept your key' list
as aigul newer show 1 $G
says 'The bids were opened'
as aigul newer list --cards $G
says 'first3'
as aigul newer verify

# A supervisor has no case and reads grounds all the same.
"$senim" keygen --no-passphrase -o "$work/saule2" >/dev/null || fail 'keygen'
as saule saule rekey "$work/saule2" $G --json
words_of
as deputy deputy officer confirm saule --words "$words"
as saule saule rekey "$work/saule2" $G --json
json 'o["sealed"] == 0 and o["grounds"] == o["grounds_freed"] > 1 and o["done"]'
as saule saule2 log --json
json '"looking for Zhandos" in [e["ground_text"] for e in o["log"]]'
expect 3 'does not accept your key' log --officer saule --identity "$work/saule"

# Somebody is out, and her key may be anywhere: what others open it opens no longer, and the check knows why.
letter last 'For whoever is there.' | feed "$office" senim@kmo.kz askar@example.kz || fail 'feed'
expect 1 'is not blocked' rekey --from aigul --officer deputy --identity "$work/deputy"
as deputy deputy officer block aigul --order 50 --signed 2026-01-01
as deputy deputy rekey --from aigul --json
json 'o["gone"] > 10 and o["kept"] == 0'
as deputy deputy rekey --from aigul
says 'open no longer: 0.'
as deputy deputy verify
as deputy deputy show 1 --message 2 $G
as saule saule2 log --json
json '"looking for Zhandos" in [e["ground_text"] for e in o["log"]]'
as deputy deputy officer unblock aigul --order 51
letter again 'The door is open once more.' | feed "$office" senim@kmo.kz askar@example.kz || fail 'feed'
expect 3 'not sealed to your key' show 5 $G --identity "$work/newer"
as aigul newer show 6 $G
as deputy deputy rekey --to aigul $G
as aigul newer show 5 $G
says 'For whoever is there.'
as deputy deputy verify
stop "$registrar"
expect 0 '' custody check --config "$office/senim.conf"
expect 0 "" verify --store "$office"
exit $failed
