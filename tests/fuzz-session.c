/* SPDX-License-Identifier: ISC */
/* Fuzz target: a session's steps in any order and number, with any octets, and the splitter. There is no registrar: a
 * session may end in anything but TAKEN. The input is a list of step, length, octets. */
#include <glib.h>
#include <string.h>

#include "milter/session.h"
#include "milter/splitter.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static ConfigMailbox mailboxes[] = {{.address = (char *)"senim@kmo.kz", .keep_client = TRUE},
                                    {.address = (char *)"board@kmo.kz"}};
static Config config = {
	.run_directory = (char *)"/nonexistent",
	.recipient_delimiter = (char *)"+",
	.trusted_authserv_id = (char *)"mx.kmo.kz",
	.max_message_size = 90000,
	.max_connections = 2,
	.mailboxes = mailboxes,
	.n_mailboxes = G_N_ELEMENTS(mailboxes),
};

/* In place of base/log.c: thousands of sessions would bury what a sanitizer has to say. */
void log_open(const char *program)
{
	(void)program;
}

void log_step(const char *queue_id, LogStep step)
{
	(void)queue_id;
	g_assert_cmpint(step, !=, LOG_STEP_TAKEN);
}

void log_notice(const char *format, ...)
{
	(void)format;
}

void log_warning(const char *format, ...)
{
	(void)format;
}

static gboolean progress(gpointer user)
{
	(void)user;
	return TRUE;
}

typedef struct {
	Side *side;
	Snapshot *snapshot;
	Session *session;
	Splitter *splitter;
	gboolean finished, asked;
} Play;

static void end(Play *play)
{
	g_clear_pointer(&play->splitter, splitter_free);
	g_clear_pointer(&play->session, session_free);
	play->finished = play->asked = FALSE;
}

static void field(Session *session, const char *text, gsize size)
{
	const char *colon = memchr(text, ':', size);
	g_autofree char *name = g_strndup(text, colon != NULL ? (gsize)(colon - text) : 0);
	const char *value = colon != NULL ? colon + 1 : text;
	session_field(session, name, value, size - (gsize)(value - text));
}

static void finish(Play *play)
{
	if (play->finished)
		return;
	SessionVerdict verdict = session_finish(play->session, progress, NULL);
	g_assert_true(verdict == SESSION_PUT_OFF || verdict == SESSION_TOO_LARGE);
	play->finished = TRUE;
}

static void step(Play *play, guint8 kind, const char *text, gsize size)
{
	if (play->session == NULL)
		play->session = session_new(play->side, play->snapshot, text);
	Session *session = play->session;
	switch (kind % 9) {
	case 0:
		session_recipient(session, text, size % 2 == 0 ? NULL : text, NULL);
		break;
	case 1:
		session_recipient(session, "<senim@kmo.kz>", NULL, NULL);
		break;
	case 2:
		if (!play->asked)
			session_data(session, text);
		play->asked = TRUE;
		break;
	case 3:
		field(session, text, size);
		break;
	case 4:
		session_end_of_fields(session);
		break;
	case 5:
		session_body(session, text, size);
		break;
	case 6:
		if (play->splitter == NULL)
			play->splitter = splitter_new(session);
		splitter_write(play->splitter, text, size);
		break;
	case 7:
		finish(play);
		break;
	default:
		end(play);
		break;
	}
}

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
	static const SideTimes no_time = {.life = G_TIME_SPAN_MINUTE, .progress = G_TIME_SPAN_SECOND};
	static Side *side;
	if (side == NULL) {
		g_atomic_ref_count_init(&config.references);
		side = side_new(&config, NULL, &no_time);
	}
	Play play = {.side = side, .snapshot = side_snapshot(side)};
	while (size >= 2) {
		guint8 kind = data[0];
		gsize length = MIN((gsize)data[1] * (kind >= 128 ? 257 : 1), size - 2); /* up to a whole chunk */
		g_autofree char *text = g_strndup((const char *)data + 2, length);
		step(&play, kind, text, length);
		data += 2 + length;
		size -= 2 + length;
	}
	if (play.splitter != NULL)
		splitter_finish(play.splitter);
	if (play.session != NULL)
		finish(&play);
	end(&play);
	side_snapshot_unref(play.snapshot);
	return 0;
}
