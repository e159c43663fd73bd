/* SPDX-License-Identifier: ISC */
#include "store/stopped.h"

#include <sodium.h>

#include "store/init.h"

static gboolean load_signers(Stopped *stopped, GError **error)
{
	for (guint i = 0; i < stopped->config->n_mailboxes; i++) {
		const char *address = stopped->config->mailboxes[i].address;
		g_autofree char *key = init_signer_path(stopped->config->file, address);
		stopped->directories[i] = config_mailbox_directory(stopped->config, address);
		stopped->signers[i] = note_signer_load(key, error);
		if (stopped->signers[i] == NULL)
			return FALSE;
	}
	return TRUE;
}

Stopped *stopped_new(const Config *config, CustodyKey *custody, GError **error)
{
	g_autoptr(Stopped) stopped = g_new0(Stopped, 1);
	stopped->config = config;
	stopped->custody = custody;
	if (sodium_init() < 0) {
		g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_DATABASE, "libsodium cannot be used on this machine");
		return NULL;
	}
	if (!init_read_store_id(config->state_directory, stopped->store_id, error))
		return NULL;
	if (custody == NULL && (stopped->custody = custody_key_load(config->custody_key, error)) == NULL)
		return NULL;
	return load_signers(stopped, error) ? g_steal_pointer(&stopped) : NULL;
}

void stopped_free(Stopped *stopped)
{
	if (stopped == NULL)
		return;
	for (guint i = 0; i < stopped->config->n_mailboxes; i++) {
		note_signer_free(stopped->signers[i]);
		g_free(stopped->directories[i]);
	}
	custody_key_free(stopped->custody);
	g_free(stopped);
}

LedgerOptions stopped_options(const Stopped *stopped, guint i, const CustodyKey *custody)
{
	return (LedgerOptions){
		.directory = stopped->directories[i],
		.mailbox = stopped->config->mailboxes[i].address,
		.origin = note_signer_name(stopped->signers[i]),
		.store_id = stopped->store_id,
		.custody = custody != NULL ? custody : stopped->custody,
		.signer = stopped->signers[i],
		.zone = stopped->config->timezone,
	};
}

Escrow *stopped_escrow(const Stopped *stopped, const CustodyKey *custody, gint64 made, GError **error)
{
	g_autoptr(Escrow) escrow = escrow_new(stopped->store_id, made, custody, error);
	if (escrow == NULL)
		return NULL;
	for (guint i = 0; i < stopped->config->n_mailboxes; i++) {
		const NoteSigner *signer = stopped->signers[i];
		if (!escrow_add_log(escrow, note_signer_name(signer), note_signer_seed(signer), error))
			return NULL;
	}
	return g_steal_pointer(&escrow);
}

static char *path_beside(const Config *config, const char *directory, const char *name)
{
	g_autofree char *top = g_path_get_dirname(config->file);
	return g_build_filename(top, directory, name, NULL);
}

char *stopped_recovery_path(const Config *config, const char *name)
{
	return path_beside(config, "recovery", name);
}

char *stopped_key_path(const Config *config, const char *name)
{
	return path_beside(config, "keys", name);
}
