/* SPDX-License-Identifier: ISC */
#include "store/escrow.h"

#include <sodium.h>
#include <string.h>

#include "base/record.h"
#include "store/age.h"
#include "store/base64.h"
#include "store/bech32.h"
#include "store/slab.h"

#define LOGS_MAX 64
#define LOG_PREFIX "SENIM-LOG-"

G_DEFINE_QUARK(senim-escrow-error, escrow_error)

typedef struct {
	char *origin;
	guint8 *seed; /* in the slab */
} Log;

struct Escrow {
	guint8 store_id[CUSTODY_STORE];
	gint64 made;
	CustodyKey *custody;
	GArray *logs;
};

static const RecordField schema[] = {
	{"senim-escrow", 1, 1}, {"store", 1, 1}, {"made", 1, 1}, {"custody", 1, 1}, {"log", 0, LOGS_MAX}, {NULL, 0, 0},
};

static gboolean fail(EscrowErrorCode code, const char *what, GError **error)
{
	g_set_error(error, ESCROW_ERROR, (gint)code, "%s", what);
	return FALSE;
}

static void log_clear(gpointer data)
{
	Log *log = data;
	g_free(log->origin);
	slab_give(log->seed);
}

static Escrow *escrow_holding(const guint8 store_id[CUSTODY_STORE], gint64 made, CustodyKey *custody)
{
	Escrow *escrow = g_new0(Escrow, 1);
	memcpy(escrow->store_id, store_id, CUSTODY_STORE);
	escrow->made = made;
	escrow->custody = custody;
	escrow->logs = g_array_new(FALSE, FALSE, sizeof(Log));
	g_array_set_clear_func(escrow->logs, log_clear);
	return escrow;
}

/* The spelling is the one way to a key's octets outside its own module; it is wiped at once. */
static void wipe_text(char *text)
{
	sodium_memzero(text, strlen(text));
	g_free(text);
}

Escrow *escrow_new(const guint8 store_id[CUSTODY_STORE], gint64 made, const CustodyKey *custody, GError **error)
{
	char *text = custody_key_text(custody);
	CustodyKey *copy = custody_key_parse(text, NULL);
	wipe_text(text);
	if (copy == NULL) {
		fail(ESCROW_ERROR_MEMORY, SLAB_ADVICE, error);
		return NULL;
	}
	return escrow_holding(store_id, made, copy);
}

gboolean escrow_add_log(Escrow *escrow, const char *origin, const guint8 seed[ESCROW_SEED], GError **error)
{
	Log log = {NULL, slab_take()};
	if (log.seed == NULL)
		return fail(ESCROW_ERROR_MEMORY, SLAB_ADVICE, error);
	memcpy(log.seed, seed, ESCROW_SEED);
	log.origin = g_strdup(origin);
	g_array_append_val(escrow->logs, log);
	return TRUE;
}

void escrow_free(Escrow *escrow)
{
	if (escrow == NULL)
		return;
	custody_key_free(escrow->custody);
	g_array_unref(escrow->logs);
	g_free(escrow);
}

const guint8 *escrow_store_id(const Escrow *escrow)
{
	return escrow->store_id;
}

const CustodyKey *escrow_custody(const Escrow *escrow)
{
	return escrow->custody;
}

gboolean escrow_log(const Escrow *escrow, guint i, const char **origin, const guint8 **seed)
{
	if (i >= escrow->logs->len)
		return FALSE;
	const Log *log = &g_array_index(escrow->logs, Log, i);
	*origin = log->origin;
	*seed = log->seed;
	return TRUE;
}

/* --- as a record -------------------------------------------------------------------------------------------------- */

static Record *to_record(const Escrow *escrow)
{
	Record *record = record_new();
	g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(escrow->made);
	g_autofree char *moment = made != NULL ? g_date_time_format(made, "%Y-%m-%dT%H:%M:%SZ") : g_strdup("-");
	char *custody = custody_key_text(escrow->custody);
	record_add_uint(record, "senim-escrow", 1);
	record_add_hex(record, "store", escrow->store_id, CUSTODY_STORE);
	record_add(record, "made", moment);
	record_add(record, "custody", custody);
	wipe_text(custody);
	const char *origin;
	const guint8 *seed;
	for (guint i = 0; escrow_log(escrow, i, &origin, &seed); i++) {
		char text[sodium_base64_ENCODED_LEN(ESCROW_SEED, sodium_base64_VARIANT_ORIGINAL)];
		sodium_bin2base64(text, sizeof text, seed, ESCROW_SEED, sodium_base64_VARIANT_ORIGINAL);
		char *line = g_strconcat(origin, " ", text, NULL);
		record_add(record, "log", line);
		wipe_text(line);
		sodium_memzero(text, sizeof text);
	}
	return record;
}

static gboolean add_log_line(Escrow *escrow, const char *line, GError **error)
{
	guint8 seed[ESCROW_SEED];
	const char *blank = strrchr(line, ' ');
	if (blank == NULL || blank == line ||
	    !base64_read_exactly(blank + 1, strlen(blank + 1), TRUE, seed, sizeof seed))
		return fail(ESCROW_ERROR_FORM, "it opened, but a log's key in it is of another form", error);
	g_autofree char *origin = g_strndup(line, (gsize)(blank - line));
	gboolean good = escrow_add_log(escrow, origin, seed, error);
	sodium_memzero(seed, sizeof seed);
	return good;
}

static Escrow *from_record(const Record *record, GError **error)
{
	guint8 store_id[CUSTODY_STORE];
	g_autoptr(GDateTime) made = g_date_time_new_from_iso8601(record_get(record, "made"), NULL);
	if (strcmp(record_get(record, "senim-escrow"), "1") != 0 || made == NULL ||
	    !record_get_hex(record, "store", store_id, sizeof store_id, NULL)) {
		fail(ESCROW_ERROR_FORM, "it opened, but is no escrow of this version", error);
		return NULL;
	}
	CustodyKey *custody = custody_key_parse(record_get(record, "custody"), NULL);
	if (custody == NULL) {
		fail(ESCROW_ERROR_FORM, "it opened, but its custody key is of another form", error);
		return NULL;
	}
	g_autoptr(Escrow) escrow = escrow_holding(store_id, g_date_time_to_unix(made), custody);
	for (guint i = 0; i < record_count(record, "log"); i++)
		if (!add_log_line(escrow, record_get_nth(record, "log", i), error))
			return NULL;
	return g_steal_pointer(&escrow);
}

/* --- sealed, opened, compared ------------------------------------------------------------------------------------- */

GBytes *escrow_seal(const Escrow *escrow, const char *const *recipients, GError **error)
{
	gsize size;
	g_autoptr(Record) record = to_record(escrow);
	char *text = record_write(record, &size);
	GBytes *file = age_file_seal(text, size, recipients, error);
	wipe_text(text);
	return file;
}

Escrow *escrow_open(const void *file, gsize size, const char *identity, GError **error)
{
	g_autoptr(AgeIdentity) who = age_identity_parse(identity, error);
	g_autoptr(GBytes) plain = who != NULL ? age_file_open(file, size, who, error) : NULL;
	if (plain == NULL)
		return NULL;
	g_autoptr(GError) inner = NULL;
	gsize plain_size;
	const void *text = g_bytes_get_data(plain, &plain_size);
	g_autoptr(Record) record = record_read(text, plain_size, 0, schema, &inner);
	if (record == NULL) {
		g_set_error(error, ESCROW_ERROR, ESCROW_ERROR_FORM, "it opened, but is no escrow: %s", inner->message);
		return NULL;
	}
	return from_record(record, error);
}

gboolean escrow_equal(const Escrow *a, const Escrow *b)
{
	char *mine = custody_key_text(a->custody), *theirs = custody_key_text(b->custody);
	gboolean equal = strcmp(mine, theirs) == 0 && memcmp(a->store_id, b->store_id, CUSTODY_STORE) == 0 &&
	                 a->logs->len == b->logs->len;
	wipe_text(mine);
	wipe_text(theirs);
	for (guint i = 0; equal && i < a->logs->len; i++) {
		const Log *one = &g_array_index(a->logs, Log, i), *other = &g_array_index(b->logs, Log, i);
		equal = strcmp(one->origin, other->origin) == 0 && sodium_memcmp(one->seed, other->seed, ESCROW_SEED) == 0;
	}
	return equal;
}

/* --- the sheet ---------------------------------------------------------------------------------------------------- */

static const char sheet_head[] =
	"SENIM\n"
	"\n"
	"Сейфте сақталатын парақ. Мұнсыз сервер жоғалған күні өтініштер ашылмайды.\n"
	"Мұны оқыған адам дискінің көшірмесімен бірге қорғаныстың жартысын алады.\n"
	"\n"
	"Лист для сейфа. Без него обращения не открыть, если сервер погибнет.\n"
	"Кто прочтёт его и имеет копию диска, тот снял половину защиты.\n"
	"\n"
	"Sheet for the safe. Without it no report opens once the server is lost.\n"
	"Whoever reads it and has a copy of the disk has half of the protection.\n"
	"\n";

static const char sheet_foot[] =
	"Топтар арасындағы бос орын мен әріптің үлкен-кішісі маңызды емес; қате енгізілсе, бағдарлама қабылдамайды.\n"
	"Пробелы между группами и регистр букв не важны; с ошибкой программа ключ не примет.\n"
	"Blanks between groups and the case of letters do not matter; a slip is noticed and refused.\n";

/* The part behind the prefix in groups of four, four groups a line. */
static void append_groups(GString *out, const char *spelling, gsize prefix)
{
	g_string_append_len(out, "    ", 4);
	g_string_append_len(out, spelling, (gssize)prefix + 1);
	for (gsize i = prefix + 1, n = 0; spelling[i] != '\0'; i++, n++) {
		if (n % 16 == 0)
			g_string_append(out, "\n        ");
		else if (n % 4 == 0)
			g_string_append_c(out, ' ');
		g_string_append_c(out, spelling[i]);
	}
	g_string_append(out, "\n\n");
}

char *escrow_sheet(const Escrow *escrow)
{
	/* Room for all of it at once: a string that grows would leave copies of keys behind. */
	GString *out = g_string_sized_new(4096 + 512 * (gsize)escrow->logs->len);
	char hex[2 * CUSTODY_STORE + 1];
	g_autoptr(GDateTime) made = g_date_time_new_from_unix_utc(escrow->made);
	g_autofree char *date = made != NULL ? g_date_time_format(made, "%Y-%m-%d") : g_strdup("-");
	g_string_append(out, sheet_head);
	g_string_append_printf(out, "Сақтау орны / Хранилище / Store   %s\n",
	                       sodium_bin2hex(hex, sizeof hex, escrow->store_id, CUSTODY_STORE));
	g_string_append_printf(out, "Күні / Дата / Date                %s\n\n", date);
	g_string_append(out, "Сақтау кілті / Ключ хранения / Custody key\n");
	char *text = custody_key_text(escrow->custody);
	append_groups(out, text, strlen(CUSTODY_PREFIX));
	wipe_text(text);
	for (guint i = 0; i < escrow->logs->len; i++) {
		const Log *log = &g_array_index(escrow->logs, Log, i);
		g_string_append_printf(out, "Журнал кілті / Ключ журнала / Register key   %s\n", log->origin);
		text = bech32_encode(LOG_PREFIX, log->seed, ESCROW_SEED);
		append_groups(out, text, strlen(LOG_PREFIX));
		wipe_text(text);
	}
	g_string_append(out, sheet_foot);
	return g_string_free(out, FALSE);
}

gboolean escrow_seed_parse(const char *text, guint8 seed[ESCROW_SEED])
{
	return bech32_decode_typed(LOG_PREFIX, text, seed, ESCROW_SEED);
}

typedef struct {
	guint8 store_id[CUSTODY_STORE];
	gboolean has_store;
	CustodyKey *custody;
	char *origin;    /* of the log's key that follows */
	GString *groups; /* of the key that is being read; NULL: none is */
	gboolean is_log;
	GArray *logs;
} Sheet;

/* What follows a label stands behind its last blank. */
static const char *last_word(const char *line)
{
	const char *blank = strrchr(line, ' ');
	return blank != NULL ? blank + 1 : line;
}

static gboolean end_key(Sheet *sheet, GError **error)
{
	guint8 seed[ESCROW_SEED];
	gboolean good = TRUE;
	if (sheet->groups == NULL)
		return TRUE;
	if (!sheet->is_log) {
		custody_key_free(sheet->custody);
		sheet->custody = custody_key_parse(sheet->groups->str, NULL);
		good = sheet->custody != NULL || fail(ESCROW_ERROR_FORM, "a letter of the custody key is wrong: compare it with the sheet", error);
	} else if (sheet->origin == NULL || !escrow_seed_parse(sheet->groups->str, seed)) {
		good = fail(ESCROW_ERROR_FORM, sheet->origin == NULL ? "a register's key has no line with its name above it"
		                                                     : "a letter of a register's key is wrong: compare it with the sheet", error);
	} else {
		Log log = {g_steal_pointer(&sheet->origin), slab_take()};
		good = log.seed != NULL || fail(ESCROW_ERROR_MEMORY, SLAB_ADVICE, error);
		if (good)
			memcpy(log.seed, seed, ESCROW_SEED);
		g_array_append_val(sheet->logs, log);
	}
	sodium_memzero(seed, sizeof seed);
	sodium_memzero(sheet->groups->str, sheet->groups->len);
	g_string_free(sheet->groups, TRUE);
	sheet->groups = NULL;
	return good;
}

static gboolean begins(const char *line, const char *prefix)
{
	return g_ascii_strncasecmp(line, prefix, strlen(prefix)) == 0;
}

static gboolean read_line(Sheet *sheet, char *line, GError **error)
{
	g_strstrip(line);
	gboolean custody = begins(line, CUSTODY_PREFIX), log = begins(line, LOG_PREFIX);
	const char *word = last_word(line);
	if (*line == '\0' || custody || log) {
		if (!end_key(sheet, error))
			return FALSE;
		if (custody || log) {
			/* Room for all of it at once: a string that grows would leave copies behind. */
			sheet->groups = g_string_sized_new(512);
			sheet->is_log = log;
			g_string_append(sheet->groups, line);
		}
	} else if (sheet->groups != NULL) {
		if (sheet->groups->len + strlen(line) < 500)
			g_string_append(sheet->groups, line);
	} else if (strchr(word, '/') != NULL && strchr(word, '@') != NULL) {
		g_free(sheet->origin);
		sheet->origin = g_strdup(word);
	} else if (strlen(word) == 2 * CUSTODY_STORE &&
	           sodium_hex2bin(sheet->store_id, CUSTODY_STORE, word, strlen(word), NULL, NULL, NULL) == 0) {
		sheet->has_store = TRUE;
	}
	return TRUE;
}

static gboolean read_lines(Sheet *sheet, const char *text, GError **error)
{
	char *copy = g_strdup(text), *line = copy, *next;
	gboolean good = TRUE;
	for (; good && line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		good = read_line(sheet, line, error);
	}
	good = good && end_key(sheet, error);
	sodium_memzero(copy, strlen(text));
	g_free(copy);
	if (good && (!sheet->has_store || sheet->custody == NULL || sheet->logs->len == 0))
		return fail(ESCROW_ERROR_FORM, "the sheet lacks the store's number, the custody key or a register's key", error);
	return good;
}

Escrow *escrow_read_sheet(const char *text, GError **error)
{
	Sheet sheet = {.logs = g_array_new(FALSE, FALSE, sizeof(Log))};
	g_array_set_clear_func(sheet.logs, log_clear);
	gboolean good = read_lines(&sheet, text, error);
	Escrow *escrow = good ? escrow_holding(sheet.store_id, 0, g_steal_pointer(&sheet.custody)) : NULL;
	for (guint i = 0; escrow != NULL && i < sheet.logs->len; i++) {
		const Log *log = &g_array_index(sheet.logs, Log, i);
		if (!escrow_add_log(escrow, log->origin, log->seed, error))
			g_clear_pointer(&escrow, escrow_free);
	}
	if (sheet.groups != NULL)
		g_string_free(sheet.groups, TRUE);
	custody_key_free(sheet.custody);
	g_free(sheet.origin);
	g_array_unref(sheet.logs);
	return escrow;
}
