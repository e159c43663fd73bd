#!/bin/sh
# SPDX-License-Identifier: ISC
# What of the outgoing instance's log gets past its filter (contrib/outgoing): outcomes in words of ours, and nobody's name, also
# where the server far away wrote the line.
set -u
filter=${srcdir:-.}/contrib/outgoing/senim-outgoing
got=$("$filter" filter <<'LOG'
Nov 22 12:06:57 mail postfix/postfix-script[1]: starting the Postfix mail system
Nov 22 12:06:57 mail postfix/master[2]: daemon started -- version 3.7.11, configuration /etc/senim/outgoing
Nov 22 12:06:57 mail postfix/smtpd[3]: connect from localhost[127.0.0.1]
Nov 22 12:06:57 mail postfix/smtpd[3]: CD873437A6: client=localhost[127.0.0.1]
Nov 22 12:06:57 mail postfix/cleanup[4]: CD873437A6: message-id=<secret@kmo.kz>
Nov 22 12:06:57 mail postfix/qmgr[5]: CD873437A6: from=<>, size=304, nrcpt=1 (queue active)
Nov 22 12:06:57 mail postfix/smtp[6]: CD873437A6: to=<secret@example.org>, orig_to=<secret>, relay=mx.secret.org[192.0.2.1]:25, delay=0.07, delays=0.06/0.01/0/0, dsn=2.0.0, status=sent (250 2.0.0 secret)
Nov 22 12:06:57 mail postfix/smtp[6]: 3xYz9K1bCdz: to=<a@secret.org>, relay=mx.secret.org[192.0.2.1]:25, delay=1, delays=0/0/0/0, dsn=5.1.1, status=bounced (host mx.secret.org[192.0.2.1] said: 550 5.1.1 <secret> dsn=5.secret, status=secret (in reply to RCPT TO command))
Nov 22 12:06:57 mail postfix/smtp[6]: connect to mx.secret.org[192.0.2.1]:25: Connection timed out
Nov 22 12:06:57 mail postfix/smtp[6]: warning: host mx.secret.org[192.0.2.1]:25 greeted me with my own hostname
Nov 22 12:06:57 mail postfix/smtp[6]: CD873437A6: to=<", dsn=2.0.0, status=secret"@secret.org>, relay=none, delay=1, delays=0/0/0/0, dsn=4.4.1, status=deferred (connect to secret.org)
Nov 22 12:06:57 mail postfix/smtp[6]: CD873437A6: host mx.secret.org said: 450 4.2.0 secret (in reply to MAIL FROM command)
Nov 22 12:06:57 mail postfix/bounce[7]: CD873437A6: sender non-delivery notification: AA873437A7 secret
Nov 22 12:06:57 mail postfix/qmgr[5]: CD873437A6: removed
postfix: fatal: secret
secret
LOG
)
wanted='postfix-script: starting the Postfix mail system
master: daemon started
CD873437A6: sent 2.0.0
3xYz9K1bCdz: bounced 5.1.1
smtp: warning
CD873437A6: deferred 4.4.1
postfix: fatal'
[ "$got" = "$wanted" ] && exit 0
echo "not ok: the filter lets this through:"
echo "$got"
exit 1
