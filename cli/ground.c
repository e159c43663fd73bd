/* SPDX-License-Identifier: ISC */
#include "cli/ground.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/face.h"
#include "cli/form.h"
#include "cli/format.h"
#include "cli/passphrase.h"

#define GROUND_MAX 1000 /* octets of what she writes */
#define KEYS "123456789abcdefghijklmnopqrstuvwxyz"

/* --- the two halves ------------------------------------------------------------------------------------------------- */

char *ground_word(const char *ground)
{
	return g_strndup(ground, strcspn(ground, "\n"));
}

const char *ground_text(const char *ground)
{
	const char *end = strchr(ground, '\n');
	return end != NULL ? end + 1 : NULL;
}

static WipeText *compose(const char *word, const char *text)
{
	return text != NULL && *text != '\0' ? g_strdup_printf("%s\n%s", word, text) : g_strdup(word);
}

/* --- the list ------------------------------------------------------------------------------------------------------- */

json_t *ground_list(const Session *session, GError **error)
{
	g_autoptr(json_t) answer = desk_client_post(session->desk, "/v1/grounds", json_object(), NULL, error);
	json_t *list = answer != NULL ? desk_get_array(answer, "grounds", error) : NULL;
	if (list == NULL)
		return NULL;
	if (json_array_size(list) == 0 || json_array_size(list) > strlen(KEYS)) {
		desk_form_error(error, "grounds");
		return NULL;
	}
	return json_incref(list);
}

static const char *text_of(const json_t *item, const char *key)
{
	const char *text = json_string_value(json_object_get(item, key));
	return text != NULL ? text : "";
}

/* The label in the language in which she is spoken to, safe for a terminal. */
static char *label_of(const json_t *item)
{
	/* po: the code of your own language, "kk" or "ru": grounds have their labels in it */
	return escape_text(text_of(item, _("en")), -1, ESCAPE_LINE);
}

char *ground_label(const json_t *list, const char *word)
{
	json_t *item;
	gsize i;
	json_array_foreach(list, i, item)
		if (strcmp(text_of(item, "id"), word) == 0)
			return label_of(item);
	return format_word(word);
}

static gboolean needs(const json_t *item, const char *what)
{
	const json_t *list = json_object_get(item, "needs"), *word;
	gsize i;
	json_array_foreach(list, i, word)
		if (g_strcmp0(json_string_value(word), what) == 0)
			return TRUE;
	return FALSE;
}

static gboolean same_text(const char *a, const char *b)
{
	g_autofree char *one = g_utf8_casefold(a, -1), *other = g_utf8_casefold(b, -1);
	return *b != '\0' && strcmp(one, other) == 0;
}

/* The entry of the list that is typed: by id, by label in any language, or by its number. */
static const json_t *find_typed(const json_t *list, const char *typed)
{
	json_t *item;
	gsize i;
	json_array_foreach(list, i, item) {
		g_autofree char *number = g_strdup_printf("%" G_GSIZE_FORMAT, i + 1);
		static const char *const keys[] = {"id", "kk", "ru", "en"};
		if (strcmp(typed, number) == 0)
			return item;
		for (gsize k = 0; k < G_N_ELEMENTS(keys); k++)
			if (same_text(typed, text_of(item, keys[k])))
				return item;
	}
	return NULL;
}

/* --- what is written ------------------------------------------------------------------------------------------------ */

/* One line without control characters; blanks around it go, line breaks within it become blanks. */
static WipeText *judge(const char *raw, GError **error)
{
	g_autoptr(WipeText) text = g_strdup(raw);
	g_strdelimit(text, "\r\n\t", ' ');
	g_strstrip(text);
	if (text[0] == '\0') {
		cli_fail(error, CLI_ERROR_REFUSED, _("without a ground nothing is opened: say why you look"));
		return NULL;
	}
	g_autoptr(WipeText) escaped = escape_text(text, -1, ESCAPE_LINE);
	if (strlen(text) > GROUND_MAX || strcmp(escaped, text) != 0) {
		cli_fail(error, CLI_ERROR_USAGE, _("the ground was not accepted: write a short reason of one line"));
		return NULL;
	}
	return g_steal_pointer(&text);
}

static gboolean ask_one(const char *question, GString *text, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(Passphrase) line = passphrase_ask_aloud(question, &cause);
	if (line == NULL && cause == NULL) /* no terminal */
		return cli_fail(error, CLI_ERROR_REFUSED,
		                _("this ground needs to be written out: put it behind a colon, or ask without --ground"));
	if (line == NULL) {
		g_propagate_error(error, g_steal_pointer(&cause));
		return FALSE;
	}
	g_autoptr(WipeText) good = judge(passphrase_text(line), error);
	if (good == NULL)
		return FALSE;
	g_string_append_printf(text, "%s%s", text->len > 0 ? "; " : "", good);
	return TRUE;
}

/* What an entry of the list needs besides itself, asked for line by line. */
static WipeText *ask_needs(const json_t *item, GError **error)
{
	static const struct {
		const char *what, *question;
	} rows[] = {
		{"number", N_("Number of the paper: ")},
		{"date", N_("Its date: ")},
		{"text", N_("In your own words: ")},
	};
	g_autoptr(GString) text = g_string_sized_new(GROUND_MAX);
	gboolean good = TRUE;
	for (gsize i = 0; good && i < G_N_ELEMENTS(rows); i++)
		if (needs(item, rows[i].what))
			good = ask_one(_(rows[i].question), text, error);
	WipeText *whole = good ? compose(text_of(item, "id"), text->str) : NULL;
	explicit_bzero(text->str, text->len);
	return whole;
}

/* --- --ground ------------------------------------------------------------------------------------------------------- */

/* "request: № 12 of 2026-11-20": an entry of the list, and behind the colon what it needs. */
static WipeText *read_typed(const json_t *list, const char *typed, GError **error)
{
	const char *colon = strchr(typed, ':');
	const json_t *whole = find_typed(list, typed);
	if (whole != NULL)
		return ask_needs(whole, error);
	if (colon == NULL)
		return compose(GROUND_OTHER, typed);
	g_autofree char *name = g_strndup(typed, (gsize)(colon - typed));
	const json_t *item = find_typed(list, g_strstrip(name));
	if (item == NULL)
		return compose(GROUND_OTHER, typed);
	g_autoptr(WipeText) rest = judge(colon + 1, error);
	return rest != NULL ? compose(text_of(item, "id"), rest) : NULL;
}

static WipeText *read_stdin(GError **error)
{
	g_autoptr(WipeBuffer) text = wipe_buffer_new(GROUND_MAX);
	if (!wipe_buffer_read(text, STDIN_FILENO, 64 * 1024)) {
		cli_fail(error, CLI_ERROR_FAILED, _("the ground cannot be read from standard input: %s"), g_strerror(errno));
		return NULL;
	}
	return judge(wipe_buffer_data(text), error);
}

/* --- one key -------------------------------------------------------------------------------------------------------- */

/* One key without Enter; -1 where none comes. The terminal is put back. */
static int read_key(int terminal)
{
	struct termios was, raw;
	char key;
	if (tcgetattr(terminal, &was) != 0)
		return -1;
	raw = was;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	tcsetattr(terminal, TCSAFLUSH, &raw);
	gssize n = read(terminal, &key, 1);
	tcsetattr(terminal, TCSAFLUSH, &was);
	return n == 1 ? (guchar)key : -1;
}

static void put(int terminal, const char *text)
{
	gssize n = write(terminal, text, strlen(text));
	(void)n; /* a terminal that shows no list gives no key either */
}

static void put_list(int terminal, const json_t *list, gboolean fresh)
{
	g_autoptr(GString) text = g_string_new(_("Ground (why you look):"));
	const json_t *item;
	gsize i;
	g_string_append_c(text, '\n');
	json_array_foreach(list, i, item) {
		g_autofree char *label = label_of(item);
		g_string_append_printf(text, "  %c  %s\n", KEYS[i], label);
	}
	g_string_append(text, fresh ? _("One key takes one; Enter takes the first: ") : _("One key takes one: "));
	put(terminal, text->str);
}

/* One key of the terminal; NULL: none of the list. */
static const json_t *take_key(int terminal, const json_t *list, gboolean fresh)
{
	put_list(terminal, list, fresh);
	int key = read_key(terminal);
	if (fresh && (key == '\n' || key == '\r'))
		key = KEYS[0];
	const char *place = key > 0 ? strchr(KEYS, g_ascii_tolower((char)key)) : NULL;
	const json_t *item = place != NULL ? json_array_get(list, (gsize)(place - KEYS)) : NULL;
	g_autofree char *label = item != NULL ? label_of(item) : g_strdup("-");
	put(terminal, label);
	put(terminal, "\n");
	return item;
}

/* The same in the officer's screen. */
static const json_t *take_choice(const json_t *list, gboolean fresh)
{
	g_autoptr(GPtrArray) labels = g_ptr_array_new_with_free_func(g_free);
	const json_t *item;
	gsize i;
	json_array_foreach(list, i, item)
		g_ptr_array_add(labels, label_of(item));
	int chosen = form_choose(_("Ground (why you look):"), (const char *const *)labels->pdata, labels->len,
	                            fresh ? 0 : labels->len);
	return chosen >= 0 ? json_array_get(list, (gsize)chosen) : NULL;
}

static WipeText *ask(const json_t *list, gboolean fresh, GError **error)
{
	int terminal = face() == NULL ? open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY) : -1;
	if (terminal < 0 && face() == NULL) {
		cli_fail(error, CLI_ERROR_REFUSED,
		         _("without a ground nothing is opened: name it with --ground, or --ground - for standard input"));
		return NULL;
	}
	const json_t *item = face() != NULL ? take_choice(list, fresh) : take_key(terminal, list, fresh);
	if (terminal >= 0)
		close(terminal);
	if (item != NULL)
		return ask_needs(item, error);
	cli_fail(error, CLI_ERROR_REFUSED, _("without a ground nothing is opened: say why you look"));
	return NULL;
}

/* --- for the length of a sign-in ------------------------------------------------------------------------------------- */

static GHashTable *held; /* case to ground */

static void hold(const char *case_key, const char *ground)
{
	if (held == NULL)
		held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)wipe_text_free);
	g_hash_table_replace(held, g_strdup(case_key), g_strdup(ground));
}

WipeText *ground_take(const Session *session, const char *case_key, gboolean fresh, GError **error)
{
	const char *given = options_value(session->cli->options, "ground");
	const char *before = held != NULL && case_key != NULL ? g_hash_table_lookup(held, case_key) : NULL;
	if (given == NULL && before != NULL)
		return g_strdup(before);
	g_autoptr(WipeText) typed = NULL;
	if (given != NULL && (typed = strcmp(given, "-") == 0 ? read_stdin(error) : judge(given, error)) == NULL)
		return NULL;
	g_autoptr(json_t) list = ground_list(session, error);
	if (list == NULL)
		return NULL;
	g_autoptr(WipeText) ground = typed != NULL ? read_typed(list, typed, error) : ask(list, fresh, error);
	if (ground != NULL && case_key != NULL)
		hold(case_key, ground);
	return g_steal_pointer(&ground);
}
