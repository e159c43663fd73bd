/* SPDX-License-Identifier: ISC */
#include "store/archiver.h"

#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "store/archive.h"
#include "store/private-file.h"

#define FIRST (5 * G_TIME_SPAN_MINUTE) /* after a start the reports that waited come first */
#define LOOK_EVERY G_TIME_SPAN_HOUR
/* ioprio_set(2): the idle class, which glibc has no name for. */
#define IOPRIO_WHO_PROCESS 1
#define IOPRIO_IDLE (3 << 13)

gint64 archiver_test_wait;

struct Archiver {
	Registry *registry;
	ArchiverHooks hooks;
	GThread *thread;
	GMutex lock;
	GCond changed;
	/* under the lock */
	gboolean stopping;
	guint64 asked;       /* the highest run that somebody waits for */
	ArchiverState state;
};

void archiver_state_clear(ArchiverState *state)
{
	g_clear_pointer(&state->fault, g_free);
}

void archiver_state(Archiver *archiver, ArchiverState *state)
{
	g_mutex_lock(&archiver->lock);
	*state = archiver->state;
	state->fault = g_strdup(archiver->state.fault);
	g_mutex_unlock(&archiver->lock);
}

guint64 archiver_demand(Archiver *archiver)
{
	g_mutex_lock(&archiver->lock);
	/* The one that is under way, if any, has begun before this was asked for. */
	archiver->asked = MAX(archiver->asked, archiver->state.ended) + 1;
	guint64 number = archiver->asked;
	g_cond_signal(&archiver->changed);
	g_mutex_unlock(&archiver->lock);
	return number;
}

static gboolean may_go_on(gpointer user)
{
	Archiver *archiver = user;
	g_mutex_lock(&archiver->lock);
	gboolean goes_on = !archiver->stopping;
	g_mutex_unlock(&archiver->lock);
	return goes_on;
}

static char *mark_path(const Config *config)
{
	return g_build_filename(config->state_directory, ARCHIVER_MARK, NULL);
}

/* --- one run ---------------------------------------------------------------------------------------------------------- */

static gboolean run_one(Archiver *archiver, guint i, const Config *config, ArchiverState *state, GError **error)
{
	const char *mailbox = registry_mailbox(archiver->registry, i);
	g_autofree char *key = registry_log_key(archiver->registry, i);
	g_auto(ArchiveResult) result = {0};
	g_autoptr(NoteVerifier) verifier = note_verifier_new(key, error);
	const ArchiveRun run = {.ledger = registry_ledger(archiver->registry, i),
	                        .directory = config->archive_directory,
	                        .mailbox = mailbox,
	                        .zone = config->timezone,
	                        .now = registry_now(archiver->registry),
	                        .verifier = verifier,
	                        .go_on = may_go_on,
	                        .user = archiver};
	if (verifier == NULL || !archive_run(&run, &result, error))
		return FALSE;
	state->months += result.months;
	state->payloads += result.payloads;
	state->damage += result.damage->len;
	if (result.damage->len > 0)
		log_warning("archive of %s: %u faults in earlier months, which were written again: run senim verify --archive %s", mailbox,
		            result.damage->len, config->archive_directory);
	return TRUE;
}

static gboolean run_all(Archiver *archiver, const Config *config, ArchiverState *state, GError **error)
{
	gint64 now = registry_now(archiver->registry);
	g_autofree char *path = mark_path(config), *month = archive_month_before(now, config->timezone);
	if (*config->archive_directory == '\0') {
		g_set_error(error, ARCHIVE_ERROR, ARCHIVE_ERROR_FILE,
		            "archive-directory is not set: name a directory on another disk, and reload");
		return FALSE;
	}
	for (guint i = 0; i < registry_count(archiver->registry); i++)
		if (!run_one(archiver, i, config, state, error))
			return FALSE;
	return archive_copy_store(config, config->archive_directory, error) &&
	       private_file_replace(path, month, strlen(month), 0600, error);
}

static void run_and_tell(Archiver *archiver)
{
	ArchiverState state = {0};
	g_autoptr(GError) error = NULL;
	g_autoptr(Config) config = registry_config(archiver->registry);
	g_mutex_lock(&archiver->lock);
	guint64 number = MAX(archiver->asked, archiver->state.ended + 1);
	archiver->asked = number;
	g_mutex_unlock(&archiver->lock);
	gboolean done = run_all(archiver, config, &state, &error);
	if (done)
		log_notice("archive: %u months were written into %s", state.months, config->archive_directory);
	else if (may_go_on(archiver))
		log_warning("archive: %s; it is tried again in an hour", error->message);
	g_mutex_lock(&archiver->lock);
	archiver_state_clear(&archiver->state);
	state.ended = number;
	state.fault = done ? NULL : g_strdup(error->message);
	archiver->state = state;
	g_mutex_unlock(&archiver->lock);
}

/* --- when ------------------------------------------------------------------------------------------------------------- */

static gboolean is_working_day(const Archiver *archiver, const Config *config, gint64 now)
{
	const ConfigMailbox *mailbox = config_mailbox(config, registry_mailbox(archiver->registry, 0));
	return archiver->hooks.is_working_day == NULL || mailbox == NULL ||
	       archiver->hooks.is_working_day(config, mailbox, now, archiver->hooks.user);
}

/* The month before is not in the archive, and today somebody is there who would see that it fails. */
static gboolean is_due(const Archiver *archiver)
{
	g_autoptr(Config) config = registry_config(archiver->registry);
	if (*config->archive_directory == '\0')
		return FALSE;
	gint64 now = registry_now(archiver->registry);
	g_autofree char *month = archive_month_before(now, config->timezone), *path = mark_path(config), *last = NULL;
	gboolean marked = g_file_get_contents(path, &last, NULL, NULL);
	return (!marked || strcmp(last, month) < 0) && is_working_day(archiver, config, now);
}

/* FALSE: stop. */
static gboolean wait_for(Archiver *archiver, gint64 span)
{
	gint64 deadline = g_get_monotonic_time() + (archiver_test_wait > 0 ? archiver_test_wait : span);
	g_mutex_lock(&archiver->lock);
	while (!archiver->stopping && archiver->asked <= archiver->state.ended)
		if (!g_cond_wait_until(&archiver->changed, &archiver->lock, deadline))
			break;
	gboolean goes_on = !archiver->stopping;
	g_mutex_unlock(&archiver->lock);
	return goes_on;
}

static gboolean is_asked(Archiver *archiver)
{
	g_mutex_lock(&archiver->lock);
	gboolean asked = archiver->asked > archiver->state.ended;
	g_mutex_unlock(&archiver->lock);
	return asked;
}

static gpointer run(gpointer data)
{
	Archiver *archiver = data;
	process_set_pace(PROCESS_LAST);
	syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, (int)gettid(), IOPRIO_IDLE);
	for (gboolean on = wait_for(archiver, FIRST); on; on = wait_for(archiver, LOOK_EVERY))
		if (is_asked(archiver) || is_due(archiver))
			run_and_tell(archiver);
	return NULL;
}

Archiver *archiver_start(Registry *registry, const ArchiverHooks *hooks)
{
	Archiver *archiver = g_new0(Archiver, 1);
	archiver->registry = registry;
	if (hooks != NULL)
		archiver->hooks = *hooks;
	g_mutex_init(&archiver->lock);
	g_cond_init(&archiver->changed);
	archiver->thread = g_thread_new("archiver", run, archiver);
	return archiver;
}

void archiver_stop(Archiver *archiver)
{
	if (archiver == NULL)
		return;
	g_mutex_lock(&archiver->lock);
	archiver->stopping = TRUE;
	g_cond_signal(&archiver->changed);
	g_mutex_unlock(&archiver->lock);
	g_thread_join(archiver->thread);
	g_mutex_clear(&archiver->lock);
	g_cond_clear(&archiver->changed);
	archiver_state_clear(&archiver->state);
	g_free(archiver);
}
