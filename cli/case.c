/* SPDX-License-Identifier: ISC */
#include "cli/case.h"

#include <string.h>

#include "base/escape.h"
#include "base/finding.h"
#include "cli/cli.h"

void case_free(Case *c)
{
	if (c == NULL)
		return;
	g_free(c->mailbox);
	g_free(c->name);
	g_free(c->answers);
	g_free(c->asked);
	g_free(c->official_date);
	g_free(c->prolonged);
	g_free(c->notified);
	g_free(c->reply.kind);
	g_free(c->reply.by);
	g_free(c->reply.state);
	g_free(c->told);
	g_free(c->forward);
	g_free(c->acknowledge);
	g_free(c->answer);
	g_free(c->due);
	json_decref(c->facts);
	g_strfreev(c->withheld);
	g_free(c->state);
	g_free(c->ack_state);
	g_free(c->ack_reason);
	g_free(c->redirected);
	g_free(c->redirected_to);
	g_free(c->forwarded);
	g_free(c->forwarded_to);
	g_free(c->forward_allowed);
	g_free(c->forward_allowed_by);
	g_free(c->category);
	g_free(c->assigned);
	g_free(c->result);
	g_free(c->erasure);
	g_free(c->erasure_order);
	g_free(c->erasure_dated);
	g_strfreev(c->kept);
	g_free(c);
}

static gboolean take_text(json_t *object, const char *key, char **field, GError **error)
{
	const char *text = desk_get_text(object, key, error);
	*field = g_strdup(text);
	return text != NULL;
}

/* Text or nothing. */
static gboolean take_optional(json_t *object, const char *key, char **field, GError **error)
{
	return json_object_get(object, key) == NULL || take_text(object, key, field, error);
}

static gboolean take_id(json_t *object, guint8 id[SEAL_CASE], GError **error)
{
	const char *text = desk_get_text(object, "case_id", error);
	if (text == NULL)
		return FALSE;
	if (strlen(text) != 2 * SEAL_CASE || strspn(text, "0123456789abcdef") != 2 * SEAL_CASE)
		return desk_form_error(error, "case_id");
	for (gsize i = 0; i < SEAL_CASE; i++)
		id[i] = (guint8)(g_ascii_xdigit_value(text[2 * i]) << 4 | g_ascii_xdigit_value(text[2 * i + 1]));
	return TRUE;
}

/* Nothing, or what became of it. */
static gboolean take_redirection(Case *c, json_t *object, GError **error)
{
	json_t *redirection = json_object_get(object, "redirection");
	if (redirection == NULL)
		return TRUE;
	return take_text(redirection, "state", &c->redirected, error) &&
	       take_text(redirection, "to", &c->redirected_to, error) &&
	       desk_get_uint(redirection, "entry", &c->redirection, error);
}

/* The same; where only a word was given that it may be, there is no state and no addressee yet. */
static gboolean take_forwarding(Case *c, json_t *object, GError **error)
{
	json_t *forwarding = json_object_get(object, "forwarding");
	return forwarding == NULL ||
	       (take_optional(forwarding, "state", &c->forwarded, error) && take_optional(forwarding, "to", &c->forwarded_to, error) &&
	        take_optional(forwarding, "allowed", &c->forward_allowed, error) &&
	        take_optional(forwarding, "allowed_by", &c->forward_allowed_by, error) &&
	        desk_get_uint(forwarding, "entry", &c->forwarding, error));
}

/* --- names as typed ------------------------------------------------------------------------------------------------- */

typedef struct {
	gsize mailbox;      /* octets before the colon, 0 none */
	const char *number; /* "17", "X-5" */
	guint64 year;       /* 0: this one */
} Name;

static gboolean is_number(const char *text, gsize size)
{
	return size >= 1 && size <= 9 && text[0] != '0' && strspn(text, "0123456789") >= size;
}

static gboolean split(const char *typed, Name *name)
{
	const char *colon = strrchr(typed, ':'), *rest = colon != NULL ? colon + 1 : typed;
	name->mailbox = colon != NULL ? (gsize)(colon - typed) : 0;
	const char *slash = strchr(rest, '/');
	name->year = 0;
	if (slash != NULL) {
		if (slash - rest != 4 || !is_number(rest, 4))
			return FALSE;
		name->year = g_ascii_strtoull(rest, NULL, 10);
		rest = slash + 1;
	}
	name->number = rest;
	const char *digits = g_str_has_prefix(rest, "X-") ? rest + 2 : rest;
	return is_number(digits, strlen(digits)) && (colon == NULL || colon > typed);
}

/* A name as the register gives it, with its year: it stands in messages, and goes to a terminal. */
static gboolean take_name(json_t *object, char **field, GError **error)
{
	Name name;
	if (!take_text(object, "name", field, error))
		return FALSE;
	return (split(*field, &name) && name.year != 0 && name.mailbox == 0) || desk_form_error(error, "name");
}

/* Names of officers go to the terminal: of the form that the configuration gives them, or none. */
static gboolean take_names(json_t *object, const char *key, char ***names, GError **error)
{
	json_t *list = json_object_get(object, key), *item;
	gsize i;
	if (list != NULL && !json_is_array(list))
		return desk_form_error(error, key);
	*names = g_new0(char *, json_array_size(list) + 1);
	json_array_foreach(list, i, item) {
		const char *name = json_string_value(item);
		if (name == NULL || name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-")] != '\0')
			return desk_form_error(error, key);
		(*names)[i] = g_strdup(name);
	}
	return TRUE;
}

static GPtrArray *seen;  /* names, each once; they are facts that any list shows */
static GHashTable *once; /* the same: of a hundred thousand each is looked for */

static void see(const char *name)
{
	if (seen == NULL) {
		seen = g_ptr_array_new_with_free_func(g_free);
		once = g_hash_table_new(g_str_hash, g_str_equal);
	}
	if (g_hash_table_contains(once, name))
		return;
	g_ptr_array_add(seen, g_strdup(name));
	g_hash_table_add(once, seen->pdata[seen->len - 1]);
}

const char *case_seen(guint i)
{
	return seen != NULL && i < seen->len ? g_ptr_array_index(seen, i) : NULL;
}

/* Nothing, or how the reporter was answered. */
static gboolean take_reply(Case *c, json_t *reply, GError **error)
{
	guint64 time = 0;
	if (reply == NULL)
		return TRUE;
	c->reply.unnumbered = json_is_true(json_object_get(reply, "unnumbered"));
	if (!desk_get_uint(reply, "entry", &c->reply.entry, error) || !take_text(reply, "kind", &c->reply.kind, error) ||
	    !take_text(reply, "by", &c->reply.by, error) || !desk_get_uint(reply, "time", &time, error))
		return FALSE;
	c->reply.time = (gint64)time;
	return take_optional(reply, "state", &c->reply.state, error);
}

static gboolean take_work(Case *c, json_t *object, GError **error)
{
	json_t *work = json_object_get(object, "work");
	c->held = json_is_true(json_object_get(work, "held"));
	c->resolved = json_is_true(json_object_get(work, "resolved"));
	c->transcript = json_is_true(json_object_get(work, "transcript"));
	c->unsafe = json_is_true(json_object_get(work, "unsafe"));
	c->lost = json_is_true(json_object_get(work, "lost"));
	return desk_get_uint(work, "last", &c->last, error) && take_optional(work, "category", &c->category, error) &&
	       take_optional(work, "assigned", &c->assigned, error) && take_optional(work, "result", &c->result, error) &&
	       take_optional(work, "notified", &c->notified, error) && take_reply(c, json_object_get(work, "reply"), error) &&
	       take_names(object, "kept", &c->kept, error);
}

static gboolean take_terms(Case *c, json_t *terms, GError **error)
{
	return take_optional(terms, "prolonged", &c->prolonged, error) && take_optional(terms, "told", &c->told, error) &&
	       take_optional(terms, "forward", &c->forward, error) &&
	       take_optional(terms, "acknowledge", &c->acknowledge, error) && take_optional(terms, "answer", &c->answer, error);
}

/* What was erased stands in every list as such, whatever it was before. */
static gboolean take_erasure(Case *c, json_t *object, GError **error)
{
	json_t *erasure = json_object_get(object, "erasure");
	guint64 since = 0;
	c->erased = (guint64)MAX(json_integer_value(json_object_get(object, "erased")), 0);
	if (c->erased != 0) {
		g_free(c->state);
		c->state = g_strdup("erased");
	}
	if (erasure == NULL)
		return TRUE;
	gboolean good = take_text(erasure, "state", &c->erasure, error) && take_text(erasure, "order", &c->erasure_order, error) &&
	                take_text(erasure, "dated", &c->erasure_dated, error) && desk_get_uint(erasure, "since", &since, error);
	c->erasure_since = (gint64)since;
	return good;
}

char *case_erased(const Case *c)
{
	if (c->erased == 0)
		return NULL;
	g_autofree char *order = escape_text(c->erasure_order != NULL ? c->erasure_order : "-", -1, ESCAPE_LINE);
	g_autofree char *dated = escape_text(c->erasure_dated != NULL ? c->erasure_dated : "-", -1, ESCAPE_LINE);
	return g_strdup_printf(_("%s was erased by order № %s of %s"), c->name, order, dated);
}

Case *case_read(json_t *object, GError **error)
{
	g_autoptr(Case) c = g_new0(Case, 1);
	guint64 received = 0;
	json_t *ack = json_object_get(object, "acknowledgement");
	c->elsewhere = json_is_true(json_object_get(object, "elsewhere"));
	if (!take_text(object, "mailbox", &c->mailbox, error) || !take_name(object, &c->name, error))
		return NULL;
	see(c->name);
	c->with_officers = c->elsewhere && g_strcmp0(json_string_value(json_object_get(object, "with")), "officers") == 0;
	if (c->elsewhere) { /* with its seq where she may give it to another */
		c->seq = (guint64)MAX(json_integer_value(json_object_get(object, "seq")), 0);
		return g_steal_pointer(&c);
	}
	if (!desk_get_uint(object, "seq", &c->seq, error) || !take_id(object, c->case_id, error) ||
	    !take_names(object, "withheld", &c->withheld, error) ||
	    !desk_get_uint(object, "received", &received, error) ||
	    !take_optional(object, "official_date", &c->official_date, error) ||
	    !take_optional(object, "due", &c->due, error) ||
	    !take_terms(c, json_object_get(object, "terms"), error) ||
	    !take_text(object, "state", &c->state, error) || !take_text(ack, "state", &c->ack_state, error) ||
	    !take_optional(ack, "reason", &c->ack_reason, error) || !desk_get_uint(object, "size", &c->size, error) ||
	    !desk_get_uint(object, "card_size", &c->card_size, error) || !take_redirection(c, object, error) || !take_forwarding(c, object, error) || !take_work(c, object, error) ||
	    !take_erasure(c, object, error))
		return NULL;
	if (!desk_get_uint(object, "followups", &c->followups, error))
		return NULL;
	c->unread = json_is_true(json_object_get(object, "unread"));
	c->received = (gint64)received;
	c->facts = json_incref(json_object_get(object, "facts"));
	if (!json_is_object(c->facts)) {
		desk_form_error(error, "facts");
		return NULL;
	}
	return g_steal_pointer(&c);
}

Case *case_read_message(const Case *c, json_t *object, GError **error)
{
	g_autoptr(Case) m = g_new0(Case, 1);
	guint64 received;
	m->mailbox = g_strdup(c->mailbox);
	m->name = g_strdup(c->name);
	m->of = c->seq;
	m->elsewhere = json_is_true(json_object_get(object, "elsewhere"));
	if (m->elsewhere)
		return g_steal_pointer(&m);
	m->unread = json_is_true(json_object_get(object, "unread"));
	m->flood = json_is_true(json_object_get(object, "flood"));
	m->erased = (guint64)MAX(json_integer_value(json_object_get(object, "erased")), 0);
	if (m->erased != 0) {
		m->erasure_order = g_strdup(c->erasure_order);
		m->erasure_dated = g_strdup(c->erasure_dated);
	}
	if (!desk_get_uint(object, "seq", &m->seq, error) || !take_id(object, m->case_id, error) ||
	    !take_text(object, "answers", &m->answers, error) ||
	    !desk_get_uint(object, "received", &received, error) || !desk_get_uint(object, "size", &m->size, error) ||
	    !desk_get_uint(object, "card_size", &m->card_size, error))
		return NULL;
	m->received = (gint64)received;
	m->facts = json_incref(json_object_get(object, "facts"));
	if (json_is_object(m->facts))
		return g_steal_pointer(&m);
	desk_form_error(error, "facts");
	return NULL;
}

const char *case_fact(const Case *c, const char *key)
{
	const char *value = c->facts != NULL ? json_string_value(json_object_get(c->facts, key)) : NULL;
	return value != NULL ? value : "-";
}

gint64 case_moment(const Case *c)
{
	g_autoptr(Record) facts = record_new();
	const json_t *called = json_object_get(c->facts, "called");
	if (json_integer_value(called) > 0)
		record_add_uint(facts, "called", (guint64)json_integer_value(called));
	return finding_moment(facts, c->received);
}

char **case_classes(const Case *c)
{
	const json_t *list = c->facts != NULL ? json_object_get(c->facts, "class") : NULL;
	GPtrArray *classes = g_ptr_array_new();
	for (gsize i = 0; i < json_array_size(list); i++) {
		const char *word = json_string_value(json_array_get(list, i));
		if (word != NULL)
			g_ptr_array_add(classes, g_strdup(word));
	}
	g_ptr_array_add(classes, NULL);
	return (char **)g_ptr_array_free(classes, FALSE);
}

const char *case_main_class(char **classes, gboolean *danger, guint *others)
{
	const char *found = NULL;
	*danger = FALSE;
	for (guint i = 0; classes[i] != NULL && !*danger; i++) {
		*danger = strcmp(classes[i], "reporter-at-risk") == 0 || strcmp(classes[i], "self-harm") == 0;
		if (*danger || found == NULL || strcmp(found, "likeness") == 0)
			found = classes[i];
	}
	*others = found != NULL ? g_strv_length(classes) - 1 : 0;
	*others -= *others > 0 && g_strv_contains((const char *const *)classes, "likeness") && strcmp(found, "likeness") != 0;
	return found;
}

gboolean case_is_over(const Case *c)
{
	return g_strcmp0(c->state, "closed") == 0 || g_strcmp0(c->state, "set-aside") == 0 || c->erased != 0; /* none where another reads it */
}

gboolean case_is_unheard(const Case *c)
{
	return !c->elsewhere && !case_is_over(c) && !c->transcript && strcmp(case_fact(c, "channel"), "telephone") == 0 &&
	       json_integer_value(json_object_get(c->facts, "attachments")) > 0;
}

gboolean case_is_urgent(const Case *c)
{
	if (c->elsewhere || case_is_over(c))
		return FALSE;
	g_auto(GStrv) classes = case_classes(c);
	const char *const *all = (const char *const *)classes;
	return strcmp(case_fact(c, "verdict"), "redirect") == 0 || g_strv_contains(all, "self-harm") ||
	       g_strv_contains(all, "reporter-at-risk");
}

/* A state, and what is said of it with its addressee. */
typedef struct {
	const char *state, *words;
} Handed;

static char *say_handed(const Handed *rows, gsize n, const char *state, const char *to)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral" /* of the two tables below */
	for (gsize i = 0; state != NULL && to != NULL && i < n; i++)
		if (strcmp(rows[i].state, state) == 0)
			return g_strdup_printf(_(rows[i].words), to);
#pragma GCC diagnostic pop
	return NULL;
}

char *case_redirection(const Case *c)
{
	static const Handed rows[] = {
		{"made", N_("redirected to %s: its outgoing number is to be entered")},
		{"numbered", N_("redirected to %s: went out")},
		{"automatic", N_("redirected to %s: the letter waits to be sent")},
		{"queued", N_("redirected to %s: the letter waits to be sent")},
		{"sent", N_("redirected to %s: the letter was sent")},
		{"unsent", N_("redirected to %s: the letter could not be sent")},
		{"returned", N_("redirected to %s: the letter came back")},
		{"wrong", N_("redirected to %s, which was wrong")},
	};
	return say_handed(rows, G_N_ELEMENTS(rows), c->redirected, c->redirected_to);
}

char *case_answer(const Case *c)
{
	static const struct {
		const char *by, *words;
	} ways[] = {{"mail", N_("answered by mail")}, {"paper", N_("answered on paper")}, {"person", N_("read the answer in person")},
	            {"none", N_("no answer is due")}};
	static const struct {
		const char *state, *words;
	} states[] = {{"queued", N_("the letter waits to be sent")}, {"unsent", N_("the letter could not be sent")},
	              {"returned", N_("the letter came back")}};
	const char *way = NULL, *state = NULL;
	for (gsize i = 0; c->reply.by != NULL && i < G_N_ELEMENTS(ways); i++)
		if (strcmp(ways[i].by, c->reply.by) == 0)
			way = _(ways[i].words);
	for (gsize i = 0; c->reply.state != NULL && i < G_N_ELEMENTS(states); i++)
		if (strcmp(states[i].state, c->reply.state) == 0)
			state = _(states[i].words);
	if (way == NULL)
		return NULL;
	if (strcmp(c->reply.kind, "advised") == 0)
		way = _("told which body to turn to");
	return g_strconcat(way, state != NULL ? ": " : "", state != NULL ? state : "", c->reply.unnumbered ? ", " : "",
	                   c->reply.unnumbered ? _("answer without outgoing number") : "", NULL);
}

gboolean case_is_unsafe(const Case *c)
{
	json_t *wishes = c->facts != NULL ? json_object_get(c->facts, "wish") : NULL, *wish;
	gsize i;
	json_array_foreach(wishes, i, wish)
		if (g_strcmp0(json_string_value(wish), "no-answer") == 0)
			return TRUE;
	return c->unsafe;
}

char *case_forwarding(const Case *c)
{
	static const Handed rows[] = {
		{"made", N_("forwarded to %s: its outgoing number is to be entered")},
		{"numbered", N_("forwarded to %s: went out")},
		{"queued", N_("forwarded to %s: the letter waits to be sent")},
		{"sent", N_("forwarded to %s: the letter was sent")},
		{"unsent", N_("forwarded to %s: the letter could not be sent")},
		{"returned", N_("forwarded to %s: the letter came back")},
	};
	return say_handed(rows, G_N_ELEMENTS(rows), c->forwarded, c->forwarded_to);
}

/* A letter that came back, or never left, is with nobody. */
gboolean case_is_passed_on(const Case *c)
{
	static const char *const nowhere[] = {"wrong", "unsent", "returned", NULL};
	return (c->redirected != NULL && strcmp(c->redirected, "wrong") != 0) ||
	       (c->forwarded_to != NULL && c->forwarded != NULL && !g_strv_contains(nowhere, c->forwarded));
}

/* An answer came to what was closed; somebody may be in danger; a letter did not arrive; a redirection, or what was forwarded, waits for her: for its
 * outgoing number, or since its letter did not arrive. */
gboolean case_is_pressing(const Case *c)
{
	static const char *const waiting[] = {"made", "unsent", "returned", NULL};
	if (c->elsewhere)
		return FALSE;
	if (c->erased != 0)
		return c->unread || g_strcmp0(c->erasure, "ordered") == 0;
	if ((c->unread && case_is_over(c)) || c->lost || g_strcmp0(c->erasure, "ordered") == 0 ||
	    (c->forwarded != NULL && g_strv_contains(waiting, c->forwarded)))
		return TRUE;
	return c->redirected != NULL ? g_strv_contains(waiting, c->redirected) : case_is_urgent(c);
}

gboolean case_asks_redirection(const Case *c)
{
	return !c->elsewhere && c->redirected == NULL && strcmp(case_fact(c, "verdict"), "redirect") == 0 && !case_is_over(c);
}

static gsize local_size(const char *mailbox)
{
	const char *at = strrchr(mailbox, '@');
	return at != NULL ? (gsize)(at - mailbox) : strlen(mailbox);
}

char *case_shown(const Case *c, const DeskClient *desk)
{
	const char *mailbox, *origin;
	guint all = 0, same = 0;
	gsize size = local_size(c->mailbox);
	for (; desk_client_mailbox(desk, all, &mailbox, &origin); all++)
		if (local_size(mailbox) == size && g_ascii_strncasecmp(mailbox, c->mailbox, size) == 0)
			same++;
	if (all < 2)
		return g_strdup(c->name);
	return g_strdup_printf("%.*s:%s", same > 1 ? (int)strlen(c->mailbox) : (int)size, c->mailbox, c->name);
}

gboolean case_check_name(const char *typed, GError **error)
{
	Name name;
	if (split(typed, &name))
		return TRUE;
	g_autofree char *shown = escape_text(typed, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_USAGE,
	                _("“%s” names no case: write 2026/17, 2026/X-5, or 17 for one of this year, with MAILBOX: before it where there are several"),
	                shown);
}

gboolean case_is_named(Case *c, const char *typed, GTimeZone *zone, gint64 now)
{
	Name name;
	if (!split(typed, &name))
		return FALSE;
	if (name.year == 0) {
		g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(now / G_USEC_PER_SEC);
		g_autoptr(GDateTime) local = g_date_time_to_timezone(utc, zone);
		name.year = (guint64)g_date_time_get_year(local);
	}
	g_autofree char *canonical = g_strdup_printf("%04" G_GUINT64_FORMAT "/%s", name.year, name.number);
	gsize local = local_size(c->mailbox), whole = strlen(c->mailbox);
	gboolean here = name.mailbox == 0 || ((name.mailbox == local || name.mailbox == whole) &&
	                                      g_ascii_strncasecmp(typed, c->mailbox, name.mailbox) == 0);
	if (!here || strcmp(canonical, c->name) == 0)
		return here;
	if (name.number[0] != 'X' || strstr(c->name, "/X-") != NULL)
		return FALSE;
	g_free(c->asked);
	c->asked = g_steal_pointer(&canonical);
	return TRUE;
}
