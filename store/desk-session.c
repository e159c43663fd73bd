/* SPDX-License-Identifier: ISC */
#include "store/desk-session.h"

#include <sodium.h>
#include <string.h>

#define IDLE_MAX (10 * G_TIME_SPAN_MINUTE)
#define LIFE_MAX (8 * G_TIME_SPAN_HOUR)

typedef struct {
	char id[2 * DESK_SESSION_ID + 1];
	char nonce[2 * DESK_SESSION_NONCE + 1];
	guint uid;
	char *officer; /* NULL: nobody's yet */
	guint64 counter;
	gint64 begun, used;
	GQueue grants; /* DeskGrant, the newest first */
	char *signature; /* of the last act, whose counter is the session's; or NULL */
	json_t *answer;  /* and what it was answered; or NULL */
} Session;

struct DeskSessions {
	GMutex lock;
	GHashTable *by_id; /* under the lock; id to Session */
};

static void forget_answer(Session *session)
{
	g_clear_pointer(&session->signature, g_free);
	g_clear_pointer(&session->answer, json_decref);
}

static void session_free(gpointer data)
{
	Session *session = data;
	forget_answer(session);
	g_free(session->officer);
	g_queue_clear_full(&session->grants, g_free);
	g_free(session);
}

DeskSessions *desk_session_table_new(void)
{
	DeskSessions *sessions = g_new0(DeskSessions, 1);
	g_mutex_init(&sessions->lock);
	sessions->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, session_free);
	return sessions;
}

void desk_session_table_free(DeskSessions *sessions)
{
	if (sessions == NULL)
		return;
	g_hash_table_unref(sessions->by_id);
	g_mutex_clear(&sessions->lock);
	g_free(sessions);
}

static gboolean has_ended(const Session *session, gint64 now)
{
	return now - session->used > IDLE_MAX || now - session->begun > LIFE_MAX;
}

/* Takes away what has ended, and the user's least recently used session where she has as many as she may. */
static void make_room(DeskSessions *sessions, guint uid, gint64 now)
{
	GHashTableIter iter;
	gpointer value;
	Session *oldest = NULL;
	guint of_user = 0;
	g_hash_table_iter_init(&iter, sessions->by_id);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Session *session = value;
		if (has_ended(session, now)) {
			g_hash_table_iter_remove(&iter);
		} else if (session->uid == uid) {
			of_user++;
			if (oldest == NULL || session->used < oldest->used)
				oldest = session;
		}
	}
	if (of_user >= DESK_SESSIONS_OF_USER)
		g_hash_table_remove(sessions->by_id, oldest->id);
}

static void random_hex(char *hex, gsize size)
{
	guint8 octets[DESK_SESSION_NONCE];
	randombytes_buf(octets, size);
	sodium_bin2hex(hex, 2 * size + 1, octets, size);
}

void desk_session_begin(DeskSessions *sessions, guint uid, gint64 now, char id[2 * DESK_SESSION_ID + 1],
                        char nonce[2 * DESK_SESSION_NONCE + 1])
{
	Session *session = g_new0(Session, 1);
	random_hex(session->id, DESK_SESSION_ID);
	random_hex(session->nonce, DESK_SESSION_NONCE);
	session->uid = uid;
	session->begun = session->used = now;
	g_queue_init(&session->grants);
	memcpy(id, session->id, sizeof session->id);
	memcpy(nonce, session->nonce, sizeof session->nonce);
	g_mutex_lock(&sessions->lock);
	make_room(sessions, uid, now);
	g_hash_table_insert(sessions->by_id, session->id, session);
	g_mutex_unlock(&sessions->lock);
}

gboolean desk_session_find(DeskSessions *sessions, const char *id, guint uid, gint64 now,
                           char nonce[2 * DESK_SESSION_NONCE + 1], char **officer)
{
	g_mutex_lock(&sessions->lock);
	const Session *session = g_hash_table_lookup(sessions->by_id, id);
	gboolean found = session != NULL && session->uid == uid && !has_ended(session, now);
	if (found) {
		memcpy(nonce, session->nonce, sizeof session->nonce);
		*officer = g_strdup(session->officer);
	}
	g_mutex_unlock(&sessions->lock);
	return found;
}

static DeskSessionTurn take(Session *session, const char *officer, guint64 counter, gint64 now)
{
	if (session == NULL || has_ended(session, now))
		return DESK_SESSION_GONE;
	if (session->officer != NULL && strcmp(session->officer, officer) != 0)
		return DESK_SESSION_OTHER;
	if (counter <= session->counter)
		return DESK_SESSION_REPLAY;
	if (session->officer == NULL)
		session->officer = g_strdup(officer);
	session->counter = counter;
	session->used = now;
	forget_answer(session);
	return DESK_SESSION_TAKEN;
}

DeskSessionTurn desk_session_take(DeskSessions *sessions, const char *id, const char *officer, guint64 counter, gint64 now)
{
	g_mutex_lock(&sessions->lock);
	DeskSessionTurn turn = take(g_hash_table_lookup(sessions->by_id, id), officer, counter, now);
	g_mutex_unlock(&sessions->lock);
	return turn;
}

void desk_session_keep(DeskSessions *sessions, const char *id, guint64 counter, const char *signature, json_t *answer)
{
	if (json_dumpb(answer, NULL, 0, JSON_COMPACT) > DESK_SESSION_ANSWER_MAX)
		return;
	g_mutex_lock(&sessions->lock);
	Session *session = g_hash_table_lookup(sessions->by_id, id);
	if (session != NULL && session->counter == counter) {
		forget_answer(session);
		session->signature = g_strdup(signature);
		session->answer = json_incref(answer);
	}
	g_mutex_unlock(&sessions->lock);
}

gboolean desk_session_again(DeskSessions *sessions, const char *id, guint64 counter, const char *signature,
                            json_t **answer)
{
	g_mutex_lock(&sessions->lock);
	const Session *session = g_hash_table_lookup(sessions->by_id, id);
	gboolean last = session != NULL && session->counter == counter;
	*answer = last && g_strcmp0(session->signature, signature) == 0 ? json_incref(session->answer) : NULL;
	g_mutex_unlock(&sessions->lock);
	return last;
}

void desk_session_grant(DeskSessions *sessions, const char *id, const DeskGrant *grant)
{
	g_mutex_lock(&sessions->lock);
	Session *session = g_hash_table_lookup(sessions->by_id, id);
	if (session != NULL) {
		g_queue_push_head(&session->grants, g_memdup2(grant, sizeof *grant));
		if (g_queue_get_length(&session->grants) > DESK_SESSION_GRANTS)
			g_free(g_queue_pop_tail(&session->grants));
	}
	g_mutex_unlock(&sessions->lock);
}

gboolean desk_session_granted(DeskSessions *sessions, const char *id, DeskGrant *grant)
{
	gboolean found = FALSE;
	g_mutex_lock(&sessions->lock);
	Session *session = g_hash_table_lookup(sessions->by_id, id);
	for (GList *at = session != NULL ? session->grants.head : NULL; at != NULL && !found; at = at->next) {
		const DeskGrant *other = at->data;
		found = other->mailbox == grant->mailbox && other->entry == grant->entry;
		if (found)
			*grant = *other;
	}
	g_mutex_unlock(&sessions->lock);
	return found;
}
