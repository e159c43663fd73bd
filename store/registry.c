/* SPDX-License-Identifier: ISC */
#include "store/registry.h"

#include <sodium.h>
#include <string.h>

#include "base/alarm.h"
#include "store/custody.h"
#include "store/init.h"
#include "store/note.h"

typedef struct {
	char *address;
	char *directory;
	NoteSigner *signer;
	Ledger *ledger;
	char *difference; /* under the registry's lock */
} Books;

struct Registry {
	GMutex lock;
	/* under the lock */
	Config *config;
	AlarmIntake intake;
	void (*refused)(gpointer user);
	gpointer watcher;
	gboolean full;
	guint8 store_id[CUSTODY_STORE];
	CustodyKey *custody;
	GTimeZone *zone;
	gint64 (*now)(void);
	Books books[CONFIG_MAILBOXES_MAX];
	guint n;
};

static gboolean open_books(Registry *registry, const Config *config, guint i, const RegistryOptions *options, GError **error)
{
	Books *books = &registry->books[i];
	books->address = g_strdup(config->mailboxes[i].address);
	books->directory = config_mailbox_directory(config, books->address);
	g_autofree char *key = init_signer_path(config->file, books->address);
	registry->n = i + 1;
	books->signer = note_signer_load(key, error);
	if (books->signer == NULL)
		return FALSE;
	LedgerOptions ledger = {
		.directory = books->directory,
		.mailbox = books->address,
		.origin = note_signer_name(books->signer),
		.store_id = registry->store_id,
		.custody = registry->custody,
		.signer = books->signer,
		.zone = registry->zone,
		.continue_after_mismatch = options->continue_after_mismatch,
		.now = options->now,
	};
	books->ledger = ledger_open(&ledger, error);
	return books->ledger != NULL;
}

Registry *registry_open(Config *config, const RegistryOptions *options, GError **error)
{
	g_autoptr(Registry) registry = g_new0(Registry, 1);
	g_mutex_init(&registry->lock);
	registry->config = config_ref(config);
	registry->zone = g_time_zone_ref(config->timezone);
	registry->now = options->now != NULL ? options->now : g_get_real_time;
	if (sodium_init() < 0) {
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_DATABASE, "libsodium cannot be used on this machine");
		return NULL;
	}
	if (!init_read_store_id(config->state_directory, registry->store_id, error))
		return NULL;
	registry->custody = custody_key_load(config->custody_key, error);
	if (registry->custody == NULL)
		return NULL;
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (!open_books(registry, config, i, options, error))
			return NULL;
	return g_steal_pointer(&registry);
}

void registry_close(Registry *registry)
{
	if (registry == NULL)
		return;
	for (guint i = 0; i < registry->n; i++) {
		Books *books = &registry->books[i];
		g_clear_pointer(&books->ledger, ledger_close);
		note_signer_free(books->signer);
		g_free(books->address);
		g_free(books->directory);
		g_free(books->difference);
	}
	custody_key_free(registry->custody);
	g_time_zone_unref(registry->zone);
	config_unref(registry->config);
	g_mutex_clear(&registry->lock);
	g_free(registry);
}

Config *registry_config(Registry *registry)
{
	g_mutex_lock(&registry->lock);
	Config *config = config_ref(registry->config);
	g_mutex_unlock(&registry->lock);
	return config;
}

void registry_reload(Registry *registry, Config *config)
{
	g_mutex_lock(&registry->lock);
	Config *old = registry->config;
	registry->config = config_ref(config);
	g_mutex_unlock(&registry->lock);
	config_unref(old);
}

void registry_set_difference(Registry *registry, guint i, const char *sentence)
{
	g_mutex_lock(&registry->lock);
	g_free(registry->books[i].difference);
	registry->books[i].difference = g_strdup(sentence);
	g_mutex_unlock(&registry->lock);
}

char *registry_difference(Registry *registry, guint i)
{
	g_mutex_lock(&registry->lock);
	char *sentence = g_strdup(registry->books[i].difference);
	g_mutex_unlock(&registry->lock);
	return sentence;
}

void registry_note_intake(Registry *registry, gboolean taken)
{
	gint64 now = registry_now(registry);
	g_mutex_lock(&registry->lock);
	alarm_intake_note(&registry->intake, taken, now);
	if (!taken && registry->refused != NULL)
		registry->refused(registry->watcher);
	g_mutex_unlock(&registry->lock);
}

void registry_watch_intake(Registry *registry, void (*refused)(gpointer user), gpointer user)
{
	g_mutex_lock(&registry->lock);
	registry->refused = refused;
	registry->watcher = user;
	g_mutex_unlock(&registry->lock);
}

gboolean registry_intake_stands(Registry *registry)
{
	gint64 now = registry_now(registry);
	g_mutex_lock(&registry->lock);
	gboolean stands = alarm_intake_stands(&registry->intake, now);
	g_mutex_unlock(&registry->lock);
	return stands;
}

void registry_set_full(Registry *registry, gboolean full)
{
	g_mutex_lock(&registry->lock);
	registry->full = full;
	g_mutex_unlock(&registry->lock);
}

gboolean registry_is_full(Registry *registry)
{
	g_mutex_lock(&registry->lock);
	gboolean full = registry->full;
	g_mutex_unlock(&registry->lock);
	return full;
}

guint registry_count(const Registry *registry)
{
	return registry->n;
}

Ledger *registry_ledger(const Registry *registry, guint i)
{
	return registry->books[i].ledger;
}

const char *registry_mailbox(const Registry *registry, guint i)
{
	return registry->books[i].address;
}

const char *registry_origin(const Registry *registry, guint i)
{
	return note_signer_name(registry->books[i].signer);
}

char *registry_log_key(const Registry *registry, guint i)
{
	return note_signer_verifier(registry->books[i].signer);
}

int registry_find(const Registry *registry, const char *mailbox)
{
	for (guint i = 0; i < registry->n; i++)
		if (strcmp(registry->books[i].address, mailbox) == 0)
			return (int)i;
	return -1;
}

const guint8 *registry_store_id(const Registry *registry)
{
	return registry->store_id;
}

const CustodyKey *registry_custody(const Registry *registry)
{
	return registry->custody;
}

gint64 registry_now(const Registry *registry)
{
	return registry->now();
}
