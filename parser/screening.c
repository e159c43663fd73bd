/* SPDX-License-Identifier: ISC */
#include "parser/screening.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/files.h"
#include "base/octets.h"
#include "installed.h"
#include "parser/dictionary.h"
#include "policy/lint.h"
#include "policy/model.h"

#define LINE_MAX_OCTETS (1u << 20) /* as much as of a message: MESSAGE_TEXT_MAX */
#define PIECE 65536
#define RULES PKGDATADIR "/rules"
#define DICTIONARIES "/usr/share/hunspell"
#define LINT_SECONDS 30 /* for one dictionary */
#define MODEL "model.weights"

/* --- the files -------------------------------------------------------------------------------- */

static void file_free(gpointer data)
{
	FilesFile *file = data;
	g_free(file->path);
	g_free(file->data);
	g_free(file);
}

static const char *name_of(const FilesFile *file)
{
	const char *slash = strrchr(file->path, '/');
	return slash != NULL ? slash + 1 : file->path;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
	return strcmp(name_of(*(const FilesFile *const *)a), name_of(*(const FilesFile *const *)b));
}

/* Takes the file into the set, in the place of one that has its name. */
static void put(GPtrArray *set, FilesFile *file)
{
	for (guint i = 0; i < set->len; i++)
		if (strcmp(name_of(set->pdata[i]), name_of(file)) == 0)
			g_ptr_array_remove_index(set, i--);
	g_ptr_array_add(set, file);
}

static gboolean put_directory(GPtrArray *set, const char *directory, const char *suffix, GError **error)
{
	g_autoptr(GPtrArray) read = files_read(directory, suffix, RULES_OCTETS_MAX, error);
	for (guint i = 0; read != NULL && i < read->len; i++) {
		const FilesFile *file = read->pdata[i];
		FilesFile *copy = g_new0(FilesFile, 1);
		*copy = (FilesFile){g_strdup(file->path), g_memdup2(file->data, file->size + 1), file->size};
		put(set, copy);
	}
	return read != NULL;
}

/* The shipped rules and model, and those of the directory beside them or, where one has the same name, instead. A build that
 * is not installed yet has no shipped ones. */
static GPtrArray *read_files(const char *directory, GError **error)
{
	g_autoptr(GPtrArray) set = g_ptr_array_new_with_free_func(file_free);
	gboolean shipped = directory == NULL || g_file_test(RULES, G_FILE_TEST_IS_DIR);
	if ((shipped && (!put_directory(set, RULES, ".txt", error) || !put_directory(set, RULES, MODEL, error))) ||
	    (directory != NULL && !put_directory(set, directory, ".txt", error)))
		return NULL;
	if (directory != NULL)
		put_directory(set, directory, MODEL, NULL); /* most have none of their own */
	g_ptr_array_sort(set, by_name);
	return g_steal_pointer(&set);
}

static gboolean take_model(Rules *rules, const FilesFile *file, GError **error)
{
	Model *model = model_read(file->data, file->size, error);
	if (model == NULL)
		g_prefix_error(error, "%s: ", file->path);
	else
		rules_take_model(rules, model);
	return model != NULL;
}

static Rules *rules_of(const GPtrArray *set, GError **error)
{
	g_autofree RulesFile *files = g_new0(RulesFile, set->len + 1);
	const FilesFile *model = NULL;
	gsize n = 0;
	for (guint i = 0; i < set->len; i++) {
		const FilesFile *file = set->pdata[i];
		if (g_str_has_suffix(file->path, MODEL))
			model = file;
		else
			files[n++] = (RulesFile){file->path, file->data, file->size};
	}
	g_autoptr(Rules) rules = rules_read(files, n, error);
	return rules != NULL && (model == NULL || take_model(rules, model, error)) ? g_steal_pointer(&rules) : NULL;
}

Rules *screening_load(const char *directory, GError **error)
{
	g_autoptr(GPtrArray) set = read_files(directory, error);
	return set != NULL ? rules_of(set, error) : NULL;
}

/* --- packed ----------------------------------------------------------------------------------- */

#define PACK "senim-rules 1\n"
#define PACK_MAX (2 * RULES_OCTETS_MAX)

/* A pack is the line PACK and, for each file, a line "SIZE PATH" and its octets. */
gboolean screening_pack(const char *directory, GError **error)
{
	g_autoptr(GPtrArray) set = read_files(directory, error);
	g_autoptr(Rules) rules = set != NULL ? rules_of(set, error) : NULL;
	g_autoptr(GString) wrong = g_string_new(NULL), out = g_string_new(PACK);
	if (rules == NULL)
		return FALSE;
	if (screening_wrong_examples(rules, wrong) > 0) {
		wrong->str[strcspn(wrong->str, "\n")] = '\0';
		g_set_error(error, RULES_ERROR, 0, "%s", wrong->str);
		return FALSE;
	}
	for (guint i = 0; i < set->len; i++) {
		const FilesFile *file = set->pdata[i];
		if (strchr(file->path, '\n') != NULL) {
			g_set_error(error, RULES_ERROR, 0, "the name of a rule file has a line end: name it otherwise");
			return FALSE;
		}
		g_string_append_printf(out, "%zu %s\n", file->size, file->path);
		g_string_append_len(out, file->data, (gssize)file->size);
	}
	if (octets_write(STDOUT_FILENO, out->str, out->len))
		return TRUE;
	g_set_error(error, RULES_ERROR, 0, "the rules cannot be written to standard output: %s", g_strerror(errno));
	return FALSE;
}

static gboolean read_descriptor(int fd, GByteArray *octets)
{
	gssize n = 1;
	while (n > 0 && octets->len <= PACK_MAX) {
		guint size = octets->len;
		g_byte_array_set_size(octets, size + PIECE);
		do /* from the beginning, wherever another process has read to */
			n = pread(fd, octets->data + size, PIECE, size);
		while (n < 0 && errno == EINTR);
		g_byte_array_set_size(octets, size + (guint)MAX(n, 0));
	}
	return n == 0;
}

/* The next file of a pack; FALSE at its end, or where it is none: *rest then is not empty. */
static gboolean next_file(const char **rest, const char *end, GPtrArray *set)
{
	char *blank;
	const char *lf = memchr(*rest, '\n', (gsize)(end - *rest));
	if (lf == NULL)
		return FALSE;
	g_autofree char *line = g_strndup(*rest, (gsize)(lf - *rest));
	guint64 size = g_ascii_strtoull(line, &blank, 10);
	if (*blank != ' ' || size > (gsize)(end - lf - 1))
		return FALSE;
	FilesFile *file = g_new0(FilesFile, 1);
	*file = (FilesFile){g_strdup(blank + 1), g_strndup(lf + 1, size), size};
	g_ptr_array_add(set, file);
	*rest = lf + 1 + size;
	return TRUE;
}

Rules *screening_unpack(int fd, GError **error)
{
	g_autoptr(GByteArray) octets = g_byte_array_new();
	g_autoptr(GPtrArray) set = g_ptr_array_new_with_free_func(file_free);
	const gsize head = strlen(PACK);
	if (!read_descriptor(fd, octets) || octets->len < head || memcmp(octets->data, PACK, head) != 0) {
		g_set_error(error, RULES_ERROR, 0, "descriptor %d holds no packed rules: senim-examine --pack-rules writes them", fd);
		return NULL;
	}
	const char *rest = (const char *)octets->data + head, *end = (const char *)octets->data + octets->len;
	while (next_file(&rest, end, set))
		;
	if (rest == end)
		return rules_of(set, error);
	g_set_error(error, RULES_ERROR, 0, "the packed rules on descriptor %d are cut off", fd);
	return NULL;
}

ScreenQuestion screening_question(const Message *message)
{
	return (ScreenQuestion){message->text->str, message->text->len, message->subject, message->attachments->len};
}

/* --- lines ------------------------------------------------------------------------------------ */

static void answer_line(const Rules *rules, const char *text, gsize size, GString *out)
{
	if (size > 0 && text[size - 1] == '\r')
		size--;
	ScreenQuestion question = {.text = text, .size = MIN(size, LINE_MAX_OCTETS)};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	g_autofree char *json = verdict_json(verdict, rules, &question);
	g_string_append_printf(out, "%s\n", json);
}

gboolean screening_lines(const Rules *rules)
{
	g_autoptr(GString) in = g_string_new(NULL), out = g_string_new(NULL);
	g_autofree char *piece = g_malloc(PIECE);
	for (gboolean ended = FALSE; !ended;) {
		gssize n = read(STDIN_FILENO, piece, PIECE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return FALSE;
		ended = n == 0;
		g_string_append_len(in, piece, n);
		gsize from = 0;
		for (const char *lf; (lf = memchr(in->str + from, '\n', in->len - from)) != NULL; from = (gsize)(lf - in->str) + 1)
			answer_line(rules, in->str + from, (gsize)(lf - in->str) - from, out);
		g_string_erase(in, 0, (gssize)from);
		if (ended && in->len > 0)
			answer_line(rules, in->str, in->len, out);
		if (!octets_write(STDOUT_FILENO, out->str, out->len))
			return FALSE;
		g_string_truncate(out, 0);
	}
	return TRUE;
}

gboolean screening_message(const Rules *rules, guint8 *octets, gsize size)
{
	g_autoptr(Message) message = message_read(octets, size, MESSAGE_FOR_FINDING);
	ScreenQuestion question = screening_question(message);
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	g_autofree char *json = verdict_json(verdict, rules, &question);
	return octets_write(STDOUT_FILENO, json, strlen(json)) && octets_write(STDOUT_FILENO, "\n", 1);
}

/* --- the rules' own examples ------------------------------------------------------------------ */

static gboolean matches(const Rules *rules, const Rule *rule, const char *text)
{
	ScreenQuestion question = {.text = text, .size = strlen(text)};
	g_autoptr(Verdict) verdict = screen_text(rules, &question);
	for (guint i = 0; i < verdict->hits->len; i++) {
		const ScreenHit *hit = &g_array_index(verdict->hits, ScreenHit, i);
		if (hit->rule == rule && hit->guards == 0)
			return TRUE;
	}
	return FALSE;
}

guint screening_wrong_examples(const Rules *rules, GString *out)
{
	guint wrong = 0;
	for (guint i = 0; i < rules->rules->len; i++) {
		const Rule *rule = &g_array_index(rules->rules, Rule, i);
		for (guint k = 0; k < rule->examples->len; k++) {
			const RulesExample *example = &g_array_index(rule->examples, RulesExample, k);
			if (matches(rules, rule, example->text) == example->must)
				continue;
			g_autofree char *safe = escape_text(example->text, -1, ESCAPE_LINE);
			g_string_append_printf(out, "%s:%u: %s %s: %s\n", example->file, example->line, rule->id,
			                       example->must ? "does not match" : "matches", safe);
			wrong++;
		}
	}
	return wrong;
}

/* --- the rules' words against dictionaries -------------------------------------------------------- */

typedef struct {
	Lint *lint;
	gint64 until;
	guint forms;
	gboolean late;
} Reading;

static gboolean lint_word(const char *word, gsize size, const char *base, gpointer data)
{
	Reading *reading = data;
	if (++reading->forms % 4096 == 0 && g_get_monotonic_time() > reading->until)
		reading->late = TRUE;
	if (!reading->late)
		lint_add(reading->lint, word, size, base);
	return !reading->late;
}

static guint lint_rules(const Rules *rules, GString *out)
{
	static const struct {
		const char *name, *package;
	} dictionaries[] = {{"kk_KZ", "hunspell-kk"}, {"ru_RU", "hunspell-ru"}};
	g_autoptr(Lint) lint = lint_new(rules);
	g_autoptr(GString) read = g_string_new(NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(dictionaries); i++) {
		g_autoptr(GError) error = NULL;
		Reading reading = {lint, g_get_monotonic_time() + LINT_SECONDS * G_TIME_SPAN_SECOND, 0, FALSE};
		if (!dictionary_words(DICTIONARIES, dictionaries[i].name, lint_word, &reading, &error))
			g_string_append_printf(out, "no dictionary %s: %s (install %s)\n", dictionaries[i].name, error->message,
			                       dictionaries[i].package);
		else
			g_string_append_printf(read, "%s: %u forms%s\n", dictionaries[i].name, reading.forms,
			                       reading.late ? ", the rest would have taken too long" : "");
	}
	guint wrong = lint_report(lint, out);
	g_string_append_len(out, read->str, (gssize)read->len);
	return wrong;
}

gboolean screening_check(const Rules *rules)
{
	guint n = 0;
	g_autoptr(GString) out = g_string_new(NULL);
	guint wrong = screening_wrong_examples(rules, out);
	for (guint i = 0; i < rules->rules->len; i++)
		n += g_array_index(rules->rules, Rule, i).examples->len;
	guint hits = lint_rules(rules, out);
	g_string_append_printf(out, "%u rules, %u examples, %u wrong; %u entries hit words that they do not mean\n", rules->rules->len, n,
	                       wrong, hits);
	return octets_write(STDOUT_FILENO, out->str, out->len) && wrong == 0 && hits == 0;
}
