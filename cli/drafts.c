/* SPDX-License-Identifier: ISC */
#include "cli/drafts.h"

#include <string.h>
#include <sys/mman.h>

typedef struct {
	char *what;
	char *text; /* of `size` octets, pages of their own */
	gsize size;
} Draft;

static GQueue drafts = G_QUEUE_INIT; /* the oldest first */

static void draft_free(Draft *draft)
{
	explicit_bzero(draft->text, draft->size);
	munmap(draft->text, draft->size);
	g_free(draft->what);
	g_free(draft);
}

static GList *find(const char *what)
{
	for (GList *item = drafts.head; item != NULL; item = item->next)
		if (strcmp(((const Draft *)item->data)->what, what) == 0)
			return item;
	return NULL;
}

static void drop(GList *item)
{
	draft_free(item->data);
	g_queue_delete_link(&drafts, item);
}

/* NULL: there is none to be had. */
static char *locked_copy(const char *text, gsize size)
{
	char *pages = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return NULL;
	if (mlock(pages, size) != 0) {
		munmap(pages, size);
		return NULL;
	}
	madvise(pages, size, MADV_DONTDUMP);
	madvise(pages, size, MADV_WIPEONFORK);
	memcpy(pages, text, size);
	return pages;
}

gboolean drafts_keep(const char *what, const char *text)
{
	GList *before = find(what);
	if (before != NULL)
		drop(before);
	if (strspn(text, " \t\n") == strlen(text))
		return TRUE;
	gsize size = strlen(text) + 1;
	char *copy = locked_copy(text, size);
	if (copy == NULL)
		return FALSE;
	Draft *draft = g_new(Draft, 1);
	*draft = (Draft){g_strdup(what), copy, size};
	g_queue_push_tail(&drafts, draft);
	if (drafts.length > DRAFTS_MAX)
		drop(drafts.head);
	return TRUE;
}

WipeText *drafts_take(const char *what)
{
	GList *item = find(what);
	WipeText *text = item != NULL ? g_strdup(((const Draft *)item->data)->text) : NULL;
	if (item != NULL)
		drop(item);
	return text;
}

guint drafts_count(void)
{
	return drafts.length;
}

void drafts_forget(void)
{
	while (drafts.head != NULL)
		drop(drafts.head);
}
