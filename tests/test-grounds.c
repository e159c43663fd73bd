/* SPDX-License-Identifier: ISC */
/* The list of grounds: what an organisation may write into it, and what is refused whole. */
#include <glib.h>
#include <string.h>

#include "policy/grounds.h"

#define LABELS "kk = а\nru = б\nen = c\n"
#define OTHER "[other]\n" LABELS "needs = text\n"

static void the_shipped_list_is_good(void)
{
	gsize size;
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_file_get_contents(SHIPPED, &text, &size, &error);
	g_assert_no_error(error);
	g_autoptr(Labels) grounds = grounds_read(text, size, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(labels_count(grounds), ==, 7);
	g_assert_cmpstr(labels_nth(grounds, 0)->id, ==, "first-look");
	g_assert_cmpuint(labels_nth(grounds, 0)->marks, ==, 0);
	g_assert_cmpuint(labels_find(grounds, "request")->marks, ==, GROUNDS_NUMBER | GROUNDS_DATE);
	g_assert_cmpuint(labels_find(grounds, GROUNDS_OTHER)->marks, ==, GROUNDS_TEXT);
	for (guint i = 0; i < labels_count(grounds); i++)
		g_assert_cmpstr(labels_nth(grounds, i)->label[LABELS_KK], !=, labels_nth(grounds, i)->label[LABELS_RU]);
	g_assert_null(labels_nth(grounds, 7));
	g_assert_null(labels_find(grounds, "curiosity"));
}

static void the_order_of_the_file_is_the_order_offered(void)
{
	static const char text[] = OTHER "[b2]\n" LABELS "[a-1]\n" LABELS "needs = date ; number;\n";
	g_autoptr(GError) error = NULL;
	g_autoptr(Labels) grounds = grounds_read(text, strlen(text), &error);
	g_assert_no_error(error);
	g_assert_cmpstr(labels_nth(grounds, 1)->id, ==, "b2");
	g_assert_cmpstr(labels_nth(grounds, 2)->id, ==, "a-1");
	g_assert_cmpuint(labels_nth(grounds, 2)->marks, ==, GROUNDS_NUMBER | GROUNDS_DATE);
	g_assert_cmpstr(labels_nth(grounds, 2)->label[LABELS_EN], ==, "c");
}

static const struct {
	const char *text, *names; /* what the message must name */
} bad[] = {
	{"", "[other]"},
	{"[a]\n" LABELS, "[other]"},
	{"[other]\n" LABELS, "[other]"},
	{"[other]\n" LABELS "needs = number\n", "[other]"},
	{OTHER "[A]\n" LABELS, "a-z"},
	{OTHER "[a b]\n" LABELS, "a-z"},
	{OTHER "[a12345678901234567890123456789012]\n" LABELS, "32"},
	{OTHER "[a]\nkk = а\nru = б\n", "[a] en"},
	{OTHER "[a]\nkk =\nru = б\nen = c\n", "[a] kk"},
	{OTHER "[a]\nkk = а\\nб\nru = б\nen = c\n", "[a] kk"},
	{OTHER "[a]\nkk = а\xe2\x80\xae\nru = б\nen = c\n", "[a] kk"},
	{OTHER "[a]\nkk = а\xff\nru = б\nen = c\n", "[a] kk"},
	{OTHER "[a]\n" LABELS "needs = number, date\n", "[a] needs"},
	{OTHER "[a]\n" LABELS "need = text\n", "[a]"},
	{OTHER "not a key file", "sections"},
	{"kk = а\n", "sections"},
};

static void what_is_wrong_is_named(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(Labels) grounds = grounds_read(bad[i].text, strlen(bad[i].text), &error);
		g_assert_null(grounds);
		g_assert_error(error, LABELS_ERROR, 0);
		if (strstr(error->message, bad[i].names) == NULL)
			g_error("row %" G_GSIZE_FORMAT " says: %s", i, error->message);
	}
}

static void there_are_no_more_than_keys(void)
{
	g_autoptr(GString) text = g_string_new(OTHER);
	g_autoptr(GError) error = NULL;
	for (guint i = 1; i < GROUNDS_MAX; i++)
		g_string_append_printf(text, "[g%u]\n" LABELS, i);
	g_autoptr(Labels) most = grounds_read(text->str, text->len, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(labels_count(most), ==, GROUNDS_MAX);
	g_string_append(text, "[one-more]\n" LABELS);
	g_autoptr(Labels) more = grounds_read(text->str, text->len, &error);
	g_assert_null(more);
	g_assert_error(error, LABELS_ERROR, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/grounds/the shipped list is good", the_shipped_list_is_good);
	g_test_add_func("/grounds/the order of the file is the order offered", the_order_of_the_file_is_the_order_offered);
	g_test_add_func("/grounds/what is wrong is named", what_is_wrong_is_named);
	g_test_add_func("/grounds/there are no more than keys", there_are_no_more_than_keys);
	return g_test_run();
}
