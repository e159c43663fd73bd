/* SPDX-License-Identifier: ISC */
/* milter/vouched.h - does an Authentication-Results field (RFC 8601) vouch for the envelope sender's domain?
 *
 * Asked for `acknowledge = authenticated`: a letter to a forged sender is backscatter. Believed is only a field of the
 * configured trusted-authserv-id, and only because the relay in front strips foreign ones: senim is the first filter,
 * so that without such a relay the field is the sender's own.
 * Vouched for is: spf=pass for the envelope's domain (smtp.mailfrom), or dkim=pass whose signing domain (header.d) is the
 * envelope's domain or one above it. dmarc speaks of From, not of the envelope, and does not count.
 * Threads: pure. */
#ifndef SENIM_MILTER_VOUCHED_H
#define SENIM_MILTER_VOUCHED_H

#include <glib.h>

/* value: the field's, folds and all. FALSE where anything is not as RFC 8601 has it. */
gboolean vouched_by(const char *value, gsize size, const char *authserv_id, const char *envelope_from);

#endif
