#!/bin/sh
# SPDX-License-Identifier: ISC
# The mail server's log against the register: what is in both, what is missing and is named, what was delivered past senim; in
# Postfix's and Sendmail's words, plain and rotated.
. "${srcdir:-.}/tests/cli-room.sh"

office=$work/office
room_make "$office" senim@kmo.kz
registrar_start "$office"
milter_start "$office"
officer_conf "$office"

take() { # QUEUE-ID: a letter that the milter takes under that name
	letter "$1" "A word of $1" | sed 's/\r*$/\r/' | "$build/milter/senim-ingest" --socket "$office/run/ingest.sock" \
		--mailbox senim@kmo.kz --sender a@example.kz --queue-id "$1" || fail "$1 is not taken"
}
compare() { # STATUS FILE...
	wanted=$1
	shift
	status=0
	XDG_CONFIG_HOME=/nonexistent "$senim" --config "$office/senim.conf" reconcile --json "$@" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = "$wanted" ] || fail "reconcile ended in $status: $(cat "$work/err")"
	out=$(cat "$work/out")
}

take 4Zq1nT5kXWzB
take 4Zq1nV2mYWzC
take 5AMA1sendmail01
now=$(date '+%b %e %H:%M:%S')
iso=$(date '+%Y-%m-%dT%H:%M:%S.000000%:z')

# --- Postfix: two lines of one message, one of another, foreign mail, and words of a stranger that are none of the MTA's

cat >"$work/mail.log" <<LOG
$now mx postfix/smtpd[811]: connect from mail.example.kz[203.0.113.5]
$now mx postfix/smtpd[811]: 4Zq1nT5kXWzB: client=mail.example.kz[203.0.113.5]
$now mx postfix/cleanup[815]: 4Zq1nT5kXWzB: message-id=<1@example.kz>
$now mx postfix/cleanup[815]: 4Zq1nT5kXWzB: milter-discard: END-OF-MESSAGE from mail.example.kz[203.0.113.5]: milter triggers DISCARD action; from=<> to=<SENIM@kmo.kz> proto=ESMTP helo=<mail.example.kz>
$now mx senim-milter[700]: senim-milter: 4Zq1nT5kXWzB: taken
$iso mx postfix/cleanup[816]: 4Zq1nV2mYWzC: milter-discard: END-OF-MESSAGE from mail.example.kz[203.0.113.5]: milter triggers DISCARD action; from=<> to=<senim+x@kmo.kz> proto=ESMTP helo=<mail.example.kz>
$now mx postfix/cleanup[816]: 4Zq1nFOREIGN: milter-discard: END-OF-MESSAGE from a[203.0.113.6]: milter triggers DISCARD action; from=<x@y.kz> to=<other@kmo.kz> proto=ESMTP helo=<to=<senim@kmo.kz>>
$now mx postfix/local[820]: 4Zq1nLOCALxx: to=<other@kmo.kz>, relay=local, delay=0.1, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to mailbox)
$now mx postfix/smtp[820]: 4Zq1nDEFERxx: to=<senim@kmo.kz>, relay=none, delay=9, delays=0/0/9/0, dsn=4.3.0, status=deferred (later)
LOG
compare 0 "$work/mail.log"
json "o['mailboxes'] == [{'mailbox': 'senim@kmo.kz', 'taken': 2, 'known': 2, 'missing': 0, 'past': 0, 'early': 0}]"

# --- Sendmail, and a discard that names nobody

cat >"$work/maillog" <<LOG
$now mx sm-mta[900]: 5AMA1sendmail01: from=<a@example.kz>, size=512, class=0, nrcpts=1, msgid=<2@example.kz>, proto=ESMTP, daemon=MTA, relay=mail.example.kz [203.0.113.5]
$now mx sm-mta[900]: 5AMA1sendmail01: Milter: data, discard
$now mx sm-mta[900]: 5AMA1sendmail01: discarded
$now mx sm-mta[901]: 5AMA1nobodys1: discarded
LOG
compare 0 "$work/maillog"
json "o['mailboxes'][0]['taken'] == 1 and o['mailboxes'][0]['known'] == 1 and o['missing'] == []"

# --- what is missing, what went past, what the milter said it took: each by its queue id; rotated and packed files beside others

cat >"$work/mail.log.1" <<LOG
$now mx postfix/cleanup[815]: 4Zq1nMISSING: milter-discard: END-OF-MESSAGE from mail.example.kz[203.0.113.5]: milter triggers DISCARD action; from=<> to=<senim@kmo.kz> proto=ESMTP helo=<mail.example.kz>
$now mx postfix/virtual[815]: 4Zq1nPASTxxx: to=<senim@kmo.kz>, relay=virtual, delay=0.1, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered to maildir)
$now mx postfix/pipe[815]: 4Zq1nV2mYWzC: to=<senim@kmo.kz>, orig_to=<root@kmo.kz>, relay=senim, delay=0.1, delays=0/0/0/0, dsn=2.0.0, status=sent (delivered via senim service)
$now mx senim-milter[700]: 4Zq1nSAYSxxx: taken
LOG
gzip -c "$work/mail.log.1" >"$work/mail.log.2.gz"
compare 1 "$work/mail.log" "$work/mail.log.2.gz"
json "o['mailboxes'][0] == {'mailbox': 'senim@kmo.kz', 'taken': 5, 'known': 2, 'missing': 2, 'past': 1, 'early': 0}"
json "sorted((m['queue_id'], m['how']) for m in o['missing']) == [('4Zq1nMISSING', 'discarded'), ('4Zq1nPASTxxx', 'delivered'), ('4Zq1nSAYSxxx', 'discarded')]"
compare 1 "$work/mail.log" "$work/mail.log.1" "$work/mail.log.2.gz"
json "o['mailboxes'][0]['taken'] == 5" # the same line twice is one message
XDG_CONFIG_HOME=/nonexistent "$senim" --config "$office/senim.conf" reconcile "$work/mail.log.1" >"$work/out" 2>&1 || true
grep -q '4Zq1nMISSING  taken, and not in the register' "$work/out" || fail "what is missing is not named: $(cat "$work/out")"

# --- older than what is kept; no log at all

printf '2024-01-01T10:00:00+05:00 mx postfix/cleanup[815]: 4Zq1nOLDxxxx: milter-discard: END-OF-MESSAGE from a[203.0.113.5]: x; from=<> to=<senim@kmo.kz> proto=ESMTP helo=<a>\n' >"$work/old"
compare 0 "$work/old"
json "o['mailboxes'][0]['early'] == 1"
compare 2 "$office/senim.conf"
compare 1 "$work/nothing"

# --- an entry each time, a line of the report, and no queue id in the clear anywhere in the store

expect 0 '' report --json
json "o['months'][-1]['reconciled'] == 6 and o['months'][-1]['unregistered'] == 9"
grep -rqa 4Zq1nT5kXWzB "$office/state" && fail 'a queue id stands in the store in clear'
stop "$registrar"
rm -f "$office/run/desk.sock"
grep -rqa 4Zq1nT5kXWzB "$office/state" && fail 'a queue id stands in the store in clear'

# --- another custody key: what was kept is known all the same

expect 0 '' custody rotate --config "$office/senim.conf"
registrar_start "$office"
compare 0 "$work/mail.log"
json "o['mailboxes'][0]['known'] == 2"
expect 0 '' verify
exit $failed
