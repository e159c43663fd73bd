/* SPDX-License-Identifier: ISC */
#include "milter/session.h"

#include <string.h>

#include "milter/vouched.h"

struct Session {
	Side *side;
	Snapshot *snapshot;
	gint64 begun; /* g_get_monotonic_time() of MAIL */
	char *queue_id;
	char *envelope_from;
	GPtrArray *reports;   /* of Report, one for each of our mailboxes */
	GPtrArray *spellings; /* of our recipients */
	guint ours, others;   /* recipients */
	guint64 size;         /* of the message so far */
	SealMessageDigest *digest; /* from DATA on, as long as the content is wanted */
	IntakeClient *intake; /* once a file was needed */
	gboolean fields_ended, authenticated, finished;
	LogStep put_off; /* why it is put off or too large; LOG_STEP_TAKEN until something failed; at the end the outcome */
};

Session *session_new(Side *side, Snapshot *snapshot, const char *argument)
{
	Session *session = g_new0(Session, 1);
	session->side = side;
	session->snapshot = side_snapshot_ref(snapshot);
	session->begun = g_get_monotonic_time();
	session->envelope_from = recipient_strip(argument);
	session->reports = g_ptr_array_new_with_free_func((GDestroyNotify)report_free);
	session->spellings = g_ptr_array_new_with_free_func(g_free);
	session->put_off = LOG_STEP_TAKEN;
	return session;
}

/* Files first: as long as the registrar holds its end of the connection it holds the file too, and the work of giving
 * the blocks back is not done here. */
static void drop_content(Session *session)
{
	g_ptr_array_set_size(session->reports, 0);
	g_clear_pointer(&session->intake, intake_client_free);
	g_clear_pointer(&session->digest, seal_message_digest_free);
}

/* The first failure is the one that counts; what was sealed so far is worth nothing then. Content is dropped: that
 * there is no digest says so. */
static void fail(Session *session, LogStep put_off)
{
	if (session->put_off == LOG_STEP_TAKEN)
		session->put_off = put_off;
	drop_content(session);
}

void session_free(Session *session)
{
	if (session == NULL)
		return;
	drop_content(session);
	g_ptr_array_unref(session->reports);
	g_ptr_array_unref(session->spellings);
	side_snapshot_unref(session->snapshot);
	explicit_bzero(session->envelope_from, strlen(session->envelope_from));
	g_free(session->envelope_from);
	g_free(session->queue_id);
	g_free(session);
}

/* --- the envelope ------------------------------------------------------------------------------ */

static Report *report_of(Session *session, const ConfigMailbox *mailbox)
{
	for (guint i = 0; i < session->reports->len; i++) {
		Report *report = g_ptr_array_index(session->reports, i);
		if (report->mailbox == mailbox)
			return report;
	}
	Report *report = report_new(mailbox);
	g_ptr_array_add(session->reports, report);
	return report;
}

void session_recipient(Session *session, const char *argument, const char *rcpt_addr, const char *rcpt_mailer)
{
	int mailbox = recipient_match(session->snapshot->matcher, argument, rcpt_addr, rcpt_mailer);
	if (mailbox == RECIPIENT_REJECTED)
		return;
	if (mailbox == RECIPIENT_FOREIGN) {
		session->others++;
		return;
	}
	/* Behind DATA it would be left out of what is sealed already. */
	if (++session->ours > SESSION_RECIPIENTS_MAX || session->digest != NULL) {
		fail(session, LOG_STEP_PUT_OFF_LIMIT);
		return;
	}
	g_autofree char *address = recipient_strip(argument);
	report_add_recipient(report_of(session, &session->snapshot->config->mailboxes[mailbox]), address);
	g_auto(GStrv) spellings = recipient_spellings(argument, rcpt_addr);
	for (char **spelling = spellings; *spelling != NULL; spelling++)
		g_ptr_array_add(session->spellings, g_strdup(*spelling));
}

void session_set_queue_id(Session *session, const char *queue_id)
{
	if (queue_id == NULL || g_strcmp0(session->queue_id, queue_id) == 0)
		return;
	g_free(session->queue_id);
	session->queue_id = g_strdup(queue_id);
}

const char *session_queue_id(const Session *session)
{
	return session->queue_id;
}

LogStep session_step(const Session *session)
{
	return session->put_off;
}

gboolean session_is_ours_alone(const Session *session)
{
	return session->others == 0;
}

const char *session_spelling(const Session *session, guint i)
{
	return i < session->spellings->len ? g_ptr_array_index(session->spellings, i) : NULL;
}

/* --- the content -------------------------------------------------------------------------------- */

static gboolean is_alive(Session *session)
{
	if (session->put_off == LOG_STEP_TAKEN && g_get_monotonic_time() - session->begun > side_get_times(session->side)->life)
		fail(session, LOG_STEP_PUT_OFF_TIME);
	return session->put_off == LOG_STEP_TAKEN && session->digest != NULL;
}

void session_put_off(Session *session, LogStep step)
{
	fail(session, step);
}

/* Takes FILE_OK's descriptor. */
static int take_file(Frame *answer, LogStep *put_off)
{
	int fd = answer->type == FRAME_FILE_OK ? answer->fd : -1;
	if (fd >= 0)
		answer->fd = -1;
	else
		*put_off = LOG_STEP_PUT_OFF_FILE;
	return fd;
}

/* ReportFile: in the middle of a message, so the time is short. */
static int ask_for_file(Report *report, gpointer user)
{
	Session *session = user;
	const SideTimes *times = side_get_times(session->side);
	gint64 deadline = g_get_monotonic_time() + times->file;
	if (session->intake == NULL)
		session->intake = side_take_intake(session->side, session->snapshot);
	if (!intake_client_wait(session->intake, deadline)) {
		report->put_off = intake_client_put_off(session->intake);
		return -1;
	}
	g_autoptr(Bundle) bundle = bundle_new();
	record_add(bundle_record(bundle), "mailbox", report->mailbox->address);
	intake_client_ask(session->intake, FRAME_FILE, bundle);
	if (!intake_client_wait(session->intake, deadline))
		return -1;
	return take_file(intake_client_answer(session->intake), &report->put_off);
}

/* What the log says of a message's end; what was put off for a reason of ours the registrar hears of too. */
static void tell_step(Session *session, LogStep step)
{
	static const LogStep others[] = {LOG_STEP_TAKEN, LOG_STEP_RETRY, LOG_STEP_TOO_LARGE, LOG_STEP_MTA_GONE};
	gboolean ours = TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
		ours = ours && step != others[i];
	if (ours)
		side_put_off(session->side);
	log_step(session->queue_id, step);
}

SessionVerdict session_data(Session *session, const char *client)
{
	if (session->ours == 0)
		return SESSION_FOREIGN;
	if (side_stopping(session->side))
		fail(session, LOG_STEP_PUT_OFF_STOP);
	if (session->put_off == LOG_STEP_TAKEN)
		session->digest = seal_message_digest_new();
	gint64 now = g_get_real_time();
	for (guint i = 0; is_alive(session) && i < session->reports->len; i++) {
		Report *report = g_ptr_array_index(session->reports, i);
		if (!report_begin(report, now, session->envelope_from, client, ask_for_file, session))
			fail(session, report->put_off);
	}
	if (is_alive(session))
		return SESSION_OURS;
	tell_step(session, session->put_off);
	return SESSION_PUT_OFF;
}

static void write_octets(Session *session, const void *data, gsize size)
{
	session->size += size;
	if (session->size > session->snapshot->config->max_message_size)
		fail(session, LOG_STEP_TOO_LARGE);
	for (guint i = 0; is_alive(session) && i < session->reports->len; i++) {
		Report *report = g_ptr_array_index(session->reports, i);
		if (!report_write(report, data, size))
			fail(session, report->put_off);
	}
}

/* "Name:" value CRLF, every line of a folded value ending in CRLF. */
static GByteArray *compose_field(const char *name, const char *value, gsize size)
{
	GByteArray *field = g_byte_array_sized_new((guint)(strlen(name) + size + 16));
	g_byte_array_append(field, (const guint8 *)name, (guint)strlen(name));
	g_byte_array_append(field, (const guint8 *)":", 1);
	for (const char *end = value + size; value < end;) {
		const char *line_end = memchr(value, '\n', (gsize)(end - value));
		gsize length = (gsize)((line_end != NULL ? line_end : end) - value);
		if (length > 0 && line_end != NULL && value[length - 1] == '\r')
			length--;
		g_byte_array_append(field, (const guint8 *)value, (guint)length);
		if (line_end != NULL)
			g_byte_array_append(field, (const guint8 *)"\r\n", 2);
		value = line_end != NULL ? line_end + 1 : end;
	}
	g_byte_array_append(field, (const guint8 *)"\r\n", 2);
	return field;
}

void session_field(Session *session, const char *name, const char *value, gsize size)
{
	if (!is_alive(session))
		return;
	if (g_ascii_strcasecmp(name, "Authentication-Results") == 0 &&
	    vouched_by(value, size, session->snapshot->config->trusted_authserv_id, session->envelope_from))
		session->authenticated = TRUE;
	GByteArray *field = compose_field(name, value, size);
	seal_message_digest_field(session->digest, name, field->data, field->len);
	write_octets(session, field->data, field->len);
	explicit_bzero(field->data, field->len);
	g_byte_array_unref(field);
}

void session_end_of_fields(Session *session)
{
	if (session->fields_ended || !is_alive(session))
		return;
	session->fields_ended = TRUE;
	write_octets(session, "\r\n", 2);
}

void session_body(Session *session, const void *data, gsize size)
{
	session_end_of_fields(session);
	if (!is_alive(session))
		return;
	seal_message_digest_body(session->digest, data, size);
	write_octets(session, data, size);
}

/* --- the end ------------------------------------------------------------------------------------- */

static LogStep deliver(Session *session, gint64 received, DeliveryProgress progress, gpointer user)
{
	guint8 digest[SEAL_DIGEST];
	gint64 deadline = g_get_monotonic_time() + side_get_times(session->side)->total;
	session_end_of_fields(session);
	for (guint i = 0; is_alive(session) && i < session->reports->len; i++) {
		Report *report = g_ptr_array_index(session->reports, i);
		if (!report_finish(report))
			fail(session, report->put_off);
	}
	if (session->put_off == LOG_STEP_TAKEN && session->digest == NULL)
		return LOG_STEP_PUT_OFF_SEAL; /* end of message without DATA: nothing was sealed */
	if (!is_alive(session))
		return session->put_off;
	seal_message_digest_finish(session->digest, digest);
	DeliveryTask task = {
		.side = session->side,
		.snapshot = session->snapshot,
		.reports = session->reports,
		.intake = &session->intake,
		.queue_id = session->queue_id,
		.envelope_from = session->envelope_from,
		.message_digest = digest,
		.authenticated = session->authenticated,
		.received = received,
		.deadline = deadline,
		.progress = progress,
		.user = user,
	};
	return delivery_run(&task);
}

SessionVerdict session_finish(Session *session, DeliveryProgress progress, gpointer user)
{
	gint64 received = g_get_real_time();
	LogStep step = LOG_STEP_PUT_OFF_STOP;
	g_return_val_if_fail(!session->finished, SESSION_PUT_OFF);
	session->finished = TRUE;
	if (side_enter(session->side)) {
		step = deliver(session, received, progress, user);
		side_leave(session->side);
	}
	gboolean taken = step == LOG_STEP_TAKEN || step == LOG_STEP_RETRY;
	/* A sender who hangs up, or sends too much, is no trouble of this host's, nor is our own end. */
	if (step != LOG_STEP_MTA_GONE && step != LOG_STEP_TOO_LARGE && step != LOG_STEP_PUT_OFF_STOP)
		side_note_intake(session->side, taken, received);
	if (taken)
		side_give_intake(session->side, g_steal_pointer(&session->intake));
	drop_content(session);
	session->put_off = step;
	tell_step(session, step);
	if (taken)
		return SESSION_TAKEN;
	return step == LOG_STEP_TOO_LARGE ? SESSION_TOO_LARGE : SESSION_PUT_OFF;
}
