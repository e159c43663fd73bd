/* SPDX-License-Identifier: ISC */
#include "milter/callbacks.h"

#include <libmilter/mfapi.h>
#include <string.h>

#include "milter/session.h"

#define ACTIONS (SMFIF_CHGFROM | SMFIF_DELRCPT)
/* Silence wherever nothing can be answered yet. */
#define QUIET (SMFIP_NR_MAIL | SMFIP_NR_RCPT | SMFIP_NR_HDR | SMFIP_NR_EOH | SMFIP_NR_BODY)
#define UNWANTED (SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOUNKNOWN)

/* libmilter has no pointer for the filter as a whole. */
static Side *callbacks_side;

/* One connection of the MTA. */
typedef struct {
	Snapshot *snapshot;
	gboolean over;       /* above max-connections */
	unsigned long quiet; /* SMFIP_NR_* as negotiated */
	Session *session;    /* between MAIL and the verdict */
	gboolean begun;      /* DATA has been, or what stands for it with an MTA that sends none */
	SessionVerdict at_data;
} Connection;

static Connection *connection_new(void)
{
	SideConnection welcome = side_connect(callbacks_side);
	if (welcome == SIDE_REFUSED)
		return NULL;
	Connection *connection = g_new0(Connection, 1);
	connection->snapshot = side_snapshot(callbacks_side);
	connection->over = welcome == SIDE_OVER;
	return connection;
}

/* The one end of every message; harmless when there is none. */
static void end_message(Connection *connection)
{
	if (connection == NULL)
		return;
	g_clear_pointer(&connection->session, session_free);
	connection->begun = FALSE;
}

static Connection *connection_of(SMFICTX *ctx)
{
	return smfi_getpriv(ctx);
}

static sfsistat quiet(const Connection *connection, unsigned long stage)
{
	return connection != NULL && (connection->quiet & stage) != 0 ? SMFIS_NOREPLY : SMFIS_CONTINUE;
}

/* --- verdicts ------------------------------------------------------------------------------- */

/* The one place where a session's verdict becomes SMTP. The text says nothing of reports: it stands in bounces. */
static sfsistat answer_put_off(SMFICTX *ctx)
{
	smfi_setreply(ctx, (char *)"451", (char *)"4.3.0", (char *)"Cannot be taken right now, please try again later");
	return SMFIS_TEMPFAIL;
}

static sfsistat answer_too_large(SMFICTX *ctx)
{
	smfi_setreply(ctx, (char *)"552", (char *)"5.3.4", (char *)"Message is larger than this address takes");
	return SMFIS_REJECT;
}

static sfsistat answer_taken(SMFICTX *ctx, const Session *session)
{
	gboolean heard = TRUE;
	const char *spelling;
	if (session_is_ours_alone(session)) {
		heard = smfi_chgfrom(ctx, (char *)"<>", NULL) == MI_SUCCESS;
	} else {
		for (guint i = 0; heard && (spelling = session_spelling(session, i)) != NULL; i++)
			heard = smfi_delrcpt(ctx, (char *)spelling) == MI_SUCCESS;
	}
	if (!heard) {
		log_step(session_queue_id(session), LOG_STEP_VERDICT_LOST);
		return answer_put_off(ctx);
	}
	return session_is_ours_alone(session) ? SMFIS_DISCARD : SMFIS_CONTINUE;
}

static gboolean progress(gpointer user)
{
	return smfi_progress(user) == MI_SUCCESS;
}

/* --- negotiation ------------------------------------------------------------------------------ */

static gboolean keeps_a_client(const Config *config)
{
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (config->mailboxes[i].keep_client)
			return TRUE;
	return FALSE;
}

/* Whatever the administrator's macro settings are; an MTA that cannot be asked sends what those say. */
static void ask_for_macros(SMFICTX *ctx, const Config *config)
{
	const char *at_data = keeps_a_client(config) ? "i {client_addr}" : "i";
	smfi_setsymlist(ctx, SMFIM_ENVRCPT, (char *)"{rcpt_addr} {rcpt_mailer}");
	smfi_setsymlist(ctx, SMFIM_DATA, (char *)at_data);
	smfi_setsymlist(ctx, SMFIM_EOM, (char *)"i");
}

static sfsistat on_negotiate(SMFICTX *ctx, unsigned long f0, unsigned long f1, unsigned long f2, unsigned long f3,
                             unsigned long *p0, unsigned long *p1, unsigned long *p2, unsigned long *p3)
{
	(void)f2;
	(void)f3;
	if ((f0 & ACTIONS) != ACTIONS || (f1 & SMFIP_HDR_LEADSPC) == 0) {
		log_warning("refused an MTA that cannot remove recipients, change the sender or pass header fields as they "
		            "came: it speaks a milter protocol older than version 6");
		return SMFIS_REJECT;
	}
	Connection *connection = connection_new();
	if (connection == NULL) {
		log_warning("refused a connection: twice max-connections are there already");
		return SMFIS_REJECT;
	}
	connection->quiet = f1 & QUIET;
	smfi_setpriv(ctx, connection);
	*p0 = ACTIONS | (f0 & SMFIF_SETSYMLIST);
	*p1 = SMFIP_HDR_LEADSPC | (f1 & (QUIET | UNWANTED));
	*p2 = *p3 = 0;
	if ((f0 & SMFIF_SETSYMLIST) != 0)
		ask_for_macros(ctx, connection->snapshot->config);
	return SMFIS_CONTINUE;
}

/* --- the envelope ------------------------------------------------------------------------------- */

static sfsistat on_envfrom(SMFICTX *ctx, char **argv)
{
	Connection *connection = connection_of(ctx);
	if (connection == NULL)
		return answer_put_off(ctx);
	end_message(connection);
	connection->session = session_new(callbacks_side, connection->snapshot, argv[0]);
	return quiet(connection, SMFIP_NR_MAIL);
}

/* Never REJECT: it would hit this recipient alone, and the others' copies would go on without us. */
static sfsistat on_envrcpt(SMFICTX *ctx, char **argv)
{
	Connection *connection = connection_of(ctx);
	if (connection != NULL && connection->session != NULL)
		session_recipient(connection->session, argv[0], smfi_getsymval(ctx, (char *)"{rcpt_addr}"),
		                  smfi_getsymval(ctx, (char *)"{rcpt_mailer}"));
	return quiet(connection, SMFIP_NR_RCPT);
}

/* --- DATA and content ----------------------------------------------------------------------------- */

static SessionVerdict begin_content(SMFICTX *ctx, Connection *connection)
{
	if (connection->begun)
		return connection->at_data;
	connection->begun = TRUE;
	session_set_queue_id(connection->session, smfi_getsymval(ctx, (char *)"i"));
	if (connection->over)
		session_put_off(connection->session, LOG_STEP_PUT_OFF_LIMIT);
	return connection->at_data = session_data(connection->session, smfi_getsymval(ctx, (char *)"{client_addr}"));
}

static sfsistat on_data(SMFICTX *ctx)
{
	Connection *connection = connection_of(ctx);
	if (connection == NULL || connection->session == NULL)
		return answer_put_off(ctx);
	switch (begin_content(ctx, connection)) {
	case SESSION_OURS:
		return SMFIS_CONTINUE;
	case SESSION_FOREIGN:
		end_message(connection);
		return SMFIS_ACCEPT;
	case SESSION_TAKEN:
	case SESSION_TOO_LARGE:
	case SESSION_PUT_OFF:
	default:
		end_message(connection); /* no end of message follows */
		return answer_put_off(ctx);
	}
}

/* The session whose content comes in, or NULL. */
static Session *receiving(SMFICTX *ctx)
{
	Connection *connection = connection_of(ctx);
	if (connection == NULL || connection->session == NULL || begin_content(ctx, connection) != SESSION_OURS)
		return NULL;
	return connection->session;
}

static sfsistat on_header(SMFICTX *ctx, char *name, char *value)
{
	Session *session = receiving(ctx);
	if (session != NULL)
		session_field(session, name, value, strlen(value));
	return quiet(connection_of(ctx), SMFIP_NR_HDR);
}

static sfsistat on_eoh(SMFICTX *ctx)
{
	Session *session = receiving(ctx);
	if (session != NULL)
		session_end_of_fields(session);
	return quiet(connection_of(ctx), SMFIP_NR_EOH);
}

static sfsistat on_body(SMFICTX *ctx, unsigned char *data, size_t size)
{
	Session *session = receiving(ctx);
	if (session != NULL)
		session_body(session, data, size);
	return quiet(connection_of(ctx), SMFIP_NR_BODY);
}

static sfsistat finish(SMFICTX *ctx, Connection *connection)
{
	Session *session = connection->session;
	SessionVerdict verdict = begin_content(ctx, connection);
	if (verdict == SESSION_OURS) {
		session_set_queue_id(session, smfi_getsymval(ctx, (char *)"i"));
		verdict = session_finish(session, progress, ctx);
	}
	switch (verdict) {
	case SESSION_TAKEN:
		return answer_taken(ctx, session);
	case SESSION_FOREIGN:
		return SMFIS_CONTINUE;
	case SESSION_TOO_LARGE:
		return answer_too_large(ctx);
	case SESSION_OURS:
	case SESSION_PUT_OFF:
	default:
		return answer_put_off(ctx);
	}
}

static sfsistat on_eom(SMFICTX *ctx)
{
	Connection *connection = connection_of(ctx);
	if (connection == NULL || connection->session == NULL)
		return answer_put_off(ctx); /* nothing is known of its recipients */
	sfsistat status = finish(ctx, connection);
	end_message(connection);
	return status;
}

/* --- ends ------------------------------------------------------------------------------------------ */

static sfsistat on_abort(SMFICTX *ctx)
{
	end_message(connection_of(ctx));
	return SMFIS_CONTINUE;
}

/* May run with libmilter's pool locked: nothing here waits. */
static sfsistat on_close(SMFICTX *ctx)
{
	Connection *connection = connection_of(ctx);
	if (connection == NULL)
		return SMFIS_CONTINUE;
	end_message(connection);
	side_snapshot_unref(connection->snapshot);
	g_free(connection);
	smfi_setpriv(ctx, NULL);
	side_disconnect(callbacks_side);
	return SMFIS_CONTINUE;
}

gboolean callbacks_register(Side *side)
{
	struct smfiDesc description = {
		.xxfi_name = (char *)"senim-milter",
		.xxfi_version = SMFI_VERSION,
		.xxfi_flags = ACTIONS,
		.xxfi_envfrom = on_envfrom,
		.xxfi_envrcpt = on_envrcpt,
		.xxfi_header = on_header,
		.xxfi_eoh = on_eoh,
		.xxfi_body = on_body,
		.xxfi_eom = on_eom,
		.xxfi_abort = on_abort,
		.xxfi_close = on_close,
		.xxfi_data = on_data,
		.xxfi_negotiate = on_negotiate,
	};
	callbacks_side = side;
	return smfi_register(description) == MI_SUCCESS;
}
