/* SPDX-License-Identifier: ISC */
/* store/addressee.h - to whom a report may be redirected now: the configuration's word, never a request's or a finding's.
 *
 * With `redirect = automatic` one addressee stands by for a mailbox: READERS names it for a report whose verdict is redirect,
 * senim-milter makes one more header of the body for it, and the ledger queues the letter in the commit that registers the
 * report. Payload and header go as one age file that only the addressee opens; nothing is decrypted on the way. A report
 * that is too large for mail, an arrival of the X series, and one for which the configuration has changed meanwhile wait for
 * an officer, as with `redirect = confirm`.
 * A key file for OpenPGP is read at each use and looked at once a day: senim-registrar's log says where it is another than
 * the fingerprint, cannot be used, or ends within a month.
 * Ownership: results are borrowed from the configuration where nothing else is said. Threads: any. */
#ifndef SENIM_STORE_ADDRESSEE_H
#define SENIM_STORE_ADDRESSEE_H

#include "base/config.h"
#include "base/record.h"

/* Octets of a stored body: in base64, with the letter of facts, it stays below the 700 KiB of any letter of ours. */
#define ADDRESSEE_PAYLOAD_MAX (480 * 1024)

/* `valid-from` has come, in the organisation's zone. now: microseconds UTC. */
gboolean addressee_is_valid(const ConfigAddressee *to, const Config *config, gint64 now);
/* Who stands by for a mailbox: the first law enforcement of the configuration that is valid and reached by mail under an age recipient;
 * NULL where a redirect waits for an officer. */
const ConfigAddressee *addressee_standing_by(const Config *config, const ConfigMailbox *mailbox, gint64 now);
/* The same for a report with these facts. */
const ConfigAddressee *addressee_of_facts(const Config *config, const ConfigMailbox *mailbox, const Record *facts, gint64 now);
/* The octets of its `openpgp` file, at most OPENPGP_FILE_MAX (transfer full); NULL and *error (CONFIG_ERROR). */
GBytes *addressee_key(const ConfigAddressee *to, GError **error);
/* Can an addressee's OpenPGP key be used? place: as openpgp_check() wants it. *warning (transfer full) where it ends soon,
 * else NULL. FALSE and *error (CONFIG_ERROR) with section and what to do. */
gboolean addressee_check_key(const ConfigAddressee *to, const char *place, gint64 now, char **warning, GError **error);
/* The same for all of them, said in the log: once a day, and by --check-config. */
void addressee_tell_keys(const Config *config, gint64 now);
/* "NAME RECIPIENT", as READERS_OK names it and COMMIT repeats it (transfer full). */
char *addressee_line(const ConfigAddressee *to);

#endif
