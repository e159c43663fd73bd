/* SPDX-License-Identifier: ISC */
/* policy/telephone.h - messages of a telephone system: voice mail and faxes, by their form.
 *
 * Known are Asterisk and FreePBX, 3CX, Cisco Unity, Avaya, whatever says so by RFC 3458 (Message-Context) or RFC 3801
 * (multipart/voice-message), and the gateways that say «voice message», «голосовое сообщение», «дауыстық хабар», «fax from» in
 * their subject. The form alone makes no call: the caller also asks for a sound, or for the configured address.
 * Caller and moment are what the message says of them; who calls can forge both, like any sender.
 * Ownership: a TelephoneCall owns its strings. Threads: pure. */
#ifndef SENIM_POLICY_TELEPHONE_H
#define SENIM_POLICY_TELEPHONE_H

#include "policy/automatic.h"

typedef struct {
	gboolean voice, fax; /* by its form; neither: it may still come from the configured address */
	char *caller;        /* digits, with + where it had one; NULL: withheld or not found */
	char *called;        /* the moment of the call as the system wrote it; NULL: the message's Date is all there is */
	const char *caller_from, *called_from; /* static: header, subject or text; NULL without a value */
} TelephoneCall;

/* subject, decoded, and text may be NULL. */
void telephone_read(const PolicyMessage *message, const char *subject, const char *text, gsize size, TelephoneCall *call);
/* When the call came, POSIX seconds: what its system wrote, in the zone of the message's Date (dated, offset seconds ahead of
 * UTC) and at most an hour before it, else that Date itself. */
gint64 telephone_moment(const TelephoneCall *call, gint64 dated, gint64 offset);
void telephone_call_clear(TelephoneCall *call);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(TelephoneCall, telephone_call_clear)

#endif
