/* SPDX-License-Identifier: ISC */
#include "cli/log-book.h"

#include <sodium.h>
#include <string.h>

#include "base/escape.h"
#include "cli/opening.h"
#include "store/base64.h"
#include "store/desk-request.h"

#define SLICE 500
#define GROUND "supervision" /* what the log is read for needs no other */

/* A key that the register names for somebody, whether it is still in force or not. */
typedef struct {
	char *name;
	guint8 sign[32];
} LogKey;

/* One fetch under way. */
typedef struct {
	Session *session;
	LogBook *book;
	GPtrArray *keys; /* LogKey */
	guint64 reading; /* the LOG_READ entry */
	gint64 first_day, last_day; /* seconds, UTC */
	LogBookParts parts;
	Look *people; /* the entries that put somebody into force or out of it */
} Fetch;

static void entry_free(gpointer data)
{
	LogEntry *entry = data;
	record_free(entry->record);
	wipe_text_free(entry->text);
	g_free(entry);
}

static void key_free(gpointer data)
{
	LogKey *key = data;
	g_free(key->name);
	g_free(key);
}

void log_book_free(LogBook *book)
{
	if (book == NULL)
		return;
	g_free(book->mailbox);
	g_ptr_array_unref(book->entries);
	g_hash_table_unref(book->cases);
	people_unref(book->people);
	g_free(book);
}

static gboolean refuse(GError **error, const char *what)
{
	return cli_fail(error, CLI_ERROR_FAILED,
	                _("the log does not hold (%s): tell the supervisor and the other officers, not the administrator of the mail host alone"),
	                what);
}

/* --- people ------------------------------------------------------------------------------------------------------------ */

static void add_key(GPtrArray *keys, const char *name, const char *sign)
{
	LogKey *key = g_new0(LogKey, 1);
	if (name != NULL && sign != NULL && base64_read_exactly(sign, strlen(sign), TRUE, key->sign, sizeof key->sign)) {
		key->name = g_strdup(name);
		g_ptr_array_add(keys, key);
	} else {
		g_free(key);
	}
}

static void add_keys(GPtrArray *keys, const Record *record)
{
	const char *line;
	for (guint i = 0; (line = record_get_nth(record, "reader", i)) != NULL; i++) {
		g_auto(GStrv) words = g_strsplit(line, " ", 0);
		if (g_strv_length(words) == 6)
			add_key(keys, words[0], words[4]);
	}
	add_key(keys, record_get(record, "name"), record_get(record, "sign-key"));
}

static gboolean fetch_people(Fetch *fetch, GError **error)
{
	guint64 known;
	Entry entry;
	const Record *record;
	LogBook *book = fetch->book;
	const char *origin = session_origin(fetch->session, book->mailbox, &known, error);
	if (origin == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:I}", "mailbox", book->mailbox, "known", (json_int_t)known);
	g_autoptr(json_t) answer = desk_client_post(fetch->session->desk, "/v1/readers", body, NULL, error);
	fetch->people = answer != NULL ? verify_look_take(fetch->session->pins, origin, answer, error) : NULL;
	if (fetch->people == NULL)
		return FALSE;
	for (guint i = 0; (record = verify_look_nth(fetch->people, i, &entry)) != NULL; i++) {
		if (!people_fold(book->people, entry.kind, entry.seq, record, NULL))
			return desk_form_error(error, "entries");
		add_keys(fetch->keys, record);
	}
	return TRUE;
}

/* The entry that says she reads it, before the first line of it. */
static gboolean enter_reading(Fetch *fetch, const char *about, GError **error)
{
	LogBook *book = fetch->book;
	const char *whom = about != NULL ? about : "-";
	g_autoptr(Record) own = record_new();
	record_add(own, "about", whom);
	record_add_uint(own, "from", (guint64)book->from);
	record_add_uint(own, "to", (guint64)book->to);
	const LookAct expected = {.kind = ENTRY_LOG_READ, .own = own};
	g_autoptr(Act) act = act_begin(fetch->session, book->mailbox, GROUND, error);
	if (act == NULL)
		return FALSE;
	json_t *body = json_pack("{s:s, s:I, s:I}", "about", whom, "from", (json_int_t)book->from, "to", (json_int_t)book->to);
	g_autoptr(json_t) answer = act_post(act, "/v1/log", body, error);
	if (answer == NULL || !act_check(act, &expected, NULL, error))
		return FALSE;
	fetch->reading = verify_look_act_seq(act->look);
	return TRUE;
}

/* --- signatures -------------------------------------------------------------------------------------------------------- */

/* What an act's request had of its own, and where its record has it: from these the signed line is made again. An act that
 * is not here (LISTED, SEARCHED and EXTRACTED name only what was handed out) is held by its digest alone. */
static const struct {
	guint kind;
	const char *json, *key;
	gboolean number;
} asked[] = {
	{ENTRY_OPENED, "seq", "case", TRUE},        {ENTRY_OPENED, "part", "part", FALSE},
	{ENTRY_OPENED, "act", "act", FALSE},        {ENTRY_PRINTED, "seq", "case", TRUE},
	{ENTRY_PRINTED, "sheets", "sheets", TRUE},  {ENTRY_GRANTED, "seq", "case", TRUE},
	{ENTRY_GRANTED, "to", "to", FALSE},         {ENTRY_WITHHELD_FROM, "seq", "case", TRUE},
	{ENTRY_WITHHELD_FROM, "from", "from", FALSE}, {ENTRY_LOG_READ, "about", "about", FALSE},
	{ENTRY_LOG_READ, "from", "from", TRUE},     {ENTRY_LOG_READ, "to", "to", TRUE},
	{ENTRY_ACCEPTED, "seq", "case", TRUE},      {ENTRY_ALLOWED, "seq", "case", TRUE},
	{ENTRY_ALLOWED, "name", "name", FALSE},     {ENTRY_REVIEWED, "digest", "digest", FALSE},
	{ENTRY_REGISTER_READ, "act", "act", FALSE}, {ENTRY_REGISTER_READ, "form", "form", FALSE},
	{ENTRY_REGISTER_READ, "period", "period", FALSE}, {ENTRY_INSPECTED, "act", "act", FALSE},
	{ENTRY_INSPECTED, "order", "order", FALSE}, {ENTRY_INSPECTED, "order_digest", "order-digest", FALSE},
	{ENTRY_INSPECTED, "from", "from", TRUE},    {ENTRY_INSPECTED, "to", "to", TRUE},
	{ENTRY_INSPECTED, "names", "names", FALSE}, {ENTRY_INSPECTED, "rows", "rows", FALSE},
	{ENTRY_INSPECTED, "log", "log", FALSE},     {ENTRY_INSPECTED, "of", "of", TRUE},
	{ENTRY_INSPECTED, "digest", "digest", FALSE},
};

/* The row's own texts have a request of their own, which needs to name no part. */
static gboolean is_unasked(const Record *record, const char *key)
{
	return strcmp(key, "part") == 0 && g_strcmp0(record_get(record, "part"), "work") == 0;
}

/* The seqs of its cases (transfer full). */
static json_t *cases_of(const Record *record)
{
	const char *text;
	json_t *seqs = json_array();
	for (guint i = 0; (text = record_get_nth(record, "case", i)) != NULL; i++)
		json_array_append_new(seqs, json_integer((json_int_t)g_ascii_strtoull(text, NULL, 10)));
	return seqs;
}

/* FALSE: the record does not say what was signed. TRUE also for a kind that cannot be made again. */
static gboolean says_what_was_signed(const LogBook *book, guint kind, const Record *record, const guint8 *digest)
{
	guint8 made[DESK_REQUEST_DIGEST];
	guint64 number;
	g_autoptr(json_t) body = json_object(), attached = json_object();
	gboolean known = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(asked); i++) {
		if (asked[i].kind != kind)
			continue;
		known = TRUE;
		if (is_unasked(record, asked[i].key))
			continue;
		if (!asked[i].number)
			json_object_set_new(body, asked[i].json, json_string(record_get(record, asked[i].key)));
		else if (record_get_uint(record, asked[i].key, G_MAXINT64, &number, NULL))
			json_object_set_new(body, asked[i].json, json_integer((json_int_t)number));
	}
	if (!known)
		return TRUE;
	if (kind == ENTRY_INSPECTED)
		json_object_set_new(body, "seqs", cases_of(record));
	g_autoptr(SealedText) text = sealed_text_from_record(SEAL_PART_GROUND, record, NULL);
	number = 0;
	record_get_uint(record, "known", G_MAXINT64, &number, NULL);
	json_object_set_new(body, "known", json_integer((json_int_t)number));
	json_object_set_new(body, "mailbox", json_string(book->mailbox));
	json_object_set_new(body, "request", json_string(record_get(record, "request")));
	json_object_set_new(body, "ground", json_string(record_get(record, "ground")));
	sealed_text_put(text, SEAL_PART_GROUND, body, attached);
	char *line = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
	if (line != NULL)
		desk_request_digest(line, strlen(line), made);
	gboolean same = line != NULL && memcmp(made, digest, sizeof made) == 0;
	free(line);
	return same;
}

static LogSign check_signature(const Fetch *fetch, guint kind, const Record *record)
{
	guint8 signature[KEYFILE_SIGNATURE];
	DeskRequest request = {.store = desk_client_store(fetch->session->desk),
	                       .officer = record_get(record, "officer"),
	                       .nonce = record_get(record, "nonce"),
	                       .method = record_get(record, "method"),
	                       .target = record_get(record, "target")};
	const char *base64 = record_get(record, "signature");
	if (base64 == NULL)
		return LOG_SIGN_NONE;
	if (!base64_read_exactly(base64, strlen(base64), TRUE, signature, sizeof signature) ||
	    !record_get_uint(record, "counter", G_MAXINT64, &request.counter, NULL) ||
	    !record_get_hex(record, "body", request.digest, sizeof request.digest, NULL))
		return LOG_SIGN_WRONG;
	g_autofree char *text = desk_request_text(&request);
	for (guint i = 0; text != NULL && i < fetch->keys->len; i++) {
		const LogKey *key = fetch->keys->pdata[i];
		if (g_strcmp0(key->name, request.officer) == 0 &&
		    keyfile_public_verify(key->sign, text, strlen(text), signature))
			return says_what_was_signed(fetch->book, kind, record, request.digest) ? LOG_SIGN_GOOD : LOG_SIGN_WRONG;
	}
	return LOG_SIGN_WRONG;
}

/* --- slices ------------------------------------------------------------------------------------------------------------ */

/* The text of the ground, where a header of hers came with it. */
static WipeText *open_text(const Fetch *fetch, const Record *record, json_t *item)
{
	const char *base64 = json_string_value(json_object_get(item, "ground_text_header"));
	g_autoptr(SealedText) text = base64 != NULL ? sealed_text_from_record(SEAL_PART_GROUND, record, NULL) : NULL;
	if (text == NULL)
		return NULL;
	gsize size;
	g_autofree guchar *header = g_base64_decode(base64, &size);
	g_autoptr(GBytes) plain =
		sealed_text_open(text, (const char *)header, size, keyfile_card_identity(fetch->session->keys), NULL);
	if (plain == NULL)
		return NULL;
	const char *words = g_bytes_get_data(plain, &size);
	return g_strndup(words, size);
}

static gboolean is_of_log(guint kind)
{
	static const guint quiet[] = {ENTRY_PAD, ENTRY_BEGUN, ENTRY_RESTORED, ENTRY_RECEIVED, ENTRY_FOLLOWUP, ENTRY_RETRY,
	                              ENTRY_ACKNOWLEDGED, ENTRY_WITHHELD, ENTRY_NOTICE, ENTRY_WITNESSED};
	for (gsize i = 0; i < G_N_ELEMENTS(quiet); i++)
		if (quiet[i] == kind)
			return FALSE;
	return TRUE;
}

static json_t *find_open(json_t *open, guint64 seq)
{
	json_t *item;
	gsize i;
	json_array_foreach(open, i, item)
		if ((guint64)json_integer_value(json_object_get(item, "seq")) == seq)
			return item;
	return NULL;
}

static gboolean is_listed(json_t *list, guint64 seq)
{
	json_t *item;
	gsize i;
	json_array_foreach(list, i, item)
		if ((guint64)json_integer_value(item) == seq)
			return TRUE;
	return FALSE;
}

/* The entry's record, which must be the one that it commits to. */
static gboolean take_record(Fetch *fetch, LogEntry *one, const guint8 *data, json_t *item, GError **error)
{
	guint64 time;
	g_autoptr(GBytes) salt = desk_get_octets(item, "salt", ENTRY_SALT, error);
	g_autoptr(GBytes) record = salt != NULL ? desk_get_octets(item, "record", 0, error) : NULL;
	if (record == NULL)
		return FALSE;
	gsize size;
	const void *text = g_bytes_get_data(record, &size);
	if (!entry_verify_commitment(data, g_bytes_get_data(salt, NULL), text, size, NULL))
		return refuse(error, _("an entry whose text was exchanged"));
	one->record = record_read(text, size, 0, NULL, NULL);
	if (one->record == NULL)
		return refuse(error, _("an entry of another form"));
	if (record_get_uint(one->record, "time", G_MAXINT64, &time, NULL))
		one->time = (gint64)time;
	one->sign = check_signature(fetch, one->kind, one->record);
	one->text = (fetch->parts & LOG_BOOK_TEXTS) != 0 ? open_text(fetch, one->record, item) : NULL;
	one->state = LOG_SHOWN;
	return TRUE;
}

/* What everybody is told of who reads, from the entries that came with their proof. */
static void take_people(const Fetch *fetch, LogEntry *one)
{
	guint64 time;
	gsize size;
	const Record *record = (fetch->parts & LOG_BOOK_PEOPLE) != 0 ? verify_look_record(fetch->people, one->seq) : NULL;
	if (record == NULL || (one->kind != ENTRY_KEY && one->kind != ENTRY_BLOCKED))
		return;
	g_autofree char *text = record_write(record, &size);
	one->record = record_read(text, size, 0, NULL, NULL);
	if (record_get_uint(record, "time", G_MAXINT64, &time, NULL))
		one->time = (gint64)time;
	one->sign = check_signature(fetch, one->kind, one->record);
	one->state = LOG_SHOWN;
}

static gboolean take_entry(Fetch *fetch, const Entry *entry, const guint8 *data, json_t *answer, gboolean all, GError **error)
{
	LogBook *book = fetch->book;
	json_t *item = find_open(json_object_get(answer, "open"), entry->seq);
	LogEntry *one = g_new0(LogEntry, 1);
	one->seq = entry->seq;
	one->kind = entry->kind;
	one->time = entry->time * G_USEC_PER_SEC;
	one->state = is_listed(json_object_get(answer, "elsewhere"), entry->seq) ? LOG_ELSEWHERE : LOG_KEPT_BACK;
	gboolean good = item == NULL || take_record(fetch, one, data, item, error);
	if (item == NULL)
		take_people(fetch, one);
	gboolean wanted = one->state != LOG_KEPT_BACK || (book->whole && all);
	/* Days of entries are UTC, the period is the organisation's. */
	if (one->state == LOG_SHOWN)
		wanted = one->time >= book->from * G_USEC_PER_SEC && one->time < book->to * G_USEC_PER_SEC;
	if (good && wanted && is_of_log(entry->kind))
		g_ptr_array_add(book->entries, one);
	else
		entry_free(one);
	return good;
}

static void take_cases(LogBook *book, json_t *answer)
{
	const char *seq;
	json_t *name;
	json_object_foreach(json_object_get(answer, "cases"), seq, name)
		if (json_is_string(name))
			g_hash_table_insert(book->cases, g_strdup(seq), g_strdup(json_string_value(name)));
}

/* *more: entries of the period may follow. */
static gboolean take_slice(Fetch *fetch, json_t *answer, guint64 *next, gint64 *day, gboolean all, guint64 size,
                           const guint8 *root, gboolean *more, GError **error)
{
	g_autoptr(GBytes) octets = desk_get_octets(answer, "entries", 0, error);
	if (octets == NULL)
		return FALSE;
	gsize length;
	const guint8 *data = g_bytes_get_data(octets, &length);
	gsize n = length / ENTRY_SIZE;
	if (length % ENTRY_SIZE != 0 || (n == 0 && *next < size))
		return desk_form_error(error, "entries");
	if (!verify_look_range(*next, data, n, size, root, answer))
		return refuse(error, _("an entry is missing, or does not stand in the register"));
	take_cases(fetch->book, answer);
	for (gsize i = 0; i < n; i++) {
		Entry entry;
		if (!entry_decode(data + i * ENTRY_SIZE, &entry, NULL) || entry.seq != *next + i || entry.time < *day)
			return refuse(error, _("an entry of another form"));
		*day = entry.time;
		if (entry.time >= fetch->first_day && entry.time <= fetch->last_day &&
		    !take_entry(fetch, &entry, data + i * ENTRY_SIZE, answer, all, error))
			return FALSE;
	}
	*next += n;
	*more = *next < size && *day <= fetch->last_day;
	return TRUE;
}

/* From one entry before the period, so that nothing at its beginning is left out either, to one behind it. */
static gboolean fetch_slices(Fetch *fetch, guint64 first, gboolean all, GError **error)
{
	LogBook *book = fetch->book;
	guint64 next = first > 0 ? first - 1 : 0, begun = next, known, size;
	gint64 day = 0;
	gboolean more = TRUE;
	guint8 root[NOTE_ROOT];
	while (more) {
		const char *origin = session_origin(fetch->session, book->mailbox, &known, error);
		if (origin == NULL)
			return FALSE;
		json_t *body = json_pack("{s:s, s:I, s:i, s:I, s:o}", "mailbox", book->mailbox, "from", (json_int_t)next, "most",
		                         SLICE, "known", (json_int_t)known, "entry",
		                         book->whole ? json_integer((json_int_t)fetch->reading) : json_null());
		g_autoptr(json_t) answer = desk_client_post(fetch->session->desk, "/v1/log/slice", body, NULL, error);
		if (answer == NULL || !verify_look_checkpoint(fetch->session->pins, origin, answer, &size, root, error))
			return FALSE;
		guint64 before = next;
		if (!take_slice(fetch, answer, &next, &day, all, size, root, &more, error))
			return FALSE;
		/* The entry in front of the period must lie in front of it. */
		if (before == begun && first > 0) {
			Entry entry;
			g_autoptr(GBytes) octets = desk_get_octets(answer, "entries", 0, error);
			if (octets == NULL || !entry_decode(g_bytes_get_data(octets, NULL), &entry, NULL) ||
			    entry.time >= fetch->first_day)
				return refuse(error, _("an entry is missing, or does not stand in the register"));
		}
	}
	return TRUE;
}

static gboolean fetch_all(Fetch *fetch, const char *about, GError **error)
{
	LogBook *book = fetch->book;
	guint64 first;
	if (!fetch_people(fetch, error))
		return FALSE;
	const PeoplePerson *me = people_find(book->people, desk_client_officer(fetch->session->desk));
	book->whole = me != NULL && people_reads_log(book->people, me, g_get_real_time());
	if (!book->whole && about != NULL && strcmp(about, desk_client_officer(fetch->session->desk)) != 0)
		return cli_fail(error, CLI_ERROR_REFUSED, _("the log of others is the supervisor's to read: senim log shows your own acts"));
	if (book->whole && !enter_reading(fetch, about, error))
		return FALSE;
	json_t *body = json_pack("{s:s, s:I, s:I}", "mailbox", book->mailbox, "from", (json_int_t)fetch->first_day, "to",
	                         (json_int_t)fetch->last_day);
	g_autoptr(json_t) range = desk_client_post(fetch->session->desk, "/v1/log/range", body, NULL, error);
	return range != NULL && desk_get_uint(range, "first", &first, error) && fetch_slices(fetch, first, about == NULL, error);
}

LogBook *log_book_fetch(Session *session, const char *mailbox, const char *about, gint64 from, gint64 to, LogBookParts parts,
                        GError **error)
{
	g_autoptr(LogBook) book = g_new0(LogBook, 1);
	book->mailbox = g_strdup(mailbox);
	book->from = from;
	book->to = to;
	book->entries = g_ptr_array_new_with_free_func(entry_free);
	book->cases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	book->people = people_new();
	g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func(key_free);
	Fetch fetch = {.session = session, .book = book, .keys = keys, .parts = parts};
	fetch.first_day = from - from % ENTRY_DAY;
	fetch.last_day = (to - 1) - (to - 1) % ENTRY_DAY;
	gboolean good = fetch_all(&fetch, about, error);
	verify_look_free(fetch.people);
	return good ? g_steal_pointer(&book) : NULL;
}
