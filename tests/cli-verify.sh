#!/bin/sh
# SPDX-License-Identifier: ISC
# senim verify --store: a stopped store is read without a registrar and without a key, and each kind of tampering is found.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
letter one 'the first report' | feed "$office" senim@kmo.kz askar@example.kz
{
	letter large 'a large report'
	head -c 300000 /dev/zero | tr '\000' 'x' | fold -w 70
} | feed "$office" senim@kmo.kz askar@example.kz
letter three 'through an extension' | sed 's/^To: .*/To: senim+hotline@kmo.kz, head@kmo.kz/' |
	feed "$office" senim+hotline@kmo.kz askar@example.kz
officer_conf "$office"
expect 0 '' show 1 --ground g
run show 3 --json --ground g # the spelling by which it came here is nobody else
json 'o["other_recipients"] == ["head@kmo.kz"]'
expect 1 'in use' verify --store "$office"
expect 0 '' verify
stop "$registrar"

books=$office/state/senim@kmo.kz
sums() {
	find "$office/state" -name '*.db' -exec sha256sum {} + | sort
}
before=$(sums)
expect 0 '' verify --store "$office" --json
json 'o["sound"] is True and len(o["registers"]) == 1 and o["registers"][0]["payloads"] == 3 and o["registers"][0]["entries"] >= 4'
[ "$before" = "$(sums)" ] || fail 'verify --store changed a database'
expect 0 '' verify --store "$office/state" --log-pub "$office/log.pub"
expect 2 '--log-pub' verify --store "$office/state"
expect 0 '' verify --store "$office" --officer nobody # neither officer nor key is needed

tampered() { # WHAT WORD SQL-ON-REGISTER SQL-ON-CUSTODY
	rm -rf "$work/copy"
	cp -a "$books" "$work/copy"
	/usr/bin/python3 - "$books" "$3" "$4" <<'PY'
import sqlite3, sys
for name, sql in (("register.db", sys.argv[2]), ("custody.db", sys.argv[3])):
    db = sqlite3.connect(f"{sys.argv[1]}/{name}")
    for (trigger,) in db.execute("SELECT name FROM sqlite_schema WHERE type='trigger'").fetchall():
        db.execute(f'DROP TRIGGER "{trigger}"')
    db.executescript(sql)
    db.commit()
    db.close()
PY
	expect 1 'something is wrong' verify --store "$office"
	case $out in *"$2"*) ;; *) fail "$1: it does not say “$2”: $out" ;; esac
	rm -rf "$books"
	mv "$work/copy" "$books"
}

tampered 'an altered entry' 'entry 1: its leaf' \
	"UPDATE entry SET data = CAST(substr(data, 1, 40) || zeroblob(24) || substr(data, 65) AS BLOB) WHERE seq = 1" ''
tampered 'an entry taken out' 'entry 1 is missing' 'DELETE FROM entry WHERE seq = 1' ''
tampered 'an entry twice' 'entry 3: its leaf' \
	'UPDATE entry SET data = (SELECT data FROM entry WHERE seq = 2) WHERE seq = 3' ''
tampered 'an entry twice, with its leaf' 'entry 3 has another form' \
	'UPDATE entry SET (data, leaf) = (SELECT data, leaf FROM entry WHERE seq = 2) WHERE seq = 3' ''
tampered 'the last entries cut off' 'was signed over' 'DELETE FROM entry WHERE seq > 2' ''
tampered 'cut off with their checkpoint' 'that was kept here covers' \
	'DELETE FROM entry WHERE seq > 2; DELETE FROM checkpoint WHERE size > 3' ''
tampered 'exchanged entries' 'entry 1 has another form' \
	'UPDATE entry SET seq = -1 WHERE seq = 1; UPDATE entry SET seq = 1 WHERE seq = 2; UPDATE entry SET seq = 2 WHERE seq = -1' ''
tampered 'another checkpoint' 'not signed with the key' "UPDATE checkpoint SET note = replace(note, 'senim@kmo.kz/', 'senim@kmo.kz/0')" ''
tampered 'another body' 'not the one that was registered' '' \
	"UPDATE payload SET blob = zeroblob(length(blob)) WHERE part = 0"
tampered 'a body gone' 'its sealed body is missing' '' 'DELETE FROM payload WHERE part = 0'
tampered 'a cosignature put in' 'only 0 entries that may hold one' "INSERT INTO cosignature VALUES(2, x'0102030405060708', 'x')" ''
tampered 'a cosignature over what never was' 'over a size that the register never had' \
	"INSERT INTO cosignature VALUES(4711, x'0102030405060708', 'x')" ''

# a registrar that was killed leaves both WALs; to look must not hide that one of them is gone
registrar_start "$office"
kill -9 "$registrar"
wait "$registrar" 2>/dev/null || true
expect 0 '' verify --store "$office"
mv "$books/register.db-wal" "$work/wal"
expect 1 'something is wrong' verify --store "$office"
says 'register.db-wal is lost'
[ ! -e "$books/register.db-wal" ] || fail 'verify --store made a WAL in the place of the one that is lost'
mv "$work/wal" "$books/register.db-wal"

vault=$(find "$books/vault" -type f)
[ "$(echo "$vault" | wc -l)" = 1 ] || fail "not one file in the vault: $vault"
chmod u+w "$vault"
printf 'x' | dd of="$vault" bs=1 seek=100000 conv=notrunc 2>/dev/null
expect 1 'something is wrong' verify --store "$office"
says 'not the one that was registered'
rm "$vault"
expect 1 'something is wrong' verify --store "$office"
says 'its sealed body is missing'
mv "$books" "$work/gone"
expect 1 'something is wrong' verify --store "$office"
says 'its register is gone'

[ "$failed" = 0 ] && echo 'ok: a stopped store'
exit $failed
