/* SPDX-License-Identifier: ISC */
/* cli/desk-client.h - the way to the registrar: signed HTTP requests over the desk's Unix socket.
 *
 * doc/architecture.md, "The desk". Nothing that the registrar says is believed here: answers are read strictly (schema 1,
 * no duplicate keys, bounded), their meaning is checked by cli/verify-look.h.
 * Ownership: as said at each; borrowed text lives as long as the client.
 * Waiting:   10 s for the connection, 120 s of silence; a day for the registrar's own check; else as said.
 * Fails:     NULL or FALSE and *error in CLI_ERROR: REFUSED for 401 and 403, else FAILED; never untranslated but for the
 *            registrar's own sentence, which is escaped. */
#ifndef SENIM_CLI_DESK_CLIENT_H
#define SENIM_CLI_DESK_CLIENT_H

#include <glib.h>

#include "cli/tunnel.h"
#include "store/json.h"
#include "store/keyfile.h"

typedef struct DeskClient DeskClient;

/* What was signed of one request: the end of the act's record must repeat it. */
typedef struct {
	char *nonce, *target, *signature; /* signature in base64 */
	char *digest;                     /* of the body, hex */
	guint64 counter;
} DeskSigned;
void desk_signed_clear(DeskSigned *signed_);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DeskSigned, desk_signed_clear)

/* Connects and says hello. socket is where the desk is; with a tunnel that leads there, only its name in messages.
 * keys and tunnel (or NULL) are borrowed and must outlive the client. */
DeskClient *desk_client_new(const char *socket, Tunnel *tunnel, const char *officer, const Keyfile *keys, GError **error);
/* TRUE once a request found no session any more, or no registrar: say hello again before the next. */
gboolean desk_client_is_over(const DeskClient *client);
gboolean desk_client_hello(DeskClient *client, GError **error);
/* Was the last request answered with an error of that word (doc/architecture.md)? */
gboolean desk_client_heard(const DeskClient *client, const char *word);
void desk_client_free(DeskClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DeskClient, desk_client_free)

const char *desk_client_officer(const DeskClient *client);
const char *desk_client_store(const DeskClient *client); /* hex */
const char *desk_client_organisation(const DeskClient *client);
/* Does the organisation have an agreement on use? */
gboolean desk_client_has_agreement(const DeskClient *client);
GTimeZone *desk_client_zone(const DeskClient *client);
/* The i-th mailbox and its log's origin: FALSE past the end. */
gboolean desk_client_mailbox(const DeskClient *client, guint i, const char **mailbox, const char **origin);
/* Its log's public key as the desk says it: for `senim enroll` alone, everything else has its own (cli/pins.h). */
const char *desk_client_log_key(const DeskClient *client, guint i);
/* The origin of a mailbox's log, or NULL. */
const char *desk_client_origin(const DeskClient *client, const char *mailbox);

/* Sends body (stolen) as compact JSON with sorted keys. The answer (transfer full). what may be NULL. */
json_t *desk_client_post(DeskClient *client, const char *target, json_t *body, DeskSigned *what, GError **error);
/* An act: attached is the object of the second line (store/sealed-text.h), left out where it is empty; borrowed. */
json_t *desk_client_act(DeskClient *client, const char *target, json_t *body, json_t *attached, DeskSigned *what,
                        GError **error);
/* Without a key: what the host's root, or the registrar's own user, may ask for (block). body as above. */
json_t *desk_client_ask_as_host(DeskClient *client, const char *target, json_t *body, GError **error);
/* The same once, without hello, within so many seconds. body (stolen); the answer (transfer full). */
json_t *desk_client_ask_host(const char *socket, const char *target, json_t *body, guint seconds, GError **error);
/* The same for an answer of raw octets: each piece goes to take(), which may fail. */
typedef gboolean (*DeskTake)(const void *data, gsize size, gpointer user, GError **error);
gboolean desk_client_fetch(DeskClient *client, const char *target, json_t *body, DeskTake take, gpointer user,
                           GError **error);

/* --- reading answers ------------------------------------------------------------------------------------------------ */

/* FALSE or NULL and *error where the key is missing or of another form: the registrar is of another release, or worse. */
const char *desk_get_text(json_t *object, const char *key, GError **error);
gboolean desk_get_uint(json_t *object, const char *key, guint64 *value, GError **error);
json_t *desk_get_array(json_t *object, const char *key, GError **error); /* borrowed */
/* base64, decoded; size 0: any (transfer full). */
GBytes *desk_get_octets(json_t *object, const char *key, gsize size, GError **error);
gboolean desk_form_error(GError **error, const char *key);

#endif
