/* SPDX-License-Identifier: ISC */
/* Sessions of the desk: when they end, how many there are, what they remember. */
#include "store/desk-session.h"

static void a_session_ends_after_ten_idle_minutes_and_eight_hours(void)
{
	char id[2 * DESK_SESSION_ID + 1], nonce[2 * DESK_SESSION_NONCE + 1], again[sizeof nonce];
	char *officer = NULL;
	const gint64 minute = G_TIME_SPAN_MINUTE;
	DeskSessions *sessions = desk_session_table_new();
	desk_session_begin(sessions, 1, 0, id, nonce);
	g_assert_false(desk_session_find(sessions, id, 2, 0, again, &officer)); /* another user's */
	g_assert_true(desk_session_find(sessions, id, 1, 10 * minute, again, &officer));
	g_assert_null(officer);
	g_assert_cmpstr(again, ==, nonce);
	g_assert_false(desk_session_find(sessions, id, 1, 11 * minute, again, &officer));
	guint64 counter = 0;
	gint64 now = 0;
	for (; now <= 480 * minute; now += 9 * minute)
		g_assert_cmpint(desk_session_take(sessions, id, "aigul", ++counter, now), ==, DESK_SESSION_TAKEN);
	g_assert_cmpint(desk_session_take(sessions, id, "aigul", ++counter, now), ==, DESK_SESSION_GONE);
	desk_session_table_free(sessions);
}

static void a_user_has_so_many_sessions_and_the_oldest_goes(void)
{
	char first[2 * DESK_SESSION_ID + 1], id[sizeof first], nonce[2 * DESK_SESSION_NONCE + 1];
	g_autofree char *officer = NULL;
	DeskSessions *sessions = desk_session_table_new();
	desk_session_begin(sessions, 1, 0, first, nonce);
	for (guint i = 1; i < DESK_SESSIONS_OF_USER; i++)
		desk_session_begin(sessions, 1, i, id, nonce);
	desk_session_begin(sessions, 2, 50, id, nonce);
	g_assert_true(desk_session_find(sessions, first, 1, 50, nonce, &officer));
	desk_session_begin(sessions, 1, 51, id, nonce);
	g_assert_false(desk_session_find(sessions, first, 1, 52, nonce, &officer));
	desk_session_table_free(sessions);
}

static void a_session_remembers_the_last_that_it_opened(void)
{
	char id[2 * DESK_SESSION_ID + 1], nonce[2 * DESK_SESSION_NONCE + 1];
	DeskSessions *sessions = desk_session_table_new();
	desk_session_begin(sessions, 1, 0, id, nonce);
	for (guint64 entry = 1; entry <= DESK_SESSION_GRANTS + 1; entry++) {
		DeskGrant grant = {.mailbox = 0, .entry = entry, .seq = 1000 + entry};
		desk_session_grant(sessions, id, &grant);
	}
	DeskGrant oldest = {.entry = 1}, second = {.entry = 2}, elsewhere = {.mailbox = 1, .entry = 2};
	g_assert_false(desk_session_granted(sessions, id, &oldest));
	g_assert_true(desk_session_granted(sessions, id, &second));
	g_assert_cmpuint(second.seq, ==, 1002);
	g_assert_false(desk_session_granted(sessions, id, &elsewhere));
	desk_session_table_free(sessions);
}

static void an_answer_is_kept_until_the_next_request(void)
{
	char id[2 * DESK_SESSION_ID + 1], nonce[2 * DESK_SESSION_NONCE + 1];
	json_t *answer = json_pack("{s:i}", "schema", 1), *again = NULL;
	DeskSessions *sessions = desk_session_table_new();
	desk_session_begin(sessions, 1, 0, id, nonce);
	g_assert_cmpint(desk_session_take(sessions, id, "aigul", 7, 1), ==, DESK_SESSION_TAKEN);
	g_assert_true(desk_session_again(sessions, id, 7, "signature", &again)); /* still at work */
	g_assert_null(again);
	desk_session_keep(sessions, id, 6, "signature", answer); /* an earlier one that was slow */
	g_assert_true(desk_session_again(sessions, id, 7, "signature", &again));
	g_assert_null(again);
	desk_session_keep(sessions, id, 7, "signature", answer);
	g_assert_true(desk_session_again(sessions, id, 7, "another", &again));
	g_assert_null(again);
	g_assert_true(desk_session_again(sessions, id, 7, "signature", &again));
	g_assert_true(again == answer);
	json_decref(again);
	g_assert_cmpint(desk_session_take(sessions, id, "aigul", 8, 2), ==, DESK_SESSION_TAKEN);
	g_assert_false(desk_session_again(sessions, id, 7, "signature", &again));
	g_assert_true(desk_session_again(sessions, id, 8, "signature", &again));
	g_assert_null(again);
	desk_session_table_free(sessions);
	json_decref(answer);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/desk-session/a session ends after ten idle minutes and eight hours",
	                a_session_ends_after_ten_idle_minutes_and_eight_hours);
	g_test_add_func("/desk-session/a user has so many sessions and the oldest goes",
	                a_user_has_so_many_sessions_and_the_oldest_goes);
	g_test_add_func("/desk-session/a session remembers the last that it opened", a_session_remembers_the_last_that_it_opened);
	g_test_add_func("/desk-session/an answer is kept until the next request", an_answer_is_kept_until_the_next_request);
	return g_test_run();
}
