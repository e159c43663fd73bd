/* SPDX-License-Identifier: ISC */
/* The list of categories: what is shipped, and what an organisation may write into it. */
#include <glib.h>
#include <string.h>

#include "policy/categories.h"

#define LABELS "kk = а\nru = б\nen = c\n"

static const CategoriesItem *find(const Categories *categories, const char *id)
{
	for (guint i = 0; i < categories_count(categories); i++)
		if (strcmp(categories_nth(categories, i)->id, id) == 0)
			return categories_nth(categories, i);
	return NULL;
}

static void the_shipped_list_is_good_and_the_police_s_own_are_off(void)
{
	static const char *const police[] = {"patrol", "misqualification", "investigation", "detention", "rescue"};
	gsize size;
	guint off = 0;
	g_autofree char *text = NULL;
	g_autoptr(GError) error = NULL;
	g_file_get_contents(SHIPPED, &text, &size, &error);
	g_assert_no_error(error);
	g_autoptr(Categories) categories = categories_read(text, size, &error);
	g_assert_no_error(error);
	for (guint i = 0; i < categories_count(categories); i++) {
		const CategoriesItem *item = categories_nth(categories, i);
		off += item->off;
		g_assert_cmpstr(item->label[CATEGORIES_KK], !=, item->label[CATEGORIES_RU]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS(police); i++)
		g_assert_true(find(categories, police[i])->off);
	g_assert_cmpuint(off, ==, G_N_ELEMENTS(police));
	g_assert_false(find(categories, "procurement")->off);
	g_assert_null(categories_nth(categories, categories_count(categories)));
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
		g_assert_error(error, CATEGORIES_ERROR, 0);
		g_assert_nonnull(strstr(error->message, bad[i].names));
	}
}

static void the_order_of_the_file_is_the_order_offered(void)
{
	static const char text[] = "[b2]\n" LABELS "off = no\n[a-1]\n" LABELS "off = yes\n";
	g_autoptr(Categories) categories = categories_read(text, strlen(text), NULL);
	g_assert_nonnull(categories);
	g_assert_cmpstr(categories_nth(categories, 0)->id, ==, "b2");
	g_assert_false(categories_nth(categories, 0)->off);
	g_assert_true(categories_nth(categories, 1)->off);
	g_assert_cmpstr(categories_nth(categories, 1)->label[CATEGORIES_EN], ==, "c");
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
