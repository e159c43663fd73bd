/* SPDX-License-Identifier: ISC */
/* senim-examine - a message, read in a cage: its finding, its view, one of its parts (doc/senim-examine.8).
 *
 * Here parser/ and policy/ meet: the one says what stands in a message, the other what that means. */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/exits.h"
#include "base/finding.h"
#include "base/log.h"
#include "base/octets.h"
#include "base/process.h"
#include "parser/cage.h"
#include "parser/examine.h"
#include "parser/message.h"
#include "parser/nursery.h"
#include "parser/plain.h"
#include "parser/screening.h"
#include "parser/view.h"
#include "policy/automatic.h"
#include "policy/name-lists.h"
#include "policy/names.h"
#include "policy/person.h"
#include "policy/redact.h"
#include "policy/reference.h"
#include "policy/telephone.h"
#include "policy/wish.h"

#define CONTROL 3 /* the nursery's descriptor (doc/architecture.md) */
#define PIECE 65536
#define VIEW_LINE_MAX 200 /* characters of one suggestion in a view */
#define REDACTED_ROWS_MAX 150 /* of a list of what was hidden: the new text shows where more was */
#define REDACTED_LINE_MAX 60  /* characters of one of them: the answer is a record */
#define LEAST_TAKEN 8 /* children at work at a time, however few processors there are */

typedef struct {
	gint nursery, part, packed_rules; /* -1: not asked for */
	gboolean view, finding, redact, screen, lines, check_rules, pack_rules, no_cage, version;
	char *envelope_from, *mailbox, *telephone_system, *rules_directory;
	Rules *rules; /* NULL where the mode needs none */
} Options;

static void options_clear(Options *options)
{
	g_free(options->envelope_from);
	g_free(options->mailbox);
	g_free(options->telephone_system);
	g_free(options->rules_directory);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

/* --- the work ------------------------------------------------------------------------- */

static PolicyMessage question_of(const Record *job, const Message *message, gboolean own_message_id)
{
	/* PolicyField is the same pair of strings as MessageField; the rooms just do not know each other. */
	G_STATIC_ASSERT(sizeof(PolicyField) == sizeof(MessageField) &&
	                G_STRUCT_OFFSET(PolicyField, value) == G_STRUCT_OFFSET(MessageField, value));
	PolicyMessage question = {
		.envelope_from = record_get(job, "envelope-from"),
		.fields = (const PolicyField *)(void *)message->fields->data,
		.n_fields = message->fields->len,
		.content_type = message->content_type != NULL ? message->content_type : "text/plain",
		.report_type = message->report_type,
		.own_message_id = own_message_id,
	};
	return question;
}

/* Every value of that key (borrowed). */
static void add_values(GPtrArray *values, const Record *job, const char *key)
{
	const char *value;
	for (guint i = 0; (value = record_get_nth(job, key, i)) != NULL; i++)
		g_ptr_array_add(values, (gpointer)value);
}

static References *references_of(const Record *job, const Message *message)
{
	g_autoptr(GPtrArray) tags = g_ptr_array_new(), addresses = g_ptr_array_new();
	add_values(tags, job, "own-tag");
	add_values(addresses, job, "also"); /* as they were typed */
	const ReferenceQuestion question = {.ids = message->references,
	                                    .tags = tags,
	                                    .addresses = addresses,
	                                    .subject = message->subject,
	                                    .text = message->text->str,
	                                    .size = message->text->len};
	return reference_find(&question);
}

/* The job's lines are "ID NAME". */
static void read_people(const Record *job, const char *key, Names *names, void (*add)(Names *, const char *, const char *))
{
	const char *line;
	for (guint i = 0; (line = record_get_nth(job, key, i)) != NULL; i++) {
		const char *blank = strchr(line, ' ');
		g_autofree char *id = g_strndup(line, blank != NULL ? (gsize)(blank - line) : 0);
		if (*id != '\0')
			add(names, id, blank + 1);
	}
}

static GPtrArray *named_in(const Record *job, const char *subject, const GString *text)
{
	g_autoptr(Names) names = names_new();
	read_people(job, "name", names, names_add_name);
	read_people(job, "post", names, names_add_post);
	return names_find(names, subject, text->str, text->len);
}

/* What a message says of whoever wrote it, or called. */
typedef struct {
	gboolean telephone;
	gint64 called; /* by the configured system */
	const char *wishes[3];
	GPtrArray *lines; /* "WHAT SOURCE VALUE" */
} Suggestions;

static void add_line(Suggestions *suggestions, const char *what, const char *source, const char *value)
{
	if (value != NULL)
		g_ptr_array_add(suggestions->lines, g_strdup_printf("%s %s %s", what, source, value));
}

static void suggest(const Message *message, const PolicyMessage *question, gboolean called, Suggestions *suggestions)
{
	g_auto(TelephoneCall) call = {0};
	g_autoptr(Person) person = person_new(message->text->str, message->text->len);
	guint n = 0;
	*suggestions = (Suggestions){.lines = g_ptr_array_new_with_free_func(g_free)};
	telephone_read(question, message->subject, message->text->str, message->text->len, &call);
	suggestions->telephone = called || (call.voice && message->sound) || (call.fax && message->attachments->len > 0);
	if (person->anonymous)
		suggestions->wishes[n++] = "anonymous";
	if (person->no_answer)
		suggestions->wishes[n++] = "no-answer";
	if (called)
		suggestions->called = telephone_moment(&call, message->dated, message->dated_offset);
	if (suggestions->telephone) { /* what stands in it is the system's, and no person's */
		add_line(suggestions, "caller", call.caller_from, call.caller);
		add_line(suggestions, "called", call.called != NULL ? call.called_from : "header", call.called != NULL ? call.called : message->date);
		return;
	}
	for (guint i = 0; i < person->rows->len; i++) {
		const PersonRow *row = &g_array_index(person->rows, PersonRow, i);
		add_line(suggestions, row->what, row->source, row->value);
	}
}

/* For the card: NULL-terminated. */
static GPtrArray *reasons_of(const Verdict *verdict, const Rules *rules)
{
	GPtrArray *reasons = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < verdict->hits->len; i++)
		g_ptr_array_add(reasons, verdict_reason(verdict, rules, i));
	g_ptr_array_add(reasons, NULL);
	return reasons;
}

static Bundle *examine(const Rules *rules, const Record *job, guint8 *octets, gsize size)
{
	g_autoptr(Message) message = message_read(octets, size, MESSAGE_FOR_FINDING);
	g_autoptr(References) references = references_of(job, message);
	PolicyMessage question = question_of(job, message, references->by_id);
	ExamineWords words = {.automatic = policy_automatic(&question), .answer_unwanted = policy_answer_unwanted(&question)};
	words.references = references->found;
	words.cut = references->more;
	ScreenQuestion text = screening_question(message);
	g_autoptr(Verdict) verdict = screen_text(rules, &text);
	g_autoptr(GPtrArray) reasons = reasons_of(verdict, rules);
	words.verdict = rules_verdict_word(verdict->verdict);
	g_ptr_array_add(verdict->classes, NULL);
	words.classes = (const char *const *)verdict->classes->pdata;
	words.reasons = (const char *const *)reasons->pdata;
	g_autoptr(GPtrArray) named = named_in(job, message->subject, message->text);
	words.named = named;
	Suggestions suggestions;
	suggest(message, &question, examine_is_telephone(job, message), &suggestions);
	g_autoptr(GPtrArray) lines = suggestions.lines;
	words.telephone = suggestions.telephone;
	words.called = suggestions.called;
	words.wishes = suggestions.wishes;
	words.suggested = lines;
	for (guint i = 0; suggestions.wishes[i] != NULL; i++)
		words.answer_unwanted |= strcmp(suggestions.wishes[i], "no-answer") == 0;
	return examine_finding(job, message, &words);
}

/* The second look, at a message over which an examination failed: whom it names, and nothing else. */
static Bundle *look_for_names(const Record *job, const guint8 *octets, gsize size)
{
	g_autoptr(GString) text = plain_text(octets, size);
	g_autoptr(GPtrArray) named = named_in(job, NULL, text);
	g_autoptr(Record) facts = finding_unexamined_facts();
	for (guint i = 0; i < MIN(named->len, FINDING_LIST_MAX); i++)
		record_add(facts, "named", g_ptr_array_index(named, i));
	Bundle *finding = bundle_new();
	bundle_add_record(finding, "facts", facts);
	return finding;
}

static GBytes *examine_for_milter(const Record *job, guint8 *octets, gsize size, gpointer user)
{
	const Options *options = user;
	g_autoptr(Bundle) finding = record_get(job, "only") != NULL ? look_for_names(job, octets, size)
	                                                             : examine(options->rules, job, octets, size);
	return bundle_write(finding);
}

/* --- by hand ---------------------------------------------------------------------------- */

/* FALSE where reading fails or never ends. */
static gboolean read_input(GByteArray *octets)
{
	for (guint size = 0; size <= NURSERY_MESSAGE_MAX; size = octets->len) {
		g_byte_array_set_size(octets, size + PIECE);
		gssize n = read(STDIN_FILENO, octets->data + size, PIECE);
		g_byte_array_set_size(octets, size + (guint)MAX(n, 0));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n == 0;
	}
	return FALSE;
}

static gboolean write_bytes(GBytes *octets)
{
	gsize size;
	const void *data = g_bytes_get_data(octets, &size);
	return octets_write(STDOUT_FILENO, data, size);
}

static gboolean print_record(GBytes *octets)
{
	gsize size;
	const void *data = g_bytes_get_data(octets, &size);
	g_autoptr(Record) record = record_read(data, size, FINDING_MAX, NULL, NULL);
	g_autoptr(GString) out = g_string_new(NULL);
	const char *key, *value;
	for (guint i = 0; record != NULL && record_line(record, i, &key, &value); i++) {
		g_autofree char *safe = escape_text(value, -1, ESCAPE_LINE);
		g_string_append_printf(out, "%s: %s\n", key, safe);
	}
	return octets_write(STDOUT_FILENO, out->str, out->len);
}

static Record *job_by_hand(const Options *options)
{
	Record *job = record_new();
	record_add(job, "mailbox", options->mailbox != NULL ? options->mailbox : "-");
	/* A sender nobody gave is unknown; the null sender is one that somebody did give. */
	record_add(job, "envelope-from", options->envelope_from != NULL ? options->envelope_from : "-");
	record_add(job, "telephone-system", options->telephone_system != NULL ? options->telephone_system : "-");
	return job;
}

static gboolean print_finding(const Options *options, GByteArray *octets)
{
	g_autoptr(Record) job = job_by_hand(options);
	g_autoptr(Bundle) finding = examine(options->rules, job, octets->data, octets->len);
	return print_record(bundle_part(finding, "facts")) && octets_write(STDOUT_FILENO, "\n", 1) &&
	       print_record(bundle_part(finding, "card"));
}

static gboolean write_finding(const Options *options, GByteArray *octets)
{
	g_autoptr(Record) job = job_by_hand(options);
	g_autoptr(Bundle) finding = examine(options->rules, job, octets->data, octets->len);
	g_autoptr(GBytes) bytes = bundle_write(finding);
	return write_bytes(bytes);
}

static gboolean write_view(GByteArray *octets)
{
	g_autoptr(Message) message = message_read(octets->data, octets->len, MESSAGE_FOR_VIEW);
	g_autoptr(Bundle) view = view_new(message);
	g_autoptr(Record) job = record_new();
	record_add(job, "envelope-from", "-");
	PolicyMessage question = question_of(job, message, FALSE);
	Suggestions suggestions;
	suggest(message, &question, FALSE, &suggestions);
	g_autoptr(GPtrArray) lines = suggestions.lines;
	for (guint i = 0; i < lines->len; i++) {
		g_autofree char *line = g_utf8_substring(g_ptr_array_index(lines, i), 0,
		                                         MIN(g_utf8_strlen(g_ptr_array_index(lines, i), -1), VIEW_LINE_MAX));
		record_add(bundle_record(view), "suggested", line);
	}
	for (guint i = 0; suggestions.wishes[i] != NULL; i++)
		record_add(bundle_record(view), "wish", suggestions.wishes[i]);
	g_autoptr(GBytes) bytes = bundle_write(view);
	return write_bytes(bytes);
}

/* --- a text without its writer ------------------------------------------------------------------- */

static const RecordField redact_schema[] = {
	{"language", 1, 1}, {"name", 0, REDACT_WORDS_MAX}, {"value", 0, REDACT_WORDS_MAX}, {"word", 0, REDACT_WORDS_MAX},
	{"about", 0, NAMES_PEOPLE_MAX}, {"subject", 0, 1}, {NULL, 0, 0},
};

/* NULL-terminated, borrowed. */
static GPtrArray *values_of(const Record *job, const char *key)
{
	GPtrArray *values = g_ptr_array_new();
	add_values(values, job, key);
	g_ptr_array_add(values, NULL);
	return values;
}

static void add_cut(Record *record, const char *key, const char *before, const char *value)
{
	g_autofree char *cut = g_utf8_substring(value, 0, MIN(g_utf8_strlen(value, -1), REDACTED_LINE_MAX));
	record_add_printf(record, key, "%s%s", before, cut);
}

/* Which of the names in `about` the letter is about: as a person's, or as a body's. */
static void add_about(Record *answer, const Record *job, const char *text, gsize size)
{
	const char *name, *subject = record_get(job, "subject");
	for (guint i = 0; (name = record_get_nth(job, "about", i)) != NULL; i++) {
		g_autoptr(Names) names = names_new();
		if (redact_is_person(name))
			names_add_name(names, "it", name);
		g_autoptr(GPtrArray) found = names_find(names, subject, text, size);
		if (found->len > 0 || redact_mentions(name, text, size) || (subject != NULL && redact_mentions(name, subject, strlen(subject))))
			record_add(answer, "about", name);
	}
}

/* Takes a bundle with the text, and answers with one (doc/architecture.md). */
static gboolean write_redaction(GByteArray *octets)
{
	gsize size;
	g_autoptr(Bundle) question = bundle_read(octets->data, octets->len, redact_schema, NULL);
	GBytes *part = question != NULL ? bundle_part(question, "text") : NULL;
	if (part == NULL)
		return FALSE;
	const char *text = g_bytes_get_data(part, &size);
	const Record *job = bundle_record(question);
	g_autoptr(GPtrArray) names = values_of(job, "name"), values = values_of(job, "value"), words = values_of(job, "word");
	const RedactQuestion asked = {(const char *const *)names->pdata, (const char *const *)values->pdata,
	                              (const char *const *)words->pdata, record_get(job, "language")};
	g_autoptr(Redaction) redaction = redact_text(&asked, text != NULL ? text : "", size);
	g_autoptr(Bundle) answer = bundle_new();
	for (guint i = 0; i < MIN(redaction->rows->len, REDACTED_ROWS_MAX); i++) {
		const RedactRow *row = &g_array_index(redaction->rows, RedactRow, i);
		g_autofree char *before = g_strconcat(redact_kind_word(row->kind), " ", NULL);
		add_cut(bundle_record(answer), "replaced", before, row->text);
	}
	for (guint i = 0; i < redaction->left->len; i++)
		add_cut(bundle_record(answer), "left", "", redaction->left->pdata[i]);
	for (guint i = 0; i < redaction->named->len; i++)
		add_cut(bundle_record(answer), "named", "", redaction->named->pdata[i]);
	add_about(bundle_record(answer), job, text != NULL ? text : "", size);
	bundle_add_copy(answer, "text", redaction->text->str, redaction->text->len);
	g_autoptr(GBytes) bytes = bundle_write(answer);
	return write_bytes(bytes);
}

static gboolean write_part(GByteArray *octets, guint index)
{
	g_autoptr(GBytes) part = message_read_part(octets->data, octets->len, index);
	return part != NULL && write_bytes(part);
}

/* Nothing was read yet when the cage closes; what is wrong afterwards is said by the exit code alone. */
static int serve_one(const Options *options)
{
	g_autoptr(GError) error = NULL;
	if (!cage_enter(&error)) {
		log_error("%s", error->message);
		return EXIT_FAILED;
	}
	if (options->lines)
		_exit(screening_lines(options->rules) ? EXIT_DONE : EXIT_FAILED);
	g_autoptr(GByteArray) octets = g_byte_array_sized_new(PIECE);
	gboolean done = read_input(octets) && (options->screen      ? screening_message(options->rules, octets->data, octets->len)
	                                       : options->view        ? write_view(octets)
	                                       : options->finding     ? write_finding(options, octets)
	                                       : options->redact      ? write_redaction(octets)
	                                       : options->part >= 0 ? write_part(octets, (guint)options->part)
	                                                            : print_finding(options, octets));
	_exit(done ? EXIT_DONE : EXIT_FAILED); /* the cage has no room for what exit handlers may want */
}

static int serve_milter(const Options *options)
{
	g_autoptr(GError) error = NULL;
	malloc_trim(0);
	NurseryOptions nursery = {CONTROL, (guint)options->nursery, NURSERY_WALL_MS, MAX(LEAST_TAKEN, 4 * g_get_num_processors()),
	                          examine_for_milter, (gpointer)options};
	if (nursery_run(&nursery, &error))
		return EXIT_DONE;
	log_error("%s", error->message);
	return EXIT_FAILED;
}

/* --- the command line --------------------------------------------------------------------- */

static gboolean read_options(int *argc, char ***argv, Options *options, GError **error)
{
	const GOptionEntry entries[] = {
		{"nursery", 0, 0, G_OPTION_ARG_INT, &options->nursery, "Keep N children waiting for senim-milter", "N"},
		{"view", 0, 0, G_OPTION_ARG_NONE, &options->view, "Write a decoded view of the message", NULL},
		{"finding", 0, 0, G_OPTION_ARG_NONE, &options->finding, "Write the finding for a program", NULL},
		{"redact", 0, 0, G_OPTION_ARG_NONE, &options->redact, "Write a text without what says who wrote it", NULL},
		{"part", 0, 0, G_OPTION_ARG_INT, &options->part, "Write the octets of the N-th attachment", "N"},
		/* addresses as file names: octets as they come, whatever the locale */
		{"envelope-from", 0, 0, G_OPTION_ARG_FILENAME, &options->envelope_from, "Envelope sender, may be empty", "ADDRESS"},
		{"mailbox", 0, 0, G_OPTION_ARG_FILENAME, &options->mailbox, "The trust mailbox", "ADDRESS"},
		{"telephone-system", 0, 0, G_OPTION_ARG_FILENAME, &options->telephone_system, "Where calls come from", "ADDRESS"},
		{"screen", 0, 0, G_OPTION_ARG_NONE, &options->screen, "Write the message's verdict as JSON", NULL},
		{"lines", 0, 0, G_OPTION_ARG_NONE, &options->lines, "Screen each line as a text of its own", NULL},
		{"check-rules", 0, 0, G_OPTION_ARG_NONE, &options->check_rules, "Run the examples of every rule, and hold its words against dictionaries", NULL},
		{"pack-rules", 0, 0, G_OPTION_ARG_NONE, &options->pack_rules, "Check the rules and write them out as one", NULL},
		{"packed-rules", 0, 0, G_OPTION_ARG_INT, &options->packed_rules, "Read such rules from this descriptor", "FD"},
		{"rules", 0, 0, G_OPTION_ARG_FILENAME, &options->rules_directory, "Where the screening's rules lie", "DIRECTORY"},
		{"no-cage", 0, 0, G_OPTION_ARG_NONE, &options->no_cage, "Leave the system call filter out (cage = off)", NULL},
		{"version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version", NULL},
		{NULL, 0, 0, 0, NULL, NULL, NULL},
	};
	GOptionContext *context = g_option_context_new("< MESSAGE");
	g_option_context_set_summary(context, "Examines one message in a cage: no file, no network, no other process.");
	g_option_context_add_main_entries(context, entries, NULL);
	gboolean done = g_option_context_parse(context, argc, argv, error);
	g_option_context_free(context);
	if (!done)
		return FALSE;
	guint modes = (options->nursery != -1) + (options->part != -1) + options->view + options->finding + options->redact + options->screen + options->lines +
	              options->check_rules + options->pack_rules;
	if (*argc > 1 || modes > 1 || options->nursery < -1 || options->nursery == 0 ||
	    options->nursery > NURSERY_WORKERS_MAX || options->part < -1 || options->part == 0) {
		g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
		            "one of --nursery 1 to %d, --view, --finding, --redact, --part from 1 on, --screen, --lines, --check-rules, --pack-rules, or none: see --help",
		            NURSERY_WORKERS_MAX);
		return FALSE;
	}
	return TRUE;
}

static gboolean load_rules(Options *options, GError **error)
{
	options->rules = options->packed_rules >= 0 ? screening_unpack(options->packed_rules, error)
	                                            : screening_load(options->rules_directory, error);
	if (options->packed_rules >= 0)
		close(options->packed_rules);
	return options->rules != NULL;
}

int main(int argc, char **argv)
{
	g_auto(Options) options = {.nursery = -1, .part = -1, .packed_rules = -1};
	g_autoptr(GError) error = NULL;
	process_harden();
	log_open("senim-examine");
	mallopt(M_MXFAST, 0);
	if (!read_options(&argc, &argv, &options, &error)) {
		log_error("%s", error->message);
		return EXIT_USAGE;
	}
	if (options.version) {
		puts("senim-examine " PACKAGE_VERSION);
		return EXIT_DONE;
	}
	if (options.pack_rules) {
		if (screening_pack(options.rules_directory, &error))
			return EXIT_DONE;
		log_error("%s", error->message);
		return EXIT_USAGE;
	}
	if (!options.view && !options.redact && options.part < 0 && !load_rules(&options, &error)) {
		log_error("%s", error->message);
		return EXIT_USAGE;
	}
	if (options.check_rules) /* no stranger's octet is read, and dictionaries are */
		return screening_check(options.rules) ? EXIT_DONE : EXIT_FAILED;
	message_load();
	name_lists_load();
	wishes_load();
	if (!cage_prepare((options.no_cage ? CAGE_UNFILTERED : 0) | (options.nursery > 0 ? 0 : CAGE_WRITES), &error)) {
		log_error("%s", error->message);
		return EXIT_FAILED;
	}
	return options.nursery > 0 ? serve_milter(&options) : serve_one(&options);
}
