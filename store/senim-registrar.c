/* SPDX-License-Identifier: ISC */
/* senim-registrar - keeps the registers: takes sealed reports in, serves the officers, sends letters
 * (doc/senim-registrar.8). */
#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/escape.h"
#include "base/exits.h"
#include "base/listen.h"
#include "base/log.h"
#include "base/process.h"
#include "base/words.h"
#include "policy/letter.h"
#include "policy/names.h"
#include "store/addressee.h"
#include "store/alarms.h"
#include "store/archiver.h"
#include "store/checker.h"
#include "store/desk.h"
#include "store/intake.h"
#include "store/outbox.h"
#include "store/people-config.h"
#include "store/people-keeper.h"
#include "store/registrar-dates.h"
#include "store/registrar-letters.h"
#include "store/registrar-lists.h"
#include "store/registrar-replies.h"
#include "store/registrar-templates.h"
#include "store/registry.h"
#include "store/outages.h"

typedef struct {
	Words words;
	gboolean go_on; /* --continue-after-mismatch */
	Config *config;
	sigset_t signals;
	char *intake_path, *desk_path;
	Registry *registry;
	Outbox *outbox;
	Intake *intake;
	Desk *desk;
	Archiver *archiver;
	Alarms *alarms;
	Checker *checker;
	PeopleKeeper *keeper;
	Outages *outages;
} Daemon;

static int fail(const GError *error, int status)
{
	log_error("%s", error->message);
	return status;
}

/* --- words ---------------------------------------------------------------------------- */

static gboolean read_words(Daemon *daemon, int *argc, char ***argv, GError **error)
{
	const GOptionEntry more[] = {
		{"continue-after-mismatch", 0, 0, G_OPTION_ARG_NONE, &daemon->go_on,
		 "keep databases of different ages aside, and go on with a new log that says so", NULL},
		G_OPTION_ENTRY_NULL,
	};
	return words_read(&daemon->words, "senim-registrar", "- keep the registers of trust mailboxes", more, argc, argv, error);
}

static void add_person(Names *names, const char *id, char **list, const char *post)
{
	for (guint i = 0; list != NULL && list[i] != NULL; i++)
		names_add_name(names, id, list[i]);
	names_add_post(names, id, post);
}

/* A name that is a word of every day would take half the mail away from her, so it counts for nothing: that has to be
 * known. */
static void warn_of_names(const Config *config)
{
	g_autoptr(Names) names = names_new();
	for (guint i = 0; i < config->n_officers; i++)
		add_person(names, config->officers[i].name, config->officers[i].names, config->officers[i].post);
	for (guint i = 0; i < config->n_people; i++)
		add_person(names, config->people[i].name, config->people[i].names, config->people[i].post);
	g_autoptr(GPtrArray) common = names_too_common(names);
	for (guint i = 0; i < common->len; i++) {
		const char *line = g_ptr_array_index(common, i), *blank = strchr(line, ' ');
		g_autofree char *name = escape_text(blank + 1, -1, ESCAPE_LINE);
		log_warning("[%.*s] %s is a word that others are called by: no report is withheld for it alone; give the whole name",
		            (int)(blank - line), line, name);
	}
}

/* As far as it is known here: a registrar that runs keeps the books to itself, and leaves a note. */
static gboolean check_people(const Config *config, GError **error)
{
	g_autoptr(GPtrArray) lacks = g_ptr_array_new_with_free_func(g_free);
	gboolean agrees = people_config_agrees_with_note(config, g_get_real_time(), lacks, error);
	for (guint i = 0; i < lacks->len; i++)
		log_warning("%s", (const char *)lacks->pdata[i]);
	return agrees;
}

static int check_config(const Daemon *daemon)
{
	g_autoptr(GError) error = NULL;
	if (!registrar_templates_check(daemon->config, &error) || !registrar_replies_try_all(daemon->config, &error) ||
	    !registrar_lists_check(daemon->config, &error) ||
	    !registrar_dates_load(daemon->config, &error) || !check_people(daemon->config, &error))
		return fail(error, EXIT_USAGE);
	warn_of_names(daemon->config);
	registrar_dates_compare(daemon->config, FALSE);
	addressee_tell_keys(daemon->config, g_get_real_time());
	words_tell_config(&daemon->words, daemon->config);
	return EXIT_DONE;
}

/* --- signals ---------------------------------------------------------------------------- */

/* Blocked before the first thread; the main thread takes them one by one. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, set, NULL);
}

static void reload(const Daemon *daemon)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) next = config_load(daemon->words.config, &error);
	if (next == NULL || !registrar_templates_check(next, &error) || !registrar_lists_check(next, &error) ||
	    !people_keeper_accepts(daemon->registry, next, &error) || !registrar_dates_load(next, &error)) {
		log_warning("%s; the configuration in force stays", error->message);
		return;
	}
	/* Against what the daemon started with: what was set back waits for nothing. */
	g_autofree char *keys = config_needs_restart(daemon->config, next);
	registry_reload(daemon->registry, next);
	registrar_dates_compare(next, TRUE);
	people_keeper_wake(daemon->keeper);
	alarms_wake(daemon->alarms);
	addressee_tell_keys(next, registry_now(daemon->registry));
	outbox_wake(daemon->outbox);
	log_notice("the configuration was read again%s%s", keys != NULL ? "; a restart is needed for " : "",
	           keys != NULL ? keys : "");
}

static void wait_for_end(const Daemon *daemon)
{
	int number;
	while (sigwait(&daemon->signals, &number) == 0)
		if (number == SIGUSR1)
			reload(daemon);
		else
			return;
}

/* --- start and end ------------------------------------------------------------------------ */

static void wake_outbox(gpointer user)
{
	outbox_wake(((Daemon *)user)->outbox);
}

static void hear_milter(gboolean nursery, guint64 put_off, gpointer user)
{
	outages_milter(((Daemon *)user)->outages, nursery, put_off);
}

static void hear_report(gboolean taken, gpointer user)
{
	outages_report(((Daemon *)user)->outages, taken);
}

static void hear_mta(gboolean reached, gpointer user)
{
	outages_mta(((Daemon *)user)->outages, reached);
}

static gboolean hold_lock(const Daemon *daemon, GError **error)
{
	g_autofree char *path = g_build_filename(daemon->config->state_directory, "registrar.lock", NULL);
	return process_lock(path, error);
}

/* systemd makes it for a unit; elsewhere it may be gone after a reboot. The sockets in it carry the modes. */
static gboolean make_run_directory(const Config *config, GError **error)
{
	if (mkdir(config->run_directory, 0700) == 0 ? chmod(config->run_directory, 0755) == 0 : errno == EEXIST)
		return TRUE;
	g_set_error(error, CONFIG_ERROR, 0, "run-directory = %s cannot be made: make it, or name another",
	            config->run_directory);
	return FALSE;
}

static gboolean open_intake(Daemon *daemon, GError **error)
{
	const IntakeHooks hooks = {wake_outbox, hear_milter, hear_report, daemon};
	daemon->intake_path = config_run_path(daemon->config, "intake.sock");
	int listener = listen_unix(daemon->intake_path, 0660, "senim-intake", error);
	if (listener >= 0)
		daemon->intake = intake_start(daemon->registry, listener, &hooks);
	return listener >= 0;
}

static guint64 demand_archive(gpointer user)
{
	return archiver_demand(((Daemon *)user)->archiver);
}

static void ask_archive(ArchiverState *state, gpointer user)
{
	archiver_state(((Daemon *)user)->archiver, state);
}

static const char *judge_address(const Config *config, const ConfigMailbox *mailbox, const char *address,
                                 gpointer user G_GNUC_UNUSED)
{
	return letter_address_reason(config, mailbox, address);
}

static gboolean open_desk(Daemon *daemon, GError **error)
{
	DeskHooks hooks = {.dates = registrar_dates_of,
	                   .terms = registrar_dates_terms,
	                   .explain = registrar_dates_explain,
	                   .letter_queued = wake_outbox,
	                   .address = judge_address,
	                   .letters = registrar_lists_letters,
	                   .grounds = registrar_lists_grounds,
	                   .categories = registrar_lists_categories,
	                   .archive = demand_archive,
	                   .archive_state = ask_archive,
	                   .user = daemon};
	daemon->desk_path = config_run_path(daemon->config, "desk.sock");
	int listener = listen_unix(daemon->desk_path, 0660, "senim-desk", error);
	if (listener >= 0)
		daemon->desk = desk_start(daemon->registry, listener, &hooks, error);
	return daemon->desk != NULL;
}

/* Lock, books, outbox, and only then the doors. */
static gboolean start(Daemon *daemon, GError **error)
{
	const Config *config = daemon->config;
	guint64 descriptors = process_raise_descriptors(INTAKE_DESCRIPTORS);
	if (descriptors < INTAKE_DESCRIPTORS)
		log_warning("%" G_GUINT64_FORMAT " descriptors may be short of %d under load: raise LimitNOFILE=", descriptors,
		            INTAKE_DESCRIPTORS);
	g_autoptr(GError) undated = NULL;
	if (!registrar_dates_load(config, &undated))
		log_warning("%s; cases have no dates until senim-registrar has read a good calendar (SIGUSR1)", undated->message);
	if (!make_run_directory(config, error) || !hold_lock(daemon, error))
		return FALSE;
	registrar_dates_compare(config, undated == NULL);
	RegistryOptions options = {.continue_after_mismatch = daemon->go_on};
	daemon->registry = registry_open(daemon->config, &options, error);
	if (daemon->registry == NULL)
		return FALSE;
	daemon->outages = outages_new(daemon->registry, NULL);
	const OutboxHooks hooks = {
		.compose = registrar_letters_compose,
		.user = daemon,
		.mta = hear_mta,
		.reminders = {registrar_dates_is_working_day, registrar_dates_day_after, registrar_dates_is_due, NULL},
	};
	daemon->outbox = outbox_start(daemon->registry, &hooks);
	const AlarmsHooks alarms = {registrar_dates_calendar_ends, wake_outbox, registrar_letters_compose, daemon};
	daemon->alarms = alarms_start(daemon->registry, &alarms);
	daemon->checker = checker_start(daemon->registry);
	const ArchiverHooks archive = {registrar_dates_is_working_day, NULL};
	daemon->archiver = archiver_start(daemon->registry, &archive);
	daemon->keeper = people_keeper_start(daemon->registry);
	if (!open_intake(daemon, error) || !open_desk(daemon, error))
		return FALSE;
	outages_start(daemon->outages);
	return TRUE;
}

/* Doors first: no more officers, no more reports than have arrived whole; then letters; then the books. */
static void stop(Daemon *daemon)
{
	g_clear_pointer(&daemon->desk, desk_stop);
	g_clear_pointer(&daemon->intake, intake_stop);
	if (daemon->desk_path != NULL)
		unlink(daemon->desk_path);
	if (daemon->intake_path != NULL)
		unlink(daemon->intake_path);
	g_clear_pointer(&daemon->alarms, alarms_stop);
	g_clear_pointer(&daemon->outbox, outbox_stop);
	g_clear_pointer(&daemon->archiver, archiver_stop);
	g_clear_pointer(&daemon->checker, checker_stop);
	g_clear_pointer(&daemon->keeper, people_keeper_stop);
	g_clear_pointer(&daemon->outages, outages_stop);
	g_clear_pointer(&daemon->registry, registry_close);
}

static int run(Daemon *daemon)
{
	g_autoptr(GError) error = NULL;
	process_warn_root("senim-registrar");
	curl_global_init(CURL_GLOBAL_NOTHING);
	if (!start(daemon, &error)) {
		stop(daemon);
		return fail(error, EXIT_FAILED);
	}
	log_notice("senim-registrar " PACKAGE_VERSION " is ready; mailboxes: %u; sockets in %s", registry_count(daemon->registry),
	           daemon->config->run_directory);
	wait_for_end(daemon);
	log_notice("stopping: what has arrived is finished first");
	stop(daemon);
	log_notice("stopped");
	return EXIT_DONE;
}

/* A page of a long list is half a megabyte, and there are hundreds: what one has freed is there for the next, and is not
 * given back to the kernel and asked for again. */
static void keep_freed_memory(void)
{
	mallopt(M_MMAP_THRESHOLD, 8 << 20);
	mallopt(M_TRIM_THRESHOLD, 32 << 20);
}

int main(int argc, char **argv)
{
	static Daemon daemon; /* threads use it to the last moment */
	g_autoptr(GError) error = NULL;
	process_harden();
	keep_freed_memory();
	log_open("senim-registrar");
	block_signals(&daemon.signals);
	if (!read_words(&daemon, &argc, &argv, &error))
		return fail(error, EXIT_USAGE);
	if (daemon.words.version) {
		puts("senim-registrar " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	daemon.config = config_load(daemon.words.config, &error);
	if (daemon.config == NULL)
		return fail(error, EXIT_USAGE);
	return daemon.words.check ? check_config(&daemon) : run(&daemon);
}
