/* SPDX-License-Identifier: ISC */
#include "store/people-config.h"

#include <string.h>

#include "store/keyfile.h"

#define GRACE (3 * G_TIME_SPAN_DAY)
#define NOTE "people"

static const struct {
	const char *role, *key;
	gsize field; /* of ConfigMailbox */
} lists[] = {
	{"officer", "officers", offsetof(ConfigMailbox, officers)},
	{"deputy", "deputies", offsetof(ConfigMailbox, deputies)},
	{"escalation", "escalation", offsetof(ConfigMailbox, escalation)},
	{"supervisor", "supervisors", offsetof(ConfigMailbox, supervisors)},
};

/* One mailbox while it is compared. */
typedef struct {
	const Config *config;
	const ConfigMailbox *mailbox;
	const People *people;
	gint64 now;
} Compare;

static gboolean differs(GError **error, const Compare *compare, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean differs(GError **error, const Compare *compare, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	g_autofree char *what = g_strdup_vprintf(format, ap);
	va_end(ap);
	g_set_error(error, CONFIG_ERROR, 0, "%s and the register of %s differ: %s", compare->config->file,
	            compare->mailbox->address, what);
	return FALSE;
}

static char **names_of(const ConfigMailbox *mailbox, gsize i)
{
	return *(char ***)G_STRUCT_MEMBER_P(mailbox, lists[i].field);
}

/* --- whom the configuration names ----------------------------------------------------------------------- */

static gboolean is_one_of(const GPtrArray *keys, const KeyfilePublic *half)
{
	for (guint i = 0; i < keys->len; i++) {
		const PeopleKey *key = keys->pdata[i];
		if (strcmp(key->body, half->body) == 0 && g_strcmp0(key->card, half->card) == 0 &&
		    memcmp(key->sign, half->sign, sizeof half->sign) == 0)
			return TRUE;
	}
	return FALSE;
}

/* An older key of hers names her as well: a change of keys asks nothing of whoever keeps the file. */
static gboolean is_same_key(const PeoplePerson *person, const KeyfilePublic *half)
{
	if (is_one_of(person->older, half) || is_one_of(person->retired, half))
		return TRUE;
	return strcmp(person->body, half->body) == 0 &&
	       (person->card == NULL || (g_strcmp0(person->card, half->card) == 0 &&
	                                 memcmp(person->sign, half->sign, sizeof half->sign) == 0));
}

static gboolean check_key(const Compare *compare, const PeoplePerson *person, const char *kind, const char *path, GError **error)
{
	g_autoptr(GError) cause = NULL;
	g_autoptr(KeyfilePublic) half = keyfile_public_read(path, &cause);
	if (half == NULL)
		return differs(error, compare, "[%s %s] public cannot be read (%s): put her public half there", kind, person->name,
		               cause->message);
	return is_same_key(person, half) ||
	       differs(error, compare,
	               "[%s %s] public = %s is another key than hers in the register: put hers there; a new key is entered by an "
	               "officer, and not by this file",
	               kind, person->name, path);
}

static gboolean check_named(const Compare *compare, const char *key, const char *role, const char *name, const char *path,
                            GError **error)
{
	const char *kind = strcmp(role, "recovery") == 0 ? "recovery" : "officer";
	const PeoplePerson *person = people_find(compare->people, name);
	if (person == NULL && strcmp(role, "recovery") == 0)
		return differs(error, compare, "%s names %s, whom the register does not know: take the name out", key, name);
	if (person == NULL)
		return differs(error, compare,
		               "%s names %s, whom the register does not know: take the name out until an officer has typed `senim "
		               "officer add %s FILE.pub --role %s --order NUMBER`",
		               key, name, name, role);
	if (!people_in_force(person, compare->now))
		return TRUE;
	if (strcmp(person->role, role) != 0)
		return differs(error, compare, "%s names %s, who is %s in the register: name her there", key, name, person->role);
	return check_key(compare, person, kind, path, error);
}

static gboolean check_list(const Compare *compare, gsize i, GError **error)
{
	char **names = names_of(compare->mailbox, i);
	for (guint n = 0; names[n] != NULL; n++)
		if (!check_named(compare, lists[i].key, lists[i].role, names[n], config_officer(compare->config, names[n])->public,
		                 error))
			return FALSE;
	return TRUE;
}

static gboolean check_recoveries(const Compare *compare, GError **error)
{
	const Config *config = compare->config;
	for (guint n = 0; config->recovery[n] != NULL; n++)
		for (guint i = 0; i < config->n_recoveries; i++)
			if (strcmp(config->recoveries[i].name, config->recovery[n]) == 0 &&
			    !check_named(compare, "recovery", "recovery", config->recovery[n], config->recoveries[i].public, error))
				return FALSE;
	return TRUE;
}

/* --- whom it lacks ------------------------------------------------------------------------------------------ */

static const char *key_of_role(const char *role)
{
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		if (strcmp(lists[i].role, role) == 0)
			return lists[i].key;
	return "recovery";
}

static gboolean is_there(const Compare *compare, const char *name)
{
	gboolean there = g_strv_contains((const char *const *)compare->config->recovery, name);
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		there = there || g_strv_contains((const char *const *)names_of(compare->mailbox, i), name);
	return there;
}

static gboolean check_missing(const Compare *compare, char **lacks, GError **error)
{
	for (guint i = 0; i < compare->people->persons->len; i++) {
		const PeoplePerson *person = compare->people->persons->pdata[i];
		if (!people_in_force(person, compare->now) || is_there(compare, person->name))
			continue;
		g_autofree char *what = g_strdup_printf("%s is %s in the register and does not stand in the file: name her under %s, or let an "
		                                        "officer type `senim officer block %s`",
		                                        person->name, person->role, key_of_role(person->role), person->name);
		if (compare->now - person->since > GRACE)
			return differs(error, compare, "%s", what);
		if (*lacks == NULL)
			*lacks = g_strdup_printf("%s and the register of %s differ, and three days after that no mail is taken at a start: %s",
			                         compare->config->file, compare->mailbox->address, what);
	}
	return TRUE;
}

gboolean people_config_agrees(const Config *config, const ConfigMailbox *mailbox, const People *people, gint64 now,
                              char **lacks, GError **error)
{
	const Compare compare = {config, mailbox, people, now};
	*lacks = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
		if (!check_list(&compare, i, error))
			return FALSE;
	if (check_recoveries(&compare, error) && check_missing(&compare, lacks, error))
		return TRUE;
	g_clear_pointer(lacks, g_free);
	return FALSE;
}

/* --- the note --------------------------------------------------------------------------------------------------- */

void people_config_note(GString *text, const char *mailbox, const People *people)
{
	g_string_append_printf(text, "mailbox %s\n", mailbox);
	for (guint i = 0; i < people->persons->len; i++) {
		const PeoplePerson *person = people->persons->pdata[i];
		g_autofree char *line = people_line(person);
		g_string_append_printf(text, "%s %" G_GINT64_FORMAT " %s\n", people_state_word(person->state), person->since, line);
	}
}

static char *note_path(const Config *config)
{
	return g_build_filename(config->state_directory, NOTE, NULL);
}

gboolean people_config_write_note(const Config *config, const GString *text, GError **error)
{
	g_autofree char *path = note_path(config);
	return g_file_set_contents_full(path, text->str, (gssize)text->len, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

/* "STATE SINCE NAME …" (transfer full); NULL: another form. */
static PeoplePerson *read_noted(const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 3);
	g_autoptr(PeoplePerson) person = g_strv_length(words) == 3 ? people_person_read(words[2], NULL) : NULL;
	if (person == NULL || !g_ascii_string_to_signed(words[1], 10, 0, G_MAXINT64, &person->since, NULL))
		return NULL;
	for (PeopleState state = PEOPLE_UNCONFIRMED; state <= PEOPLE_BLOCKED; state++)
		if (strcmp(people_state_word(state), words[0]) == 0)
			person->state = state;
	return g_steal_pointer(&person);
}

/* The people of one mailbox in the note; NULL where it does not stand there. */
static People *find_noted(char **lines, const char *mailbox)
{
	g_autoptr(People) people = NULL;
	g_autofree char *head = g_strconcat("mailbox ", mailbox, NULL);
	for (guint i = 0; lines[i] != NULL; i++) {
		if (g_str_has_prefix(lines[i], "mailbox ")) {
			if (people != NULL)
				break;
			if (strcmp(lines[i], head) == 0)
				people = people_new();
			continue;
		}
		PeoplePerson *person = people != NULL ? read_noted(lines[i]) : NULL;
		if (person != NULL)
			g_ptr_array_add(people->persons, person);
	}
	return g_steal_pointer(&people);
}

gboolean people_config_agrees_with_note(const Config *config, gint64 now, GPtrArray *lacks, GError **error)
{
	g_autofree char *path = note_path(config), *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return TRUE;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (guint i = 0; i < config->n_mailboxes; i++) {
		char *lack = NULL;
		g_autoptr(People) people = find_noted(lines, config->mailboxes[i].address);
		if (people != NULL && !people_config_agrees(config, &config->mailboxes[i], people, now, &lack, error))
			return FALSE;
		if (lack != NULL)
			g_ptr_array_add(lacks, lack);
	}
	return TRUE;
}
