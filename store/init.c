/* SPDX-License-Identifier: ISC */
#include "store/init.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <gio/gio.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "store/escrow.h"
#include "store/keyfile.h"
#include "store/ledger.h"
#include "store/note.h"

G_DEFINE_QUARK(senim-init-error, init_error)

#define IDENTITY "AGE-SECRET-KEY-1"
#define IDENTITY_FILE_MAX 65536

/* One who reads: an officer, the escalation, a recovery recipient. */
typedef struct {
	char *name;
	const char *role; /* officer, deputy, escalation, supervisor, recovery */
	KeyfilePublic *half;
	char *path; /* of the copy below DIR */
} Person;

typedef struct {
	const InitRequest *request;
	char *directory;     /* absolute */
	gboolean existed;    /* as an empty directory */
	gboolean begun;      /* something below it may be ours */
	GPtrArray *people;   /* Person */
	GKeyFile *settings;  /* senim.conf */
	char *conf;
	Config *config;
	CustodyKey *custody;
	GPtrArray *signers;  /* NoteSigner, one per mailbox of the configuration */
	guint8 store_id[CUSTODY_STORE];
	gint64 now;          /* microseconds UTC */
} Plan;

static void person_free(gpointer data)
{
	Person *person = data;
	g_free(person->name);
	keyfile_public_free(person->half);
	g_free(person->path);
	g_free(person);
}

static void plan_clear(Plan *plan)
{
	g_free(plan->directory);
	g_clear_pointer(&plan->people, g_ptr_array_unref);
	g_clear_pointer(&plan->settings, g_key_file_unref);
	g_free(plan->conf);
	g_clear_pointer(&plan->config, config_unref);
	custody_key_free(plan->custody);
	g_clear_pointer(&plan->signers, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Plan, plan_clear)

static gboolean usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
static gboolean usage(GError **error, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (error != NULL)
		*error = g_error_new_valist(INIT_ERROR, INIT_ERROR_USAGE, format, ap);
	va_end(ap);
	return FALSE;
}

static gboolean failed(GError **error, const char *what, const char *path)
{
	int saved = errno;
	g_set_error(error, INIT_ERROR, INIT_ERROR_FAILED, "cannot %s %s: %s", what, path, g_strerror(saved));
	return FALSE;
}

/* Gives an error of another module our domain, and with it an exit code. */
static gboolean wrap(GError **error, InitErrorCode code, GError *cause)
{
	g_set_error_literal(error, INIT_ERROR, code, cause->message);
	g_error_free(cause);
	return FALSE;
}

/* --- what was asked for ------------------------------------------------------------ */

static gboolean name_is_valid(const char *name)
{
	gsize size = strlen(name);
	return size > 0 && size <= 32 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == size;
}

static gboolean is_known(const Plan *plan, const char *name, const KeyfilePublic *half, GError **error)
{
	for (guint i = 0; i < plan->people->len; i++) {
		const Person *other = g_ptr_array_index(plan->people, i);
		if (strcmp(other->name, name) == 0)
			return !usage(error, "%s is named twice: give every reader one name and one role", name);
		if (strcmp(other->half->body, half->body) == 0 ||
		    (half->card != NULL && g_strcmp0(other->half->card, half->card) == 0))
			return !usage(error, "%s and %s have the same key: give every reader a key of her own", other->name, name);
	}
	return FALSE;
}

static gboolean add_person(Plan *plan, const char *role, const char *name, const char *file, GError **error)
{
	GError *cause = NULL;
	if (!name_is_valid(name))
		return usage(error, "%s is no name: take 1 to 32 of a-z, 0-9, '.', '_' and '-'", name);
	g_autoptr(KeyfilePublic) half = keyfile_public_read(file, &cause);
	if (half == NULL)
		return wrap(error, INIT_ERROR_USAGE, cause);
	if (half->expires != 0 && half->expires <= plan->now / G_USEC_PER_SEC)
		return usage(error, "the key in %s has expired: make another with senim keygen", file);
	if (is_known(plan, name, half, error))
		return FALSE;
	Person *person = g_new0(Person, 1);
	person->name = g_strdup(name);
	person->role = role;
	person->half = g_steal_pointer(&half);
	g_autofree char *base = g_strconcat(name, ".pub", NULL);
	person->path = g_build_filename(plan->directory, strcmp(role, "recovery") == 0 ? "recovery" : "officers", base, NULL);
	g_ptr_array_add(plan->people, person);
	return TRUE;
}

/* "NAME=FILE.pub"; a recovery recipient may go without a name. */
static gboolean add_people(Plan *plan, const char *role, const char *const *words, GError **error)
{
	for (guint i = 0; words != NULL && words[i] != NULL; i++) {
		const char *equals = strchr(words[i], '=');
		gboolean recovery = strcmp(role, "recovery") == 0;
		if (equals == NULL && !recovery)
			return usage(error, "%s is not NAME=FILE.pub", words[i]);
		g_autofree char *name = equals != NULL ? g_strndup(words[i], (gsize)(equals - words[i]))
		                        : i == 0       ? g_strdup("recovery")
		                                       : g_strdup_printf("recovery-%u", i + 1);
		if (!add_person(plan, role, name, equals != NULL ? equals + 1 : words[i], error))
			return FALSE;
	}
	return TRUE;
}

static guint count_role(const Plan *plan, const char *role)
{
	guint n = 0;
	for (guint i = 0; i < plan->people->len; i++)
		n += strcmp(((const Person *)g_ptr_array_index(plan->people, i))->role, role) == 0;
	return n;
}

static gboolean read_request(Plan *plan, GError **error)
{
	const InitRequest *request = plan->request;
	if (request->mailboxes == NULL || request->mailboxes[0] == NULL)
		return usage(error, "no mailbox was named: say --mailbox ADDR");
	if (!add_people(plan, "officer", request->officers, error) ||
	    !add_people(plan, "deputy", request->deputies, error) ||
	    !add_people(plan, "escalation", request->escalation, error) ||
	    !add_people(plan, "supervisor", request->supervisors, error) ||
	    !add_people(plan, "recovery", request->recovery, error))
		return FALSE;
	if (count_role(plan, "officer") == 0)
		return usage(error, "no officer was named: say --officer NAME=FILE.pub");
	gboolean recovery = count_role(plan, "recovery") > 0;
	if (recovery == request->no_recovery)
		return usage(error, recovery ? "--recovery and --no-recovery were both said: say one of them"
		                             : "say --recovery FILE.pub, whose owner can open everything when this host is lost, "
		                               "or --no-recovery");
	if (recovery && request->prove == NULL && request->ask_identity == NULL)
		return usage(error, "the escrow must be opened once before it is relied on: say --prove FILE");
	return TRUE;
}

/* --- senim.conf ---------------------------------------------------------------------- */

/* What init itself lays down; a store made with another value would not run as it stands. */
static gboolean is_ours(const char *key)
{
	static const char *const keys[] = {"state-directory", "custody-key", "officers", "deputies", "escalation",
	                                   "supervisors", "recovery", "public"};
	for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
		if (strcmp(keys[i], key) == 0)
			return TRUE;
	return FALSE;
}

static gboolean apply(Plan *plan, const char *section, const char *key, const char *value, GError **error)
{
	GError *cause = NULL;
	if (!config_check_setting(section, key, value, &cause))
		return wrap(error, INIT_ERROR_USAGE, cause);
	if (!g_key_file_has_group(plan->settings, section))
		return usage(error, "--set names [%s], which is not made here: name it with --mailbox or --officer first", section);
	g_key_file_set_value(plan->settings, section, key, value);
	return TRUE;
}

/* "KEY=VALUE" for [senim] or every mailbox, "mailbox ADDR/KEY=VALUE" for one. */
static gboolean apply_word(Plan *plan, const char *word, GError **error)
{
	const char *equals = strchr(word, '=');
	if (equals == NULL)
		return usage(error, "--set %s: a setting is KEY=VALUE", word);
	for (const char *p = word; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p))
			return usage(error, "--set: a setting is one line without control characters");
	g_autofree char *left = g_strndup(word, (gsize)(equals - word));
	char *slash = strrchr(left, '/');
	const char *key = slash != NULL ? slash + 1 : left;
	if (is_ours(key))
		return usage(error, "--set %s: senim init lays that down itself; change senim.conf afterwards", key);
	if (slash != NULL) {
		*slash = '\0';
		return apply(plan, left, key, equals + 1, error);
	}
	if (!config_is_mailbox_key(key))
		return apply(plan, "senim", key, equals + 1, error);
	for (guint i = 0; plan->request->mailboxes[i] != NULL; i++) {
		g_autofree char *section = g_strconcat("mailbox ", plan->request->mailboxes[i], NULL);
		if (!apply(plan, section, key, equals + 1, error))
			return FALSE;
	}
	return TRUE;
}

/* The names of one role as the list that the configuration takes; NULL where there are none. */
static char *names_of(const Plan *plan, const char *role)
{
	g_autoptr(GStrvBuilder) names = g_strv_builder_new();
	for (guint i = 0; i < plan->people->len; i++) {
		const Person *person = g_ptr_array_index(plan->people, i);
		if (strcmp(person->role, role) == 0)
			g_strv_builder_add(names, person->name);
	}
	g_auto(GStrv) list = g_strv_builder_end(names);
	return list[0] != NULL ? g_strjoinv("; ", list) : NULL;
}

static void set_path(Plan *plan, const char *key, const char *prefix, const char *first, const char *second)
{
	g_autofree char *path = g_build_filename(plan->directory, first, second, NULL);
	g_autofree char *value = g_strconcat(prefix, path, NULL);
	g_key_file_set_value(plan->settings, "senim", key, value);
}

static void set_names(Plan *plan, const char *section, const char *key, const char *role)
{
	g_autofree char *names = names_of(plan, role);
	if (names != NULL)
		g_key_file_set_value(plan->settings, section, key, names);
}

static void set_people(Plan *plan)
{
	static const struct {
		const char *key, *role;
	} lists[] = {{"officers", "officer"}, {"deputies", "deputy"}, {"escalation", "escalation"}, {"supervisors", "supervisor"}};
	set_names(plan, "senim", "recovery", "recovery");
	for (guint i = 0; plan->request->mailboxes[i] != NULL; i++) {
		g_autofree char *section = g_strconcat("mailbox ", plan->request->mailboxes[i], NULL);
		for (gsize n = 0; n < G_N_ELEMENTS(lists); n++)
			set_names(plan, section, lists[n].key, lists[n].role);
	}
	for (guint i = 0; i < plan->people->len; i++) {
		const Person *person = g_ptr_array_index(plan->people, i);
		const char *kind = strcmp(person->role, "recovery") == 0 ? "recovery " : "officer ";
		g_autofree char *section = g_strconcat(kind, person->name, NULL);
		g_key_file_set_value(plan->settings, section, "public", person->path);
	}
}

static gboolean plan_settings(Plan *plan, GError **error)
{
	const char *const *words = plan->request->settings;
	set_path(plan, "state-directory", "", "state", NULL);
	set_path(plan, "run-directory", "", "run", NULL);
	set_path(plan, "custody-key", "file:", "keys", "custody.key");
	set_people(plan);
	g_key_file_set_comment(plan->settings, NULL, NULL, " Made by senim init. senim.conf(5) has every key and its default.", NULL);
	for (guint i = 0; words != NULL && words[i] != NULL; i++)
		if (!apply_word(plan, words[i], error))
			return FALSE;
	return TRUE;
}

/* --- files ------------------------------------------------------------------------------ */

static gboolean make_directory(const Plan *plan, const char *name, guint mode, GError **error)
{
	g_autofree char *path = g_build_filename(plan->directory, name, NULL);
	if (mkdir(path, 0700) != 0 || chmod(path, mode) != 0)
		return failed(error, "make", path);
	return TRUE;
}

static gboolean is_empty(const char *directory)
{
	g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
	return dir != NULL && g_dir_read_name(dir) == NULL;
}

static gboolean make_directories(Plan *plan, GError **error)
{
	if (mkdir(plan->directory, 0700) != 0) {
		if (errno != EEXIST)
			return failed(error, "make", plan->directory);
		if (!is_empty(plan->directory))
			return usage(error, "%s is there and not empty: name a directory that is not there yet", plan->directory);
		plan->existed = TRUE;
	}
	plan->begun = TRUE;
	if (chmod(plan->directory, 0755) != 0)
		return failed(error, "open up", plan->directory);
	return make_directory(plan, "officers", 0755, error) && make_directory(plan, "keys", 0700, error) &&
	       make_directory(plan, "recovery", 0755, error) && make_directory(plan, "state", 0700, error) &&
	       make_directory(plan, "run", 0755, error);
}

static gboolean write_file(const char *path, const char *text, gsize size, guint mode, GError **error)
{
	GError *cause = NULL;
	if (!g_file_set_contents_full(path, text, (gssize)size, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
	                              (int)mode, &cause))
		return wrap(error, INIT_ERROR_FAILED, cause);
	return chmod(path, mode) == 0 || failed(error, "give its mode to", path);
}

static gboolean write_below(const Plan *plan, const char *first, const char *second, const char *text, guint mode,
                            GError **error)
{
	g_autofree char *path = g_build_filename(plan->directory, first, second, NULL);
	return write_file(path, text, strlen(text), mode, error);
}

static gboolean write_people(const Plan *plan, GError **error)
{
	for (guint i = 0; i < plan->people->len; i++) {
		GError *cause = NULL;
		const Person *person = g_ptr_array_index(plan->people, i);
		if (!keyfile_public_write(person->half, person->path, &cause))
			return wrap(error, INIT_ERROR_FAILED, cause);
	}
	return TRUE;
}

static gboolean write_settings(Plan *plan, GError **error)
{
	GError *cause = NULL;
	gsize size;
	g_autofree char *text = g_key_file_to_data(plan->settings, &size, NULL);
	plan->conf = g_build_filename(plan->directory, "senim.conf", NULL);
	if (!write_file(plan->conf, text, size, 0644, error))
		return FALSE;
	plan->config = config_load(plan->conf, &cause);
	return plan->config != NULL || wrap(error, INIT_ERROR_USAGE, cause);
}

/* --- keys --------------------------------------------------------------------------------- */

static gboolean make_signer(Plan *plan, const char *mailbox, GString *verifiers, GError **error)
{
	g_autofree char *spelling = config_mailbox_spelling(mailbox);
	g_autofree char *path = init_signer_path(plan->conf, mailbox);
	g_autoptr(NoteSigner) signer = note_signer_generate_log(spelling, error);
	if (signer == NULL || !note_signer_save(signer, path, error))
		return FALSE;
	g_autofree char *verifier = note_signer_verifier(signer);
	g_string_append_printf(verifiers, "%s\n", verifier);
	g_ptr_array_add(plan->signers, g_steal_pointer(&signer));
	return TRUE;
}

static gboolean make_keys(Plan *plan, GError **error)
{
	GError *cause = NULL;
	char hex[2 * CUSTODY_STORE + 2];
	g_autofree char *custody = g_build_filename(plan->directory, "keys", "custody.key", NULL);
	g_autoptr(GString) verifiers = g_string_new(NULL);
	randombytes_buf(plan->store_id, sizeof plan->store_id);
	sodium_bin2hex(hex, sizeof hex, plan->store_id, sizeof plan->store_id);
	hex[2 * CUSTODY_STORE] = '\n';
	hex[2 * CUSTODY_STORE + 1] = '\0';
	plan->custody = custody_key_generate(&cause);
	if (plan->custody == NULL || !custody_key_save(plan->custody, custody, &cause))
		return wrap(error, INIT_ERROR_FAILED, cause);
	for (guint i = 0; i < plan->config->n_mailboxes; i++)
		if (!make_signer(plan, plan->config->mailboxes[i].address, verifiers, &cause))
			return wrap(error, INIT_ERROR_FAILED, cause);
	return write_below(plan, "state", "store-id", hex, 0400, error) &&
	       write_below(plan, "log.pub", NULL, verifiers->str, 0644, error);
}

char *init_signer_path(const char *config_file, const char *mailbox)
{
	g_autofree char *directory = g_path_get_dirname(config_file);
	g_autofree char *spelling = config_mailbox_spelling(mailbox);
	g_autofree char *base = g_strconcat(spelling, ".sign", NULL);
	return g_build_filename(directory, "keys", base, NULL);
}

char *init_store_id_path(const char *state_directory)
{
	return g_build_filename(state_directory, "store-id", NULL);
}

gboolean init_read_store_id(const char *state_directory, guint8 store_id[16], GError **error)
{
	g_autofree char *path = init_store_id_path(state_directory);
	g_autofree char *text = NULL;
	size_t got;
	if (!g_file_get_contents(path, &text, NULL, error)) {
		g_prefix_error(error, "the store is not made, or %s is not its state-directory (senim init makes one): ",
		               state_directory);
		return FALSE;
	}
	g_strchomp(text);
	if (sodium_hex2bin(store_id, CUSTODY_STORE, text, strlen(text), NULL, &got, NULL) == 0 && got == CUSTODY_STORE)
		return TRUE;
	g_set_error(error, LEDGER_ERROR, LEDGER_ERROR_MISMATCH,
	            "%s does not hold 32 hexadecimal digits: restore it from a backup", path);
	return FALSE;
}

/* --- the escrow ------------------------------------------------------------------------------ */

static char *read_identity(const Plan *plan, GError **error)
{
	if (plan->request->prove == NULL)
		return plan->request->ask_identity(plan->request->user, error);
	gsize size;
	char *text, *identity = NULL;
	if (!g_file_get_contents(plan->request->prove, &text, &size, error))
		return NULL;
	const char *line = size <= IDENTITY_FILE_MAX ? g_strstr_len(text, (gssize)size, IDENTITY) : NULL;
	if (line != NULL)
		identity = g_strndup(line, strspn(line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"));
	else
		usage(error, "%s holds no age identity in clear: name the file of the recovery identity", plan->request->prove);
	sodium_memzero(text, size);
	g_free(text);
	return identity;
}

static void wipe_text(char *text)
{
	if (text != NULL)
		sodium_memzero(text, strlen(text));
	g_free(text);
}

/* Opens what lies on the disk, not what is in memory: that is what somebody will have on the day. */
static gboolean prove(const Plan *plan, const Escrow *escrow, const char *path, GError **error)
{
	gsize size;
	g_autofree char *file = NULL;
	if (!g_file_get_contents(path, &file, &size, error))
		return FALSE;
	char *identity = read_identity(plan, error);
	if (identity == NULL)
		return FALSE;
	g_autoptr(Escrow) opened = escrow_open(file, size, identity, error);
	wipe_text(identity);
	if (opened == NULL)
		return g_prefix_error(error, "the escrow does not open with this recovery identity: "), FALSE;
	return escrow_equal(escrow, opened) ||
	       usage(error, "the escrow in %s does not give back what was sealed: try another disk", path);
}

static gboolean seal_escrow(const Plan *plan, const Escrow *escrow, const char *path, GError **error)
{
	g_autoptr(GPtrArray) recipients = g_ptr_array_new();
	for (guint i = 0; i < plan->people->len; i++) {
		const Person *person = g_ptr_array_index(plan->people, i);
		if (strcmp(person->role, "escalation") == 0 || strcmp(person->role, "recovery") == 0)
			g_ptr_array_add(recipients, person->half->body);
	}
	g_ptr_array_add(recipients, NULL);
	g_autoptr(GBytes) file = escrow_seal(escrow, (const char *const *)recipients->pdata, error);
	if (file == NULL)
		return FALSE;
	gsize size;
	const char *data = g_bytes_get_data(file, &size);
	return write_file(path, data, size, 0600, error);
}

static gboolean fill_escrow(const Plan *plan, Escrow *escrow, GError **error)
{
	for (guint i = 0; i < plan->signers->len; i++) {
		const NoteSigner *signer = g_ptr_array_index(plan->signers, i);
		if (!escrow_add_log(escrow, note_signer_name(signer), note_signer_seed(signer), error))
			return FALSE;
	}
	return TRUE;
}

static gboolean make_escrow(const Plan *plan, GError **error)
{
	GError *cause = NULL;
	if (plan->request->no_recovery)
		return TRUE;
	g_autofree char *path = g_build_filename(plan->directory, "recovery", "keys.age", NULL);
	g_autoptr(Escrow) escrow = escrow_new(plan->store_id, plan->now / G_USEC_PER_SEC, plan->custody, &cause);
	if (escrow == NULL || !fill_escrow(plan, escrow, &cause) || !seal_escrow(plan, escrow, path, &cause) ||
	    !prove(plan, escrow, path, &cause)) {
		gboolean words = g_error_matches(cause, INIT_ERROR, INIT_ERROR_USAGE);
		return wrap(error, words ? INIT_ERROR_USAGE : INIT_ERROR_FAILED, cause);
	}
	if (plan->request->sheet != NULL) {
		char *sheet = escrow_sheet(escrow);
		plan->request->sheet(sheet, plan->request->user);
		wipe_text(sheet);
	}
	return TRUE;
}

/* --- the books ----------------------------------------------------------------------------------- */

static void add_reader(Record *record, const Person *person)
{
	const KeyfilePublic *half = person->half;
	gboolean recovery = strcmp(person->role, "recovery") == 0;
	g_autofree char *sign = g_base64_encode(half->sign, sizeof half->sign);
	record_add_printf(record, "reader", "%s %s %s %s %s %" G_GINT64_FORMAT, person->name, person->role, half->body,
	                  recovery ? "-" : half->card, recovery ? "-" : sign, half->expires);
}

static Record *begun_record(const Plan *plan, const char *mailbox, const NoteSigner *signer)
{
	guint8 id[CUSTODY_ID];
	g_autofree char *verifier = note_signer_verifier(signer);
	Record *record = record_new();
	custody_key_id(plan->custody, id);
	record_add_uint(record, "time", (guint64)plan->now);
	record_add_hex(record, "store", plan->store_id, sizeof plan->store_id);
	record_add(record, "mailbox", mailbox);
	record_add(record, "origin", note_signer_name(signer));
	record_add(record, "log-key", verifier);
	record_add_hex(record, "custody-key", id, sizeof id);
	for (guint i = 0; i < plan->people->len; i++)
		add_reader(record, g_ptr_array_index(plan->people, i));
	return record;
}

static gboolean begin_books(const Plan *plan, guint i, GError **error)
{
	GError *cause = NULL;
	const char *mailbox = plan->config->mailboxes[i].address;
	const NoteSigner *signer = g_ptr_array_index(plan->signers, i);
	g_autofree char *directory = config_mailbox_directory(plan->config, mailbox);
	g_autoptr(Record) begun = begun_record(plan, mailbox, signer);
	LedgerOptions options = {
		.directory = directory,
		.mailbox = mailbox,
		.origin = note_signer_name(signer),
		.store_id = plan->store_id,
		.custody = plan->custody,
		.signer = signer,
		.zone = plan->config->timezone,
	};
	if (mkdir(directory, 0700) != 0 && errno != EEXIST)
		return failed(error, "make", directory);
	return ledger_create(&options, begun, &cause) || wrap(error, INIT_ERROR_FAILED, cause);
}

static gboolean sync_directory(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	gboolean good = fd >= 0 && fsync(fd) == 0;
	if (!good)
		failed(error, "sync", path);
	if (fd >= 0)
		close(fd);
	return good;
}

/* --- all of it -------------------------------------------------------------------------------------- */

static int remove_one(const char *path, const struct stat *st G_GNUC_UNUSED, int type G_GNUC_UNUSED, struct FTW *walk)
{
	if (walk->level > 0) /* DIR itself is the caller's */
		remove(path);
	return 0;
}

/* Everything in it was made here. Not FTW_MOUNT: on an overlay, as in a container, files have other devices than their
 * directories and would stay, keys among them. */
static void take_back(const Plan *plan)
{
	nftw(plan->directory, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	if (!plan->existed)
		rmdir(plan->directory);
}

static void warn(const Plan *plan, const char *sentence)
{
	if (plan->request->warn != NULL)
		plan->request->warn(sentence, plan->request->user);
}

static gboolean make_store(Plan *plan, GError **error)
{
	if (!make_directories(plan, error) || !write_people(plan, error) || !write_settings(plan, error) ||
	    !make_keys(plan, error) || !make_escrow(plan, error))
		return FALSE;
	for (guint i = 0; i < plan->config->n_mailboxes; i++)
		if (!begin_books(plan, i, error))
			return FALSE;
	g_autofree char *state = g_build_filename(plan->directory, "state", NULL);
	g_autofree char *parent = g_path_get_dirname(plan->directory);
	return sync_directory(state, error) && sync_directory(plan->directory, error) && sync_directory(parent, error);
}

static gboolean prepare(Plan *plan, GError **error)
{
	if (plan->request->directory == NULL || plan->request->directory[0] == '\0')
		return usage(error, "no directory was named: say senim init DIR");
	if (sodium_init() < 0)
		return usage(error, "libsodium cannot be used on this machine");
	plan->directory = g_canonicalize_filename(plan->request->directory, NULL);
	plan->people = g_ptr_array_new_with_free_func(person_free);
	plan->signers = g_ptr_array_new_with_free_func((GDestroyNotify)note_signer_free);
	plan->settings = g_key_file_new();
	plan->now = g_get_real_time();
	return read_request(plan, error) && plan_settings(plan, error);
}

gboolean init_store(const InitRequest *request, GError **error)
{
	g_auto(Plan) plan = {.request = request};
	mode_t before = umask(077);
	gboolean made = prepare(&plan, error) && make_store(&plan, error);
	umask(before);
	if (!made) {
		if (plan.begun)
			take_back(&plan);
		return FALSE;
	}
	if (count_role(&plan, "officer") + count_role(&plan, "deputy") + count_role(&plan, "escalation") < 2)
		warn(&plan, "there is one reader only: when her key is lost, so is every report; add a second with --officer, "
		            "--deputy or --escalation");
	if (request->no_recovery)
		warn(&plan, "nothing is escrowed: when this host is lost, so is every report; make a recovery key and start anew "
		            "with --recovery");
	return TRUE;
}
