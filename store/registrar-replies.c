/* SPDX-License-Identifier: ISC */
#include "store/registrar-replies.h"

#include <gio/gio.h>
#include <string.h>

#include "store/submit.h"

#define LOCAL_PART_MAX 64

char *registrar_replies_address(const Config *config, const ConfigMailbox *mailbox, const char *token)
{
	const char *at = strrchr(mailbox->address, '@');
	if (*config->reply_detail == '\0' || (gsize)(at - mailbox->address) + 1 + strlen(token) > LOCAL_PART_MAX)
		return NULL;
	return g_strdup_printf("%.*s%s%s%s", (int)(at - mailbox->address), mailbox->address, config->reply_detail, token, at);
}

gboolean registrar_replies_try(const Config *config, const ConfigMailbox *mailbox, GError **error)
{
	g_autofree char *address = registrar_replies_address(config, mailbox, "aaaaaaaaaaaaaaaaaaaaaaaaaa");
	if (address == NULL ? *config->reply_detail == '\0'
	                    : submit_accepts(config->submit, strrchr(mailbox->address, '@') + 1, address, error))
		return TRUE;
	if (address == NULL)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "the local part of %s leaves no room for 26 characters",
		            mailbox->address);
	g_prefix_error(error, "reply-detail = %s: the MTA takes no mail for %s with a detail, so leave the key out or set the MTA's recipient_delimiter: ",
	               config->reply_detail, mailbox->address);
	return FALSE;
}

gboolean registrar_replies_try_all(const Config *config, GError **error)
{
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (!registrar_replies_try(config, &config->mailboxes[i], error))
			return FALSE;
	return TRUE;
}
