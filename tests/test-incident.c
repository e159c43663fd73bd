/* SPDX-License-Identifier: ISC */
/* The emergency journal folded from records: rows of acts, and what each of them makes of it. */
#include <stdarg.h>
#include <string.h>

#include "store/incident.h"

#define AT(minutes) ((gint64)(minutes) * G_TIME_SPAN_MINUTE)

typedef struct {
	IncidentBook *book;
	guint64 seq;
} Scene;

static void scene_begin(Scene *scene)
{
	scene->book = incident_book_new();
	scene->seq = 10;
}

static void scene_clear(Scene *scene)
{
	incident_book_free(scene->book);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Scene, scene_clear)

/* "KEY", "VALUE", …, NULL behind time and after. */
static gboolean fold(Scene *scene, gint64 time, guint64 after, GError **error, ...) G_GNUC_NULL_TERMINATED;
static gboolean fold(Scene *scene, gint64 time, guint64 after, GError **error, ...)
{
	va_list ap;
	g_autoptr(Record) record = record_new();
	record_add_uint(record, "time", (guint64)time);
	record_add_uint(record, "after", after);
	va_start(ap, error);
	for (const char *key = va_arg(ap, const char *); key != NULL; key = va_arg(ap, const char *))
		record_add(record, key, va_arg(ap, const char *));
	va_end(ap);
	return incident_book_fold(scene->book, scene->seq++, record, error);
}
#define GOOD(scene, time, ...) g_assert_true(fold(scene, time, (scene)->book->last, NULL, __VA_ARGS__, NULL))
#define REFUSED(scene, code, ...)                                                                     \
	do {                                                                                              \
		g_autoptr(GError) refused = NULL;                                                              \
		guint before = (scene)->book->entries->len;                                                    \
		g_assert_false(fold(scene, AT(90), (scene)->book->last, &refused, __VA_ARGS__, NULL));         \
		g_assert_error(refused, INCIDENT_ERROR, code);                                                 \
		g_assert_cmpuint((scene)->book->entries->len, ==, before);                                     \
	} while (FALSE)

static char *number(gint64 value)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, value);
}

static void an_outage_is_opened_ended_and_completed(void)
{
	g_auto(Scene) scene = {0};
	g_autofree char *from = number(AT(60)), *to = number(AT(130));
	scene_begin(&scene);
	GOOD(&scene, AT(121), "act", "opened", "what", "mta", "from", from, "to", "-");
	const Incident *incident = incident_book_nth(scene.book, 1);
	g_assert_true(incident == incident_book_lasting(scene.book, "mta"));
	g_assert_null(incident_book_lasting(scene.book, "milter"));
	g_assert_true(incident_book_waits(scene.book, incident, AT(122)));
	GOOD(&scene, AT(131), "act", "ended", "what", "mta", "of", "10", "to", to, "refused", "4");
	g_assert_null(incident_book_lasting(scene.book, "mta"));
	g_assert_cmpint(incident->to, ==, AT(130));
	g_assert_cmpuint(incident->refused, ==, 4);
	g_assert_cmpuint(incident_book_count_waiting(scene.book, AT(140)), ==, 1);
	GOOD(&scene, AT(140), "officer", "aigul", "act", "completed", "of", "10", "from", "0", "to", "0", "part", "mail", "cause", "c",
	     "measures", "m", "needed", "-", "responsible", "r");
	GOOD(&scene, AT(150), "officer", "-", "act", "completed", "of", "10", "from", "0", "to", "0", "part", "power", "cause", "d",
	     "measures", "n", "needed", "1 h", "responsible", "s", "host", "root");
	const IncidentCompletion *last = incident_completion(incident), *first = incident->completions->pdata[0];
	g_assert_cmpstr(first->by, ==, "aigul");
	g_assert_null(first->needed);
	g_assert_cmpstr(last->by, ==, "root");
	g_assert_cmpstr(last->part, ==, "power");
	g_assert_cmpuint(incident_book_count_waiting(scene.book, AT(160)), ==, 0);
}

static void what_lies_within_an_announcement_made_before_it_is_planned(void)
{
	static const struct {
		gint64 announced, from, to, cancelled;
		gboolean planned;
	} rows[] = {
		{AT(10), AT(60), AT(120), 0, TRUE},       {AT(10), AT(50), AT(130), 0, TRUE},    {AT(10), AT(61), AT(130), 0, FALSE},
		{AT(10), AT(50), AT(119), 0, FALSE},      {AT(61), AT(60), AT(130), 0, FALSE},   {AT(60), AT(60), AT(120), 0, TRUE},
		{AT(10), AT(60), AT(120), AT(20), FALSE},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_auto(Scene) scene = {0};
		g_autofree char *from = number(rows[i].from), *to = number(rows[i].to), *begin = number(AT(60)), *end = number(AT(120));
		scene_begin(&scene);
		GOOD(&scene, rows[i].announced, "officer", "aigul", "act", "planned", "of", "0", "from", from, "to", to, "cause", "a new disk");
		if (rows[i].cancelled != 0)
			GOOD(&scene, rows[i].cancelled, "officer", "aigul", "act", "cancelled", "of", "10", "from", "0", "to", "0");
		GOOD(&scene, AT(125), "act", "opened", "what", "registrar", "from", begin, "to", end);
		const Incident *incident = incident_book_nth(scene.book, 1);
		g_assert_cmpint(incident_book_planned(scene.book, incident, AT(200)) != NULL, ==, rows[i].planned);
		g_assert_cmpint(incident_book_waits(scene.book, incident, AT(200)), ==, !rows[i].planned);
	}
}

static void what_lasts_is_planned_until_the_announced_end(void)
{
	g_auto(Scene) scene = {0};
	g_autofree char *from = number(AT(60)), *to = number(AT(180));
	scene_begin(&scene);
	GOOD(&scene, AT(1), "officer", "aigul", "act", "planned", "of", "0", "from", from, "to", to, "cause", "a new disk");
	GOOD(&scene, AT(125), "act", "opened", "what", "mta", "from", from, "to", "-");
	g_assert_cmpuint(incident_book_count_waiting(scene.book, AT(180)), ==, 0);
	g_assert_cmpuint(incident_book_count_waiting(scene.book, AT(181)), ==, 1);
}

static void what_does_not_go_with_what_is_is_refused(void)
{
	g_auto(Scene) scene = {0};
	g_autofree char *from = number(AT(60)), *early = number(AT(59)), *to = number(AT(120));
	g_autoptr(GError) error = NULL;
	scene_begin(&scene);
	GOOD(&scene, AT(70), "act", "opened", "what", "mta", "from", from, "to", "-");
	REFUSED(&scene, INCIDENT_ERROR_FORM, "act", "opened", "what", "mta", "from", from, "to", early);
	REFUSED(&scene, INCIDENT_ERROR_FORM, "act", "opened", "what", "mta", "from", "-", "to", "-");
	REFUSED(&scene, INCIDENT_ERROR_FORM, "act", "opened", "what", "mta", "from", "yesterday", "to", "-");
	REFUSED(&scene, INCIDENT_ERROR_FORM, "act", "forgotten");
	REFUSED(&scene, INCIDENT_ERROR_FORM, "act", "ended", "of", "10", "to", early);
	REFUSED(&scene, INCIDENT_ERROR_STATE, "act", "ended", "of", "11", "to", to);
	REFUSED(&scene, INCIDENT_ERROR_STATE, "act", "completed", "of", "9", "to", "0");
	REFUSED(&scene, INCIDENT_ERROR_STATE, "act", "completed", "of", "10", "to", early);
	REFUSED(&scene, INCIDENT_ERROR_STATE, "act", "cancelled", "of", "10");
	REFUSED(&scene, INCIDENT_ERROR_FORM, "act", "planned", "from", to, "to", to, "cause", "x");
	/* One that is kept back from the middle is seen. */
	g_assert_false(fold(&scene, AT(80), 9, &error, "act", "ended", "of", "10", "to", to, NULL));
	g_assert_error(error, INCIDENT_ERROR, INCIDENT_ERROR_STATE);
}

static void there_are_seven_parts(void)
{
	g_assert_cmpuint(g_strv_length((char **)incident_parts), ==, 7);
	g_assert_true(incident_is_part("air-conditioning"));
	g_assert_false(incident_is_part("-"));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/incident/an outage is opened, ended and completed", an_outage_is_opened_ended_and_completed);
	g_test_add_func("/incident/what lies within an announcement made before it is planned",
	                what_lies_within_an_announcement_made_before_it_is_planned);
	g_test_add_func("/incident/what lasts is planned until the announced end", what_lasts_is_planned_until_the_announced_end);
	g_test_add_func("/incident/what does not go with what is is refused", what_does_not_go_with_what_is_is_refused);
	g_test_add_func("/incident/there are seven parts", there_are_seven_parts);
	return g_test_run();
}
