/* SPDX-License-Identifier: ISC */
/* The list of categories: what is shipped, and what an organisation may write into it. */
#include <glib.h>
#include <string.h>

#include "policy/categories.h"

#define LABELS "kk = а\nru = б\nen = c\n"

static void the_shipped_list_is_good_and_the_police_s_own_are_off(void)
{
	static const char *const police[] = {"patrol", "misqualification", "investigation", "detention", "rescue"};
	gsize size;
	guint off = 0;
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_file_get_contents(SHIPPED, &text, &size, &error);
	g_assert_no_error(error);
	g_autoptr(Labels) categories = categories_read(text, size, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < labels_count(categories); i++) {
		const LabelsItem *item = labels_nth(categories, i);
		off += item->marks == CATEGORIES_OFF;
		g_assert_cmpstr(item->label[LABELS_KK], !=, item->label[LABELS_RU]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(police); i++)
		g_assert_cmpuint(labels_find(categories, police[i])->marks, ==, CATEGORIES_OFF);
	g_assert_cmpuint(off, ==, G_N_ELEMENTS(police));
	g_assert_cmpuint(labels_find(categories, "procurement")->marks, ==, 0);
	g_assert_null(labels_nth(categories, labels_count(categories)));
}

static const struct {
	const char *text, *names; /* what the message must name */
} bad[] = {
	{"[A]\n" LABELS, "a-z"},
	{"[-]\n" LABELS, "a-z"},
	{"[a12345678901234567890123456789012]\n" LABELS, "32"},
	{"[a]\nkk = а\nru = б\n", "[a] en"},
	{"[a]\nkk =\nru = б\nen = c\n", "[a] kk"},
	{"[a]\nkk = а\xff\nru = б\nen = c\n", "[a] kk"},
	{"[a]\n" LABELS "off = perhaps\n", "[a] off"},
	{"[a]\n" LABELS "on = yes\n", "[a]"},
	{"not a key file", "sections"},
};

static void a_bad_list_is_refused_whole_and_says_where(void)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(categories_read(bad[i].text, strlen(bad[i].text), &error));
		g_assert_error(error, LABELS_ERROR, 0);
		g_assert_nonnull(strstr(error->message, bad[i].names));
	}
}

static void the_order_of_the_file_is_the_order_offered(void)
{
	static const char text[] = "[b2]\n" LABELS "off = no\n[a-1]\n" LABELS "off = yes\n";
	g_autoptr(Labels) categories = categories_read(text, strlen(text), NULL);
	g_assert_nonnull(categories);
	g_assert_cmpstr(labels_nth(categories, 0)->id, ==, "b2");
	g_assert_cmpuint(labels_nth(categories, 0)->marks, ==, 0);
	g_assert_cmpuint(labels_nth(categories, 1)->marks, ==, CATEGORIES_OFF);
	g_assert_cmpstr(labels_nth(categories, 1)->label[LABELS_EN], ==, "c");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/categories/the shipped list is good and the police's own are off",
	                the_shipped_list_is_good_and_the_police_s_own_are_off);
	g_test_add_func("/categories/a bad list is refused whole and says where", a_bad_list_is_refused_whole_and_says_where);
	g_test_add_func("/categories/the order of the file is the order offered", the_order_of_the_file_is_the_order_offered);
	return g_test_run();
}
