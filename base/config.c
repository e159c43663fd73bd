/* SPDX-License-Identifier: ISC */
#include "base/config.h"

#include <stdarg.h>
#include <string.h>

#include "base/config-value.h"
#include "base/escape.h"

G_DEFINE_QUARK(senim-config-error, config_error)

#define FILE_MAX (1 << 20)

/* One setting in force: as the file has it, or as the table says. */
typedef struct {
	char *section; /* "mailbox senim@kmo.kz" */
	const ConfigKey *key;
	char *value;
} Setting;

/* What a Config * points to. */
typedef struct {
	Config config; /* first */
	GPtrArray *settings;
} Snapshot;

typedef struct {
	const char *file; /* NULL: the setting came from elsewhere */
	Snapshot *snapshot;
	GArray *mailboxes, *officers, *recoveries, *addressees, *people, *trustees;
	gboolean senim_seen;
} Reader;

static GPtrArray *settings_of(const Config *config)
{
	return ((const Snapshot *)config)->settings;
}

/* --- messages: file, section, key, and what it takes ---------------------------- */

static gboolean G_GNUC_PRINTF(4, 5)
fail(GError **error, const char *file, const char *section, const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list ap;
	va_start(ap, format);
	text = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_autoptr(GString) whole = g_string_new(NULL);
	if (file != NULL)
		g_string_append_printf(whole, "%s: ", file);
	if (section != NULL)
		g_string_append_printf(whole, "[%s] ", section);
	g_string_append(whole, text);
	g_autofree char *safe = escape_text(whole->str, -1, ESCAPE_LINE);
	g_set_error_literal(error, CONFIG_ERROR, 0, safe);
	return FALSE;
}

static gboolean fail_value(GError **error, const char *file, const char *section, const ConfigKey *key, const char *value)
{
	g_autofree char *takes = config_key_takes(key);
	gboolean remark = strstr(value, " #") != NULL || strstr(value, "\t#") != NULL;
	return fail(error, file, section, "%s = %s: it takes %s%s", key->key, value, takes,
	            remark ? "; a comment needs a line of its own" : "");
}

static gboolean fail_key(GError **error, const char *file, const char *section, ConfigSection kind, const char *name)
{
	guint n;
	const ConfigKey *keys = config_keys(&n);
	g_autoptr(GString) all = g_string_new(NULL);
	for (guint i = 0; i < n; i++)
		if (keys[i].section == kind)
			g_string_append_printf(all, "%s%s", all->len > 0 ? ", " : "", keys[i].key);
	return fail(error, file, section, "has no key %s: it takes %s", name, all->str);
}

/* --- sections and keys ---------------------------------------------------------- */

/* "mailbox ADDRESS" and its like into kind and name (transfer full; NULL for senim). */
static gboolean read_section(const char *file, const char *section, ConfigSection *kind, char **name, GError **error)
{
	*name = NULL;
	*kind = CONFIG_SENIM;
	if (strcmp(section, "senim") == 0)
		return TRUE;
	const char *blank = strchr(section, ' ');
	g_autofree char *word = g_strndup(section, blank != NULL ? (gsize)(blank - section) : strlen(section));
	for (int i = CONFIG_MAILBOX; i < CONFIG_SECTIONS; i++)
		if (blank != NULL && strcmp(word, config_section_name((ConfigSection)i)) == 0)
			*kind = (ConfigSection)i;
	if (*kind == CONFIG_SENIM)
		return fail(error, file, NULL, "there is no section [%s]: it takes [senim], [mailbox ADDRESS], [officer NAME], "
		            "[recovery NAME], [addressee NAME], [person NAME] and [trustee NAME]", section);
	g_autofree char *rest = g_strstrip(g_strdup(blank));
	if (*kind == CONFIG_MAILBOX)
		*name = config_value_address(rest);
	else if (config_value_is_name(rest))
		*name = g_steal_pointer(&rest);
	if (*name == NULL)
		return fail(error, file, section, "is not possible: after %s it takes %s", word,
		            *kind == CONFIG_MAILBOX ? "an address" : "a name of at most 32 characters of a-z 0-9 . _ -");
	return TRUE;
}

static const ConfigKey *find_key(ConfigSection kind, const char *name)
{
	guint n;
	const ConfigKey *keys = config_keys(&n);
	for (guint i = 0; i < n; i++)
		if (keys[i].section == kind && strcmp(keys[i].key, name) == 0)
			return &keys[i];
	return NULL;
}

/* GKeyFile keeps a trailing remark as part of the value: in free text nothing else would notice. */
static gboolean is_one_line(const char *value)
{
	for (const char *p = value; *p != '\0'; p++)
		if (g_ascii_iscntrl(*p))
			return FALSE;
	return strstr(value, " # ") == NULL && g_utf8_validate(value, -1, NULL);
}

static gboolean read_setting(const char *file, const char *section, const ConfigKey *key, const char *value, gpointer base,
                             GError **error)
{
	if (!is_one_line(value) || !config_value_read(key, value, base))
		return fail_value(error, file, section, key, value);
	return TRUE;
}

static void setting_free(gpointer data)
{
	Setting *setting = data;
	g_free(setting->section);
	g_free(setting->value);
	g_free(setting);
}

static const char *setting_value(const Config *config, const char *section, const ConfigKey *key)
{
	GPtrArray *settings = settings_of(config);
	for (guint i = 0; i < settings->len; i++) {
		const Setting *setting = g_ptr_array_index(settings, i);
		if (setting->key == key && strcmp(setting->section, section) == 0)
			return setting->value;
	}
	return NULL;
}

/* Sets a key and keeps the text of it for config_describe() and config_needs_restart(). */
static gboolean set(Reader *reader, const char *section, const ConfigKey *key, const char *value, gpointer base,
                    GError **error)
{
	if (!read_setting(reader->file, section, key, value, base, error))
		return FALSE;
	Setting *setting = g_new0(Setting, 1);
	setting->section = g_strdup(section);
	setting->key = key;
	setting->value = g_strdup(value);
	g_ptr_array_add(reader->snapshot->settings, setting);
	return TRUE;
}

/* Every key of the section in the file, then the table's defaults for the others. */
static gboolean read_keys(Reader *reader, GKeyFile *file, const char *group, ConfigSection kind, const char *section,
                          gpointer base, GError **error)
{
	g_auto(GStrv) names = g_key_file_get_keys(file, group, NULL, NULL);
	for (guint i = 0; names != NULL && names[i] != NULL; i++) {
		const ConfigKey *key = find_key(kind, names[i]);
		if (key == NULL)
			return fail_key(error, reader->file, section, kind, names[i]);
	}
	guint n;
	const ConfigKey *keys = config_keys(&n);
	for (guint i = 0; i < n; i++) {
		if (keys[i].section != kind)
			continue;
		g_autoptr(GError) local = NULL;
		g_autofree char *value = NULL;
		if (names != NULL && g_strv_contains((const char *const *)names, keys[i].key)) {
			value = g_key_file_get_string(file, group, keys[i].key, &local);
			if (local != NULL) { /* a backslash that is no escape: GLib then hands out half a value besides */
				g_autofree char *raw = g_key_file_get_value(file, group, keys[i].key, NULL);
				return fail_value(error, reader->file, section, &keys[i], raw);
			}
			g_strstrip(value);
		} else if (keys[i].preset != NULL) {
			value = g_strdup(keys[i].preset);
		} else if (keys[i].preset_words == NULL) {
			g_autofree char *takes = config_key_takes(&keys[i]);
			return fail(error, reader->file, section, "needs %s: it takes %s", keys[i].key, takes);
		}
		if (value != NULL && !set(reader, section, &keys[i], value, base, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean read_officer(Reader *reader, GKeyFile *file, const char *group, ConfigSection kind, const char *section,
                             const char *name, GError **error)
{
	GArray *list = kind == CONFIG_OFFICER ? reader->officers : reader->recoveries;
	ConfigOfficer officer = {.name = g_strdup(name)};
	g_array_append_val(list, officer);
	return read_keys(reader, file, group, kind, section, &g_array_index(list, ConfigOfficer, list->len - 1), error);
}

static gboolean read_mailbox(Reader *reader, GKeyFile *file, const char *group, const char *section, const char *address,
                             GError **error)
{
	if (reader->mailboxes->len == CONFIG_MAILBOXES_MAX)
		return fail(error, reader->file, section, "is one mailbox too many: there can be %d", CONFIG_MAILBOXES_MAX);
	ConfigMailbox empty = {.address = g_strdup(address)};
	g_array_append_val(reader->mailboxes, empty);
	ConfigMailbox *mailbox = &g_array_index(reader->mailboxes, ConfigMailbox, reader->mailboxes->len - 1);
	if (!read_keys(reader, file, group, CONFIG_MAILBOX, section, mailbox, error))
		return FALSE;
	const ConfigKey *journal = find_key(CONFIG_MAILBOX, "journal");
	if (setting_value(&reader->snapshot->config, section, journal) != NULL)
		return TRUE;
	return set(reader, section, journal, mailbox->register_form == CONFIG_FORM_KMO ? "pen" : "printed", mailbox, error);
}

static gboolean read_addressee(Reader *reader, GKeyFile *file, const char *group, const char *section, const char *name,
                               GError **error)
{
	ConfigAddressee empty = {.name = g_strdup(name)};
	g_array_append_val(reader->addressees, empty);
	return read_keys(reader, file, group, CONFIG_ADDRESSEE, section,
	                 &g_array_index(reader->addressees, ConfigAddressee, reader->addressees->len - 1), error);
}

static gboolean read_person(Reader *reader, GKeyFile *file, const char *group, const char *section, const char *name,
                            GError **error)
{
	ConfigPerson empty = {.name = g_strdup(name)};
	g_array_append_val(reader->people, empty);
	return read_keys(reader, file, group, CONFIG_PERSON, section,
	                 &g_array_index(reader->people, ConfigPerson, reader->people->len - 1), error);
}

static gboolean read_trustee(Reader *reader, GKeyFile *file, const char *group, const char *section, const char *name,
                            GError **error)
{
	ConfigTrustee empty = {.name = g_strdup(name)};
	g_array_append_val(reader->trustees, empty);
	return read_keys(reader, file, group, CONFIG_TRUSTEE, section,
	                 &g_array_index(reader->trustees, ConfigTrustee, reader->trustees->len - 1), error);
}

static gboolean read_group(Reader *reader, GKeyFile *file, const char *group, GError **error)
{
	ConfigSection kind;
	g_autofree char *name = NULL;
	if (!read_section(reader->file, group, &kind, &name, error))
		return FALSE;
	g_autofree char *section = g_strjoin(" ", config_section_name(kind), name, NULL);
	if (kind == CONFIG_SENIM) {
		reader->senim_seen = TRUE;
		return read_keys(reader, file, group, kind, section, &reader->snapshot->config, error);
	}
	if (kind == CONFIG_MAILBOX)
		return read_mailbox(reader, file, group, section, name, error);
	if (kind == CONFIG_ADDRESSEE)
		return read_addressee(reader, file, group, section, name, error);
	if (kind == CONFIG_PERSON)
		return read_person(reader, file, group, section, name, error);
	if (kind == CONFIG_TRUSTEE)
		return read_trustee(reader, file, group, section, name, error);
	return read_officer(reader, file, group, kind, section, name, error);
}

/* --- what the keys make of each other ------------------------------------------- */

/* The mailboxes' domains, each once, in their order. */
static char *mailbox_domains(const Config *config, const char *between)
{
	g_autoptr(GPtrArray) domains = g_ptr_array_new();
	for (guint i = 0; i < config->n_mailboxes; i++) {
		char *domain = strrchr(config->mailboxes[i].address, '@') + 1;
		if (!g_ptr_array_find_with_equal_func(domains, domain, g_str_equal, NULL))
			g_ptr_array_add(domains, domain);
	}
	g_ptr_array_add(domains, NULL);
	return g_strjoinv(between, (char **)domains->pdata);
}

static gboolean derive(Reader *reader, const char *name, const char *value, GError **error)
{
	const ConfigKey *key = find_key(CONFIG_SENIM, name);
	if (setting_value(&reader->snapshot->config, "senim", key) != NULL)
		return TRUE;
	return set(reader, "senim", key, value, &reader->snapshot->config, error);
}

static gboolean derive_defaults(Reader *reader, GError **error)
{
	Config *config = &reader->snapshot->config;
	g_autofree char *list = mailbox_domains(config, "; ");
	g_autofree char *line = mailbox_domains(config, ", ");
	g_autofree char *path = config_run_path(config, "milter.sock");
	g_autofree char *socket = g_strconcat("unix:", path, NULL);
	if (!derive(reader, "organisation", line, error) || !derive(reader, "own-domains", list, error) ||
	    !derive(reader, "milter-socket", socket, error))
		return FALSE;
	config->timezone = g_time_zone_new_identifier(config->timezone_name);
	return TRUE;
}

/* The addresses that are this mailbox: its own, and each `also`, "@domain" written out. */
static char **mailbox_addresses(const ConfigMailbox *mailbox)
{
	g_autoptr(GPtrArray) all = g_ptr_array_new();
	const char *at = strrchr(mailbox->address, '@');
	g_ptr_array_add(all, config_mailbox_spelling(mailbox->address));
	for (guint i = 0; mailbox->also[i] != NULL; i++) {
		g_autofree char *local = g_strndup(mailbox->address, (gsize)(at - mailbox->address));
		g_autofree char *address = g_strconcat(mailbox->also[i][0] == '@' ? local : "", mailbox->also[i], NULL);
		g_ptr_array_add(all, config_mailbox_spelling(address));
	}
	g_ptr_array_add(all, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&all), FALSE);
}

/* No address may lead to two mailboxes; two that differ in case alone are one. */
static gboolean check_collisions(const Reader *reader, GError **error)
{
	const Config *config = &reader->snapshot->config;
	for (guint i = 0; i < config->n_mailboxes; i++) {
		const ConfigMailbox *one = &config->mailboxes[i];
		g_auto(GStrv) mine = mailbox_addresses(one);
		for (guint j = 0; j < i; j++) {
			g_auto(GStrv) theirs = mailbox_addresses(&config->mailboxes[j]);
			for (guint k = 0; mine[k] != NULL; k++)
				if (g_strv_contains((const char *const *)theirs, mine[k]))
					return fail(error, reader->file, NULL,
					            "%s leads to both [mailbox %s] and [mailbox %s]: an address belongs to one mailbox",
					            mine[k], config->mailboxes[j].address, one->address);
		}
	}
	return TRUE;
}

static gboolean check_names(const Reader *reader, const char *section, const char *key, char **names, const char *kind,
                            const ConfigOfficer *list, guint n, GError **error)
{
	for (guint i = 0; names[i] != NULL; i++) {
		gboolean found = FALSE;
		for (guint j = 0; j < n; j++)
			found |= strcmp(list[j].name, names[i]) == 0;
		if (!found)
			return fail(error, reader->file, section, "%s names %s: there is no section [%s %s]", key, names[i], kind,
			            names[i]);
	}
	return TRUE;
}

/* Each of the four lists names sections that are there, and nobody stands in two of them. */
static gboolean check_roles(const Reader *reader, const ConfigMailbox *mailbox, GError **error)
{
	const Config *config = &reader->snapshot->config;
	const struct {
		const char *key;
		char **names;
	} lists[] = {{"officers", mailbox->officers}, {"deputies", mailbox->deputies}, {"escalation", mailbox->escalation},
	             {"supervisors", mailbox->supervisors}};
	g_autofree char *section = g_strconcat("mailbox ", mailbox->address, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		if (!check_names(reader, section, lists[i].key, lists[i].names, "officer", config->officers, config->n_officers, error))
			return FALSE;
		for (guint n = 0; lists[i].names[n] != NULL; n++)
			for (gsize j = 0; j < i; j++)
				if (g_strv_contains((const char *const *)lists[j].names, lists[i].names[n]))
					return fail(error, reader->file, section, "%s names %s, who stands in %s already: a person has one role",
					            lists[i].key, lists[i].names[n], lists[j].key);
	}
	return TRUE;
}

static gboolean check_people(const Reader *reader, GError **error)
{
	const Config *config = &reader->snapshot->config;
	if (!check_names(reader, "senim", "recovery", config->recovery, "recovery", config->recoveries, config->n_recoveries,
	                 error))
		return FALSE;
	for (guint i = 0; i < config->n_mailboxes; i++)
		if (!check_roles(reader, &config->mailboxes[i], error))
			return FALSE;
	return TRUE;
}

/* A listed person is no officer: one word of the facts must not mean two people. */
static gboolean check_listed(const Reader *reader, GError **error)
{
	const Config *config = &reader->snapshot->config;
	for (guint i = 0; i < config->n_people; i++) {
		const ConfigPerson *person = &config->people[i];
		g_autofree char *section = g_strconcat("person ", person->name, NULL);
		if (config_officer(config, person->name) != NULL)
			return fail(error, reader->file, section, "is an officer's name too: give the person another");
		if (!check_names(reader, section, "withhold-from", person->withhold_from, "officer", config->officers,
		                 config->n_officers, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean check_trustees(const Reader *reader, GError **error)
{
	const Config *config = &reader->snapshot->config;
	for (guint i = 0; i < config->n_mailboxes; i++) {
		g_autofree char *section = g_strconcat("mailbox ", config->mailboxes[i].address, NULL);
		for (char **name = config->mailboxes[i].trustees; *name != NULL; name++)
			if (config_trustee(config, *name) == NULL)
				return fail(error, reader->file, section, "trustees names %s: there is no section [trustee %s]", *name, *name);
	}
	return TRUE;
}

/* What goes by mail goes sealed, or in clear where the organisation has said so; each of the keys that say how has a use. */
static gboolean check_addressee(const Reader *reader, const ConfigAddressee *to, GError **error)
{
	g_autofree char *section = g_strconcat("addressee ", to->name, NULL);
	if ((*to->openpgp == '\0') != (*to->fingerprint == '\0'))
		return fail(error, reader->file, section, "openpgp and fingerprint belong together: name both, or neither");
	if (*to->recipient != '\0' && *to->openpgp != '\0')
		return fail(error, reader->file, section, "has recipient and openpgp: name the one that it prefers");
	if (to->by == CONFIG_BY_PAPER)
		return TRUE;
	if (*to->mail == '\0')
		return fail(error, reader->file, section, "by = mail needs mail: it takes an address");
	if (*to->recipient == '\0' && *to->openpgp == '\0' && !to->allow_cleartext)
		return fail(error, reader->file, section,
		            "by = mail needs a key to seal to: name recipient, or openpgp and fingerprint, or set by = paper");
	return TRUE;
}

/* No plaintext leaves by itself: an automatic redirect needs somebody to seal to. */
/* Only over SMTP can it be asked whether the MTA takes such an address at all. */
static gboolean check_reply_detail(const Reader *reader, GError **error)
{
	const Config *config = &reader->snapshot->config;
	if (*config->reply_detail == '\0')
		return TRUE;
	if (config->reply_detail[1] != '\0' || strchr(config->recipient_delimiter, *config->reply_detail) == NULL)
		return fail(error, reader->file, "senim", "reply-detail = %s: it takes one character of recipient-delimiter, or nothing",
		            config->reply_detail);
	return g_str_has_prefix(config->submit, "smtp://") ||
	       fail(error, reader->file, "senim",
	            "reply-detail = %s: whether the MTA takes such an address can be tried over SMTP alone: set submit = smtp://127.0.0.1:PORT, or leave reply-detail out",
	            config->reply_detail);
}

static gboolean check_addressees(const Reader *reader, GError **error)
{
	const Config *config = &reader->snapshot->config;
	gboolean sealed = FALSE;
	for (guint i = 0; i < config->n_addressees; i++) {
		if (!check_addressee(reader, &config->addressees[i], error))
			return FALSE;
		sealed = sealed || (config->addressees[i].kind == CONFIG_LAW_ENFORCEMENT &&
		         config->addressees[i].by == CONFIG_BY_MAIL && *config->addressees[i].recipient != '\0');
	}
	for (guint i = 0; i < config->n_mailboxes && !sealed; i++)
		if (config->mailboxes[i].redirect == CONFIG_REDIRECT_AUTOMATIC) {
			g_autofree char *section = g_strconcat("mailbox ", config->mailboxes[i].address, NULL);
			return fail(error, reader->file, section,
			            "redirect = automatic needs an [addressee NAME] with by = mail and a recipient to seal to: name one, "
			            "or set redirect = confirm");
		}
	return TRUE;
}

/* --- the file -------------------------------------------------------------------- */

/* GKeyFile joins sections and lets the last key win, silently: one of the two was meant otherwise. */
static gboolean check_repeats(const char *file, const char *text, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *section = g_strdup("");
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip(lines[i]);
		char *end = line[0] == '[' ? strchr(line, ']') : strchr(line, '=');
		if (line[0] == '#' || end == NULL)
			continue;
		*end = '\0';
		if (line[0] == '[') {
			g_free(section);
			section = g_strdup(line + 1);
			if (!g_hash_table_add(seen, g_strconcat("[", section, NULL)))
				return fail(error, file, section, "stands twice (line %u): write it once", i + 1);
		} else if (!g_hash_table_add(seen, g_strconcat(section, "\n", g_strchomp(line), NULL))) {
			return fail(error, file, section, "%s stands twice (line %u): write it once", line, i + 1);
		}
	}
	return TRUE;
}

static GKeyFile *load_key_file(const char *file, GError **error)
{
	g_autofree char *text = NULL;
	gsize size;
	g_autoptr(GError) local = NULL;
	if (!g_file_get_contents(file, &text, &size, &local)) {
		fail(error, NULL, NULL, "%s: name the configuration with --config FILE", local->message);
		return NULL;
	}
	if (size > FILE_MAX || !g_utf8_validate(text, (gssize)size, NULL)) {
		fail(error, file, NULL, "this is no configuration: it takes a key file in UTF-8 of at most 1 MiB");
		return NULL;
	}
	/* Without KEEP_TRANSLATIONS a key such as organisation[de] would vanish unread. */
	g_autoptr(GKeyFile) keys = g_key_file_new();
	if (!g_key_file_load_from_data(keys, text, size, G_KEY_FILE_KEEP_TRANSLATIONS, &local)) {
		fail(error, file, NULL, "%s", local->message);
		return NULL;
	}
	return check_repeats(file, text, error) ? g_steal_pointer(&keys) : NULL;
}

/* Gives the lists to the Config, whether or not the reading went well: config_unref() frees them. */
static void hand_over(Reader *reader)
{
	Config *config = &reader->snapshot->config;
	config->n_mailboxes = reader->mailboxes->len;
	config->mailboxes = (ConfigMailbox *)(void *)g_array_free(reader->mailboxes, FALSE);
	config->n_officers = reader->officers->len;
	config->officers = (ConfigOfficer *)(void *)g_array_free(reader->officers, FALSE);
	config->n_recoveries = reader->recoveries->len;
	config->recoveries = (ConfigOfficer *)(void *)g_array_free(reader->recoveries, FALSE);
	config->n_people = reader->people->len;
	config->people = (ConfigPerson *)(void *)g_array_free(reader->people, FALSE);
	config->n_trustees = reader->trustees->len;
	config->trustees = (ConfigTrustee *)(void *)g_array_free(reader->trustees, FALSE);
	config->n_addressees = reader->addressees->len;
	config->addressees = (ConfigAddressee *)(void *)g_array_free(reader->addressees, FALSE);
}

static gboolean read_groups(Reader *reader, GKeyFile *keys, GError **error)
{
	g_auto(GStrv) groups = g_key_file_get_groups(keys, NULL);
	for (guint i = 0; groups[i] != NULL; i++)
		if (!read_group(reader, keys, groups[i], error))
			return FALSE;
	if (!reader->senim_seen && !read_keys(reader, keys, "senim", CONFIG_SENIM, "senim", &reader->snapshot->config, error))
		return FALSE;
	if (reader->mailboxes->len == 0)
		return fail(error, reader->file, NULL, "there is no mailbox: it takes at least one section [mailbox ADDRESS]");
	return TRUE;
}

Config *config_load(const char *path, GError **error)
{
	g_autofree char *file = g_canonicalize_filename(path, NULL);
	g_autoptr(GKeyFile) keys = load_key_file(file, error);
	if (keys == NULL)
		return NULL;
	Snapshot *snapshot = g_new0(Snapshot, 1);
	g_autoptr(Config) config = &snapshot->config;
	g_atomic_ref_count_init(&config->references);
	snapshot->settings = g_ptr_array_new_with_free_func(setting_free);
	config->file = g_strdup(file);
	Reader reader = {.file = file, .snapshot = snapshot};
	reader.mailboxes = g_array_new(FALSE, TRUE, sizeof(ConfigMailbox));
	reader.officers = g_array_new(FALSE, TRUE, sizeof(ConfigOfficer));
	reader.recoveries = g_array_new(FALSE, TRUE, sizeof(ConfigOfficer));
	reader.addressees = g_array_new(FALSE, TRUE, sizeof(ConfigAddressee));
	reader.people = g_array_new(FALSE, TRUE, sizeof(ConfigPerson));
	reader.trustees = g_array_new(FALSE, TRUE, sizeof(ConfigTrustee));
	gboolean good = read_groups(&reader, keys, error);
	hand_over(&reader);
	if (!good || !derive_defaults(&reader, error) || !check_collisions(&reader, error) || !check_people(&reader, error) ||
	    !check_listed(&reader, error) || !check_addressees(&reader, error) || !check_trustees(&reader, error) || !check_reply_detail(&reader, error))
		return NULL;
	return g_steal_pointer(&config);
}

static void clear_section(ConfigSection kind, gpointer base)
{
	guint n;
	const ConfigKey *keys = config_keys(&n);
	for (guint i = 0; i < n; i++)
		if (keys[i].section == kind)
			config_value_clear(&keys[i], base);
}

static void clear_officers(ConfigSection kind, ConfigOfficer *officers, guint n)
{
	for (guint i = 0; i < n; i++) {
		g_free(officers[i].name);
		clear_section(kind, &officers[i]);
	}
	g_free(officers);
}

Config *config_ref(Config *config)
{
	g_atomic_ref_count_inc(&config->references);
	return config;
}

void config_unref(Config *config)
{
	if (config == NULL || !g_atomic_ref_count_dec(&config->references))
		return;
	for (guint i = 0; i < config->n_mailboxes; i++) {
		g_free(config->mailboxes[i].address);
		clear_section(CONFIG_MAILBOX, &config->mailboxes[i]);
	}
	g_free(config->mailboxes);
	clear_officers(CONFIG_OFFICER, config->officers, config->n_officers);
	clear_officers(CONFIG_RECOVERY, config->recoveries, config->n_recoveries);
	for (guint i = 0; i < config->n_people; i++) {
		g_free(config->people[i].name);
		clear_section(CONFIG_PERSON, &config->people[i]);
	}
	g_free(config->people);
	for (guint i = 0; i < config->n_trustees; i++) {
		g_free(config->trustees[i].name);
		clear_section(CONFIG_TRUSTEE, &config->trustees[i]);
	}
	g_free(config->trustees);
	for (guint i = 0; i < config->n_addressees; i++) {
		g_free(config->addressees[i].name);
		clear_section(CONFIG_ADDRESSEE, &config->addressees[i]);
	}
	g_free(config->addressees);
	clear_section(CONFIG_SENIM, config);
	g_clear_pointer(&config->timezone, g_time_zone_unref);
	g_free(config->file);
	g_ptr_array_unref(settings_of(config));
	g_free(config);
}

/* --- what others ask -------------------------------------------------------------- */

char *config_mailbox_spelling(const char *address)
{
	GString *out = g_string_new(NULL);
	for (const char *p = address; *p != '\0'; p++) {
		char c = g_ascii_tolower(*p);
		if (g_ascii_isalnum(c) || strchr(".@_-", c) != NULL)
			g_string_append_c(out, c);
		else
			g_string_append_printf(out, "%%%02x", (guint8)c);
	}
	return g_string_free(out, FALSE);
}

const ConfigMailbox *config_mailbox(const Config *config, const char *address)
{
	g_autofree char *wanted = config_mailbox_spelling(address);
	for (guint i = 0; i < config->n_mailboxes; i++) {
		g_autofree char *spelling = config_mailbox_spelling(config->mailboxes[i].address);
		if (strcmp(spelling, wanted) == 0)
			return &config->mailboxes[i];
	}
	return NULL;
}

const ConfigOfficer *config_officer(const Config *config, const char *name)
{
	for (guint i = 0; i < config->n_officers; i++)
		if (strcmp(config->officers[i].name, name) == 0)
			return &config->officers[i];
	return NULL;
}

const ConfigPerson *config_person(const Config *config, const char *name)
{
	for (guint i = 0; i < config->n_people; i++)
		if (strcmp(config->people[i].name, name) == 0)
			return &config->people[i];
	return NULL;
}

const ConfigTrustee *config_trustee(const Config *config, const char *name)
{
	for (guint i = 0; i < config->n_trustees; i++)
		if (strcmp(config->trustees[i].name, name) == 0)
			return &config->trustees[i];
	return NULL;
}

const ConfigAddressee *config_addressee(const Config *config, const char *name)
{
	for (guint i = 0; i < config->n_addressees; i++)
		if (strcmp(config->addressees[i].name, name) == 0)
			return &config->addressees[i];
	return NULL;
}

char *config_mailbox_directory(const Config *config, const char *address)
{
	g_autofree char *spelling = config_mailbox_spelling(address);
	return g_build_filename(config->state_directory, spelling, NULL);
}

guint config_clock(const char *text)
{
	return (guint)(g_ascii_strtoull(text, NULL, 10) * 60 + g_ascii_strtoull(strchr(text, ':') + 1, NULL, 10));
}

GPtrArray *config_alarms(const Config *config, const char *word)
{
	GPtrArray *found = g_ptr_array_new();
	for (guint i = 0; config->alarm[i] != NULL; i++)
		if (g_str_has_prefix(config->alarm[i], word))
			g_ptr_array_add(found, config->alarm[i] + strlen(word));
	return found;
}

char *config_run_path(const Config *config, const char *name)
{
	return g_build_filename(config->run_directory, name, NULL);
}

gboolean config_check_setting(const char *section, const char *key, const char *value, GError **error)
{
	ConfigSection kind;
	g_autofree char *name = NULL;
	if (!read_section(NULL, section, &kind, &name, error))
		return FALSE;
	const ConfigKey *row = find_key(kind, key);
	if (row == NULL)
		return fail_key(error, NULL, section, kind, key);
	union {
		Config config;
		ConfigMailbox mailbox;
		ConfigOfficer officer;
		ConfigAddressee addressee;
		ConfigPerson person;
		ConfigTrustee trustee;
	} scratch = {0};
	gboolean good = read_setting(NULL, section, row, value, &scratch, error);
	config_value_clear(row, &scratch);
	return good;
}

static void append_json(GString *out, const char *name, const char *value)
{
	g_string_append_printf(out, "\"%s\": ", name);
	if (value == NULL) {
		g_string_append(out, "null");
		return;
	}
	g_string_append_c(out, '"');
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		if ((guint8)*p < 0x20)
			g_string_append_printf(out, "\\u%04x", (guint)(guint8)*p);
		else
			g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

char *config_describe(const Config *config)
{
	GPtrArray *settings = settings_of(config);
	GString *out = g_string_new("{\"schema\": 1, ");
	append_json(out, "file", config->file);
	g_string_append(out, ", \"settings\": [");
	for (guint i = 0; i < settings->len; i++) {
		const Setting *setting = g_ptr_array_index(settings, i);
		g_autofree char *takes = config_key_takes(setting->key);
		g_string_append(out, i > 0 ? ",\n  {" : "\n  {");
		append_json(out, "section", setting->section);
		g_string_append(out, ", ");
		append_json(out, "key", setting->key->key);
		g_string_append(out, ", ");
		append_json(out, "value", setting->value);
		g_string_append(out, ", ");
		append_json(out, "default", setting->key->preset != NULL ? setting->key->preset : setting->key->preset_words);
		g_string_append(out, ", ");
		append_json(out, "takes", takes);
		g_string_append(out, ", ");
		append_json(out, "meaning", setting->key->meaning);
		g_string_append_printf(out, ", \"reload\": %s}", setting->key->reload ? "true" : "false");
	}
	g_string_append(out, "\n]}\n");
	return g_string_free(out, FALSE);
}

/* The keys of one that the other does not have, or has otherwise; a section that only one has is named itself: of a mailbox
 * always, it has books of its own. */
static void add_differences(GPtrArray *list, const Config *one, const Config *other)
{
	GPtrArray *settings = settings_of(one);
	for (guint i = 0; i < settings->len; i++) {
		const Setting *setting = g_ptr_array_index(settings, i);
		const char *value = setting_value(other, setting->section, setting->key);
		gboolean books = value == NULL && setting->key->section == CONFIG_MAILBOX;
		if ((setting->key->reload && !books) || g_strcmp0(value, setting->value) == 0)
			continue;
		g_autofree char *name = value == NULL ? g_strdup_printf("[%s]", setting->section)
		                                      : g_strdup_printf("[%s] %s", setting->section, setting->key->key);
		if (!g_ptr_array_find_with_equal_func(list, name, g_str_equal, NULL))
			g_ptr_array_add(list, g_steal_pointer(&name));
	}
}

char *config_needs_restart(const Config *old, const Config *new)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	add_differences(list, old, new);
	add_differences(list, new, old);
	if (list->len == 0)
		return NULL;
	g_ptr_array_add(list, NULL);
	return g_strjoinv(", ", (char **)list->pdata);
}
