/* SPDX-License-Identifier: ISC */
/* senim-milter - takes mail to a trust mailbox out of the MTA's hands, seals it and has it registered
 * (doc/senim-milter.8). */
#include <libmilter/mfapi.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/config.h"
#include "base/exits.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/process.h"
#include "base/words.h"
#include "milter/callbacks.h"
#include "milter/ingest-server.h"
#include "milter/pulse.h"
#include "milter/rule-pack.h"
#include "milter/watch.h"
#include "store/ephemeral.h"

#define NURSERY_PATIENCE (30 * G_TIME_SPAN_SECOND)
#define DRAIN (120 * G_TIME_SPAN_SECOND) /* as long as a report's end may take */
/* libmilter writes a verdict after the callback has returned, and tells nobody when it has. */
#define LAST_WORD (300 * G_TIME_SPAN_MILLISECOND)
#define REFILL_AT_ONCE 32
#define REFILL_PAUSE (200 * G_TIME_SPAN_MILLISECOND)

typedef struct {
	Words words;
	Config *config;
	guint64 descriptors; /* RLIMIT_NOFILE in force */
	NurseryClient *nursery;
	Pulse *pulse;
	Side *side;
	IngestServer *ingest;
	char *socket; /* the milter socket's path, or NULL */
	char *ingest_path;
	pthread_t main_thread;
	gboolean failed; /* libmilter gave up by itself */
} Daemon;

static int fail(const GError *error, int status)
{
	log_error("%s", error->message);
	return status;
}

/* --- threads ------------------------------------------------------------------------------------- */

/* The signals that are waited for. Blocked before the first thread, so that none of them lands elsewhere. */
static void signal_set(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
}

static void reload_rules(Daemon *daemon, const Config *next)
{
	g_autoptr(GError) error = NULL;
	int rules = rule_pack_make(daemon->config->examiner, next->rules, RULE_PACK_SECONDS, &error);
	if (rules >= 0 && rule_pack_same(rules, nursery_client_rules(daemon->nursery)))
		close(rules);
	else if (rules >= 0 && nursery_client_renew(daemon->nursery, rules, NURSERY_PATIENCE, &error))
		log_notice("the screening's rules were read again");
	if (error != NULL)
		log_warning("%s; the rules in force stay", error->message);
}

static void reload(Daemon *daemon)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) next = config_load(daemon->words.config, &error);
	if (next == NULL) {
		log_warning("%s; the configuration in force stays", error->message);
		return;
	}
	if (side_descriptors(next) > daemon->descriptors) {
		log_warning("max-connections = %u needs %" G_GUINT64_FORMAT " descriptors and the limit is %" G_GUINT64_FORMAT
		            ": raise LimitNOFILE=; the configuration in force stays", next->max_connections,
		            side_descriptors(next), daemon->descriptors);
		return;
	}
	/* Against what the daemon started with: what was set back waits for nothing. */
	g_autofree char *keys = config_needs_restart(daemon->config, next);
	side_reload(daemon->side, next);
	reload_rules(daemon, next);
	log_notice("the configuration was read again%s%s", keys != NULL ? "; a restart is needed for " : "",
	           keys != NULL ? keys : "");
}

/* libmilter's own thread waits for HUP, TERM and INT as well, and its listener hears of them up to 5 s later. The
 * kernel prefers the main thread, which waits here; whichever gets the signal, both ends meet. */
static void wait_for_stop(Daemon *daemon)
{
	sigset_t set;
	int number;
	signal_set(&set);
	while (sigwait(&set, &number) != 0 || number == SIGUSR1)
		reload(daemon);
}

static gpointer serve(gpointer data)
{
	Daemon *daemon = data;
	daemon->failed = smfi_main() != MI_SUCCESS;
	pthread_kill(daemon->main_thread, SIGTERM);
	return NULL;
}

/* Key pairs for the readers' headers, made while nothing else is to be done. */
static gpointer refill_pairs(gpointer data)
{
	(void)data;
	process_set_pace(PROCESS_LAST);
	for (;;)
		if (ephemeral_refill(REFILL_AT_ONCE) == 0)
			g_usleep(REFILL_PAUSE);
	return NULL;
}

/* --- start and end --------------------------------------------------------------------------------- */

static gboolean check_descriptors(Daemon *daemon, GError **error)
{
	guint64 wanted = side_descriptors(daemon->config);
	daemon->descriptors = process_raise_descriptors(wanted);
	if (daemon->descriptors >= wanted)
		return TRUE;
	g_set_error(error, CONFIG_ERROR, 0,
	            "max-connections = %u needs %" G_GUINT64_FORMAT " descriptors and the limit is %" G_GUINT64_FORMAT
	            ": raise LimitNOFILE= or lower max-connections", daemon->config->max_connections, wanted,
	            daemon->descriptors);
	return FALSE;
}

static gboolean hold_lock(const Daemon *daemon, GError **error)
{
	g_autofree char *path = config_run_path(daemon->config, "milter.lock");
	return process_lock(path, error);
}

/* A Unix socket is made by listen_unix(), never there with the wrong mode, and handed to libmilter as a descriptor: by
 * itself libmilter would bind it under the umask, or take it away from a process that uses it. */
static gboolean open_milter_socket(Daemon *daemon, GError **error)
{
	g_autofree char *connection = g_strdup(daemon->config->milter_socket);
	if (g_str_has_prefix(connection, "unix:")) {
		daemon->socket = g_strdup(connection + strlen("unix:"));
		int fd = listen_unix(daemon->socket, 0660, NULL, error);
		if (fd < 0)
			return FALSE;
		g_free(connection);
		connection = g_strdup_printf("fd:%d", fd);
	}
	if (smfi_setconn(connection) == MI_SUCCESS && smfi_opensocket(FALSE) == MI_SUCCESS)
		return TRUE;
	g_set_error(error, CONFIG_ERROR, 0,
	            "libmilter cannot listen on %s: look whether another program does; libmilter writes why to syslog",
	            daemon->config->milter_socket);
	return FALSE;
}

static gboolean open_ingest(Daemon *daemon, GError **error)
{
	daemon->ingest_path = config_run_path(daemon->config, "ingest.sock");
	int listener = listen_unix(daemon->ingest_path, 0660, "senim-ingest", error);
	if (listener >= 0)
		daemon->ingest = ingest_server_start(daemon->side, listener);
	return listener >= 0;
}

/* An organisation's own rules that are wrong stop no report: the shipped ones are there. */
static int first_rules(const Config *config, GError **error)
{
	g_autoptr(GError) refused = NULL;
	int rules = rule_pack_make(config->examiner, config->rules, RULE_PACK_SECONDS, &refused);
	if (rules >= 0)
		return rules;
	rules = rule_pack_make(config->examiner, NULL, RULE_PACK_SECONDS, error);
	if (rules >= 0)
		log_error("%s: until they are mended and read again the shipped rules alone are in force", refused->message);
	return rules;
}

/* In an order that lets nobody in before everything is there: descriptors, lock, nursery (before the first thread),
 * then sockets. */
static gboolean start(Daemon *daemon, GError **error)
{
	const Config *config = daemon->config;
	if (!check_descriptors(daemon, error) || !hold_lock(daemon, error))
		return FALSE;
	int rules = first_rules(config, error);
	if (rules < 0)
		return FALSE;
	daemon->nursery = nursery_client_start(config->examiner, rules, config->workers, config->cage_required, NURSERY_PATIENCE,
	                                       error);
	if (daemon->nursery == NULL)
		return FALSE;
	daemon->side = side_new(daemon->config, daemon->nursery, &side_times);
	if (!callbacks_register(daemon->side)) {
		g_set_error(error, CONFIG_ERROR, 0, "libmilter refuses to register the filter");
		return FALSE;
	}
	if (!open_milter_socket(daemon, error) || !open_ingest(daemon, error))
		return FALSE;
	watch_start(daemon->side);
	g_thread_unref(g_thread_new("pairs", refill_pairs, NULL));
	daemon->pulse = pulse_start(daemon->side);
	daemon->main_thread = pthread_self();
	g_thread_unref(g_thread_new("libmilter", serve, daemon));
	return TRUE;
}

/* Callbacks go on running meanwhile; what has not begun to end is left to the MTA, which tries again. smfi_stop() would
 * wait for the listener's next look around. */
static void drain(Daemon *daemon)
{
	if (daemon->socket != NULL)
		unlink(daemon->socket);
	unlink(daemon->ingest_path);
	log_notice("stopping: reports that are under way are finished first");
	if (!side_drain(daemon->side, DRAIN))
		log_warning("stopped with a report under way: its sender was not told it was taken");
	ingest_server_stop(daemon->ingest);
	g_usleep(LAST_WORD);
	pulse_stop(daemon->pulse);
	nursery_client_stop(daemon->nursery);
}

static int run(Daemon *daemon)
{
	g_autoptr(GError) error = NULL;
	process_warn_root("senim-milter");
	if (!start(daemon, &error)) {
		nursery_client_stop(daemon->nursery);
		return fail(error, EXIT_FAILED);
	}
	log_notice("senim-milter " PACKAGE_VERSION " listens on %s", daemon->config->milter_socket);
	wait_for_stop(daemon);
	drain(daemon);
	log_notice("stopped");
	return daemon->failed ? EXIT_FAILED : EXIT_DONE;
}

int main(int argc, char **argv)
{
	static Daemon daemon; /* threads and callbacks use it to the last moment */
	g_autoptr(GError) error = NULL;
	sigset_t signals;
	process_harden();
	log_open("senim-milter");
	signal_set(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (!words_read(&daemon.words, "senim-milter", "- seal mail to trust mailboxes on its way in", NULL, &argc, &argv, &error))
		return fail(error, EXIT_USAGE);
	if (daemon.words.version) {
		puts("senim-milter " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	daemon.config = config_load(daemon.words.config, &error);
	if (daemon.config == NULL)
		return fail(error, EXIT_USAGE);
	if (!daemon.words.check)
		return run(&daemon);
	words_tell_config(&daemon.words, daemon.config);
	return EXIT_DONE;
}
