/* SPDX-License-Identifier: ISC */
#include "store/checker.h"

#include <glib/gstdio.h>

#include "base/log.h"
#include "base/process.h"

#define PERIOD (7 * G_TIME_SPAN_DAY)
#define FIRST (10 * G_TIME_SPAN_MINUTE) /* after a start the reports that waited come first */
#define LOOK_EVERY G_TIME_SPAN_HOUR

struct Checker {
	Registry *registry;
	GThread *thread;
	GMutex lock;
	GCond changed;
	gboolean stopping; /* under the lock */
};

static char *mark_path(const Checker *checker)
{
	g_autoptr(Config) config = registry_config(checker->registry);
	return g_build_filename(config->state_directory, "checked", NULL);
}

static gboolean is_due(const Checker *checker)
{
	GStatBuf st;
	g_autofree char *path = mark_path(checker);
	gint64 now = registry_now(checker->registry);
	return g_stat(path, &st) != 0 || now - (gint64)st.st_mtime * G_USEC_PER_SEC >= PERIOD;
}

static void set_mark(const Checker *checker)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = mark_path(checker);
	if (!g_file_set_contents(path, "", 0, &error))
		log_warning("check: %s", error->message);
}

static gboolean is_stopping(Checker *checker)
{
	g_mutex_lock(&checker->lock);
	gboolean stopping = checker->stopping;
	g_mutex_unlock(&checker->lock);
	return stopping;
}

static gboolean may_go_on(guint64 done G_GNUC_UNUSED, guint64 all G_GNUC_UNUSED, gpointer user)
{
	return !is_stopping(user);
}

/* FALSE: it could not be checked. */
static gboolean check_one(Checker *checker, guint i)
{
	LedgerCheck check = {0};
	g_autoptr(GError) error = NULL;
	const char *mailbox = registry_mailbox(checker->registry, i);
	if (!ledger_check(registry_ledger(checker->registry, i), &check, may_go_on, checker, &error)) {
		if (!is_stopping(checker))
			log_warning("check of %s: %s", mailbox, error->message);
		return FALSE;
	}
	guint faults = check.faults != NULL ? check.faults->len : 0;
	if (faults > 0)
		log_warning("check of %s: %u faults: nothing is read or closed until an officer has run senim verify", mailbox, faults);
	else
		log_notice("check of %s: the register and its payloads are whole", mailbox);
	ledger_check_clear(&check);
	return TRUE;
}

static void check_all(Checker *checker)
{
	gboolean good = TRUE;
	for (guint i = 0; i < registry_count(checker->registry); i++) {
		if (is_stopping(checker))
			return;
		good = check_one(checker, i) && good;
	}
	if (good)
		set_mark(checker);
}

/* FALSE: stop. */
static gboolean sleep_for(Checker *checker, gint64 span)
{
	gint64 deadline = g_get_monotonic_time() + span;
	g_mutex_lock(&checker->lock);
	while (!checker->stopping)
		if (!g_cond_wait_until(&checker->changed, &checker->lock, deadline))
			break;
	gboolean goes_on = !checker->stopping;
	g_mutex_unlock(&checker->lock);
	return goes_on;
}

static gpointer run(gpointer data)
{
	Checker *checker = data;
	process_set_pace(PROCESS_LAST);
	for (gboolean on = sleep_for(checker, FIRST); on; on = sleep_for(checker, LOOK_EVERY))
		if (is_due(checker))
			check_all(checker);
	return NULL;
}

Checker *checker_start(Registry *registry)
{
	Checker *checker = g_new0(Checker, 1);
	checker->registry = registry;
	g_mutex_init(&checker->lock);
	g_cond_init(&checker->changed);
	checker->thread = g_thread_new("checker", run, checker);
	return checker;
}

void checker_stop(Checker *checker)
{
	if (checker == NULL)
		return;
	g_mutex_lock(&checker->lock);
	checker->stopping = TRUE;
	g_cond_signal(&checker->changed);
	g_mutex_unlock(&checker->lock);
	g_thread_join(checker->thread);
	g_mutex_clear(&checker->lock);
	g_cond_clear(&checker->changed);
	g_free(checker);
}
