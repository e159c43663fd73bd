#!/bin/sh
# SPDX-License-Identifier: ISC
# senim-examine, from octets to facts and card: a filter's mark is a hint and changes nothing else; what a telephone system says of a
# call is told with the place where it stands; and a wish becomes a fact.
set -u
source=${srcdir:-.}
examine=$PWD/parser/senim-examine
failed=0

# NAME MESSAGE-AS-PRINTF LINE…: each line is one of the finding, one that begins with ! is none.
says() {
	name=$1
	finding=$(printf "$2" | "$examine" --rules "$source/policy/rules") || { echo "not ok: $name: exit $?"; failed=1; }
	shift 2
	for line; do
		case $line in
		!*) ! printf '%s\n' "$finding" | grep -qxF -- "${line#!}" ;;
		*) printf '%s\n' "$finding" | grep -qxF -- "$line" ;;
		esac || { echo "not ok: $name: $line"; failed=1; }
	done
}

marked() { # FIELD
	printf '%s' "From: a@example.kz\\nTo: senim@kmo.kz\\nSubject: x\\n$1\\nMessage-ID: <a@example.kz>\\n\\nМеня зовут Иван Петров.\\n"
}
for field in 'X-Spam-Flag: YES' 'X-Spam-Status: Yes, score=9.1 required=5' 'X-Spam: yes'; do
	says "$field" "$(marked "$field")" 'channel: mail' 'automatic: spam' 'examined: yes' 'suggested: surname text Петров'
done
for field in 'X-Spam-Flag: NO' 'X-Spam-Status: No, score=-1.2 required=5' 'X-Spam-Level: *'; do
	says "$field" "$(marked "$field")" 'automatic: -'
done

call() { # FIELD-OR-NOTHING SUBJECT TEXT
	printf '%s' "From: pbx@kmo.kz\\nTo: senim@kmo.kz\\n$1Subject: $2\\nMessage-ID: <a@kmo.kz>\\nDate: Mon, 9 Nov 2026 10:24:00 +0500\\n"
	printf '%s' "Content-Type: multipart/mixed; boundary=B\\n\\n--B\\n\\n$3\\n--B\\nContent-Type: audio/wav\\n\\nx\\n--B--\\n"
}
says 'the caller in the text' "$(call '' '[PBX]: New message 3' 'left in mailbox 100 from <87011234567>, on Monday, November 09, 2026 at 10:23:11 AM so you')" \
	'channel: telephone' 'phone: 87011234567 text' 'suggested: caller text 87011234567' \
	'suggested: called text Monday, November 09, 2026 at 10:23:11 AM'
says 'the caller in the subject' "$(call '' 'Voice message from 87011234567' 'listen')" 'phone: 87011234567 subject' \
	'suggested: caller subject 87011234567' 'suggested: called header Mon, 9 Nov 2026 10:24:00 +0500'
says 'the caller in a field' "$(call 'X-Asterisk-CallerID: 87011234567\n' 'PBX' 'listen')" 'phone: 87011234567 header'
says 'a call that a filter marked' "$(call 'X-Asterisk-CallerID: 87011234567\nX-Spam-Flag: YES\n' 'PBX' 'listen')" 'channel: telephone'

says 'a wish' 'From: a@b\n\nПрошу меня нигде не упоминать. Меня зовут Иван Петров.\n' 'wish: anonymous' '!suggested: surname text Петров'
says 'a wish of another' 'From: a@b\n\nНачальник сказал: не отвечайте на жалобы.\n' '!wish: no-answer'
exit $failed
