/* SPDX-License-Identifier: ISC */
#include "store/people.h"

#include <sodium.h>
#include <string.h>

#include "store/base64.h"

#define NAME_SIZE 32

G_DEFINE_QUARK(senim-people-error, people_error)

static gboolean fail(GError **error, PeopleErrorCode code, const char *format, ...) G_GNUC_PRINTF(3, 4);
static gboolean fail(GError **error, PeopleErrorCode code, const char *format, ...)
{
	va_list ap;
	va_start(ap, format);
	if (error != NULL)
		*error = g_error_new_valist(PEOPLE_ERROR, (gint)code, format, ap);
	va_end(ap);
	return FALSE;
}

/* --- objects ---------------------------------------------------------------------------------------------------- */

void people_key_free(PeopleKey *key)
{
	if (key == NULL)
		return;
	g_free(key->body);
	g_free(key->card);
	g_free(key);
}

static PeopleKey *key_copy(const PeopleKey *key)
{
	if (key == NULL)
		return NULL;
	PeopleKey *copy = g_memdup2(key, sizeof *key);
	copy->body = g_strdup(key->body);
	copy->card = g_strdup(key->card);
	return copy;
}

static gpointer copy_key(gconstpointer key, gpointer user G_GNUC_UNUSED)
{
	return key_copy(key);
}

static GPtrArray *keys_new(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)people_key_free);
}

static GPtrArray *keys_copy(const GPtrArray *keys)
{
	GPtrArray *copy = keys_new();
	for (guint i = 0; i < keys->len; i++)
		g_ptr_array_add(copy, key_copy(keys->pdata[i]));
	return copy;
}

void people_person_free(PeoplePerson *person)
{
	if (person == NULL)
		return;
	people_key_free(person->next);
	g_clear_pointer(&person->older, g_ptr_array_unref);
	g_clear_pointer(&person->retired, g_ptr_array_unref);
	g_free(person->name);
	g_free(person->role);
	g_free(person->body);
	g_free(person->card);
	g_free(person->by);
	g_free(person->order);
	g_free(person->why);
	g_free(person->cover_by);
	g_free(person->agreed);
	g_free(person);
}

PeoplePerson *people_person_copy(const PeoplePerson *person)
{
	PeoplePerson *copy = g_memdup2(person, sizeof *person);
	copy->name = g_strdup(person->name);
	copy->role = g_strdup(person->role);
	copy->body = g_strdup(person->body);
	copy->card = g_strdup(person->card);
	copy->by = g_strdup(person->by);
	copy->order = g_strdup(person->order);
	copy->why = g_strdup(person->why);
	copy->cover_by = g_strdup(person->cover_by);
	copy->agreed = g_strdup(person->agreed);
	copy->next = key_copy(person->next);
	copy->older = keys_copy(person->older);
	copy->retired = keys_copy(person->retired);
	return copy;
}

/* Her present keys (transfer full). */
static PeopleKey *present_key(const PeoplePerson *person)
{
	const PeopleKey key = {person->body, person->card, {0}, person->expires, person->key_seq};
	PeopleKey *copy = key_copy(&key);
	memcpy(copy->sign, person->sign, sizeof copy->sign);
	return copy;
}

static void take_key(PeoplePerson *person, const PeopleKey *key)
{
	g_free(person->body);
	g_free(person->card);
	person->body = g_strdup(key->body);
	person->card = g_strdup(key->card);
	memcpy(person->sign, key->sign, sizeof person->sign);
	person->expires = key->expires;
	person->key_seq = key->seq;
}

PeoplePerson *people_person_with(const PeoplePerson *person, const PeopleKey *older)
{
	PeoplePerson *copy = people_person_copy(person);
	take_key(copy, older);
	return copy;
}

gboolean people_signed_with(const PeoplePerson *person, const guint8 sign[32], const PeopleKey **older)
{
	*older = NULL;
	if (memcmp(person->sign, sign, sizeof person->sign) == 0)
		return TRUE;
	for (guint i = 0; *older == NULL && i < person->older->len; i++) {
		const PeopleKey *key = person->older->pdata[i];
		*older = memcmp(key->sign, sign, sizeof key->sign) == 0 ? key : NULL;
	}
	return *older != NULL;
}

People *people_new(void)
{
	People *people = g_new0(People, 1);
	people->persons = g_ptr_array_new_with_free_func((GDestroyNotify)people_person_free);
	people->changes = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_atomic_ref_count_init(&people->references);
	return people;
}

People *people_copy(const People *people)
{
	People *copy = people_new();
	copy->upto = people->upto;
	g_array_append_vals(copy->changes, people->changes->data, people->changes->len);
	for (guint i = 0; i < people->persons->len; i++)
		g_ptr_array_add(copy->persons, people_person_copy(people->persons->pdata[i]));
	return copy;
}

People *people_ref(People *people)
{
	g_atomic_ref_count_inc(&people->references);
	return people;
}

void people_unref(People *people)
{
	if (people == NULL || !g_atomic_ref_count_dec(&people->references))
		return;
	g_ptr_array_unref(people->persons);
	g_array_unref(people->changes);
	g_free(people);
}

/* --- who is who ------------------------------------------------------------------------------------------------- */

static PeoplePerson *find(const People *people, const char *name)
{
	for (guint i = 0; name != NULL && i < people->persons->len; i++) {
		PeoplePerson *person = people->persons->pdata[i];
		if (strcmp(person->name, name) == 0)
			return person;
	}
	return NULL;
}

const PeoplePerson *people_find(const People *people, const char *name)
{
	return find(people, name);
}

const char *people_state_word(PeopleState state)
{
	static const char *const words[] = {"unconfirmed", "active", "blocked"};
	return words[state];
}

gboolean people_role_is(const char *role)
{
	static const char *const roles[] = {"officer", "deputy", "escalation", "supervisor", "recovery", NULL};
	return role != NULL && g_strv_contains(roles, role);
}

static gboolean is_recovery(const PeoplePerson *person)
{
	return strcmp(person->role, "recovery") == 0;
}

gboolean people_is_officer(const PeoplePerson *person)
{
	return strcmp(person->role, "officer") == 0 || strcmp(person->role, "deputy") == 0;
}

gboolean people_in_force(const PeoplePerson *person, gint64 now)
{
	return person->state == PEOPLE_ACTIVE && (person->expires == 0 || person->expires > now / G_USEC_PER_SEC);
}

gboolean people_signs_in(const PeoplePerson *person, gint64 now)
{
	return people_in_force(person, now) && !is_recovery(person);
}

gboolean people_reads(const PeoplePerson *person, gint64 now)
{
	return people_in_force(person, now) && strcmp(person->role, "supervisor") != 0;
}

static gboolean is_supervisor(const PeoplePerson *person, gint64 now)
{
	return strcmp(person->role, "supervisor") == 0 && people_in_force(person, now);
}

gboolean people_reads_log(const People *people, const PeoplePerson *person, gint64 now)
{
	if (is_supervisor(person, now))
		return TRUE;
	for (guint i = 0; i < people->persons->len; i++)
		if (is_supervisor(people->persons->pdata[i], now))
			return FALSE;
	return people_in_force(person, now) && strcmp(person->role, "escalation") == 0;
}

gboolean people_is_last(const People *people, const PeoplePerson *person, gint64 now)
{
	for (guint i = 0; i < people->persons->len; i++) {
		const PeoplePerson *other = people->persons->pdata[i];
		if (other != person && people_is_officer(other) && people_reads(other, now))
			return FALSE;
	}
	return people_is_officer(person);
}

static char *sign_text(const PeoplePerson *person)
{
	return is_recovery(person) ? g_strdup("-") : g_base64_encode(person->sign, sizeof person->sign);
}

char *people_line(const PeoplePerson *person)
{
	g_autofree char *sign = sign_text(person);
	return g_strdup_printf("%s %s %s %s %s %" G_GINT64_FORMAT, person->name, person->role, person->body,
	                       person->card != NULL ? person->card : "-", sign, person->expires);
}

char *people_fingerprint(const PeoplePerson *person)
{
	char hex[2 * crypto_hash_sha256_BYTES + 1];
	guint8 hash[crypto_hash_sha256_BYTES];
	g_autofree char *sign = sign_text(person);
	g_autofree char *text = g_strdup_printf("%s\n%s\n%s", person->body, person->card != NULL ? person->card : "-", sign);
	crypto_hash_sha256(hash, (const guint8 *)text, strlen(text));
	return g_strdup(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash));
}

/* --- records ---------------------------------------------------------------------------------------------------- */

static gboolean name_is_good(const char *name)
{
	gsize size = strlen(name);
	return size > 0 && size <= NAME_SIZE && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-") == size;
}

/* NAME ROLE BODY CARD SIGN EXPIRES, as words of a line or lines of a record. */
static PeoplePerson *person_new(const char *const words[6], GError **error)
{
	g_autoptr(PeoplePerson) person = g_new0(PeoplePerson, 1);
	gboolean good = TRUE;
	for (gsize i = 0; i < 6; i++)
		good = good && words[i] != NULL && *words[i] != '\0';
	good = good && name_is_good(words[0]) && people_role_is(words[1]);
	gboolean recovery = good && strcmp(words[1], "recovery") == 0;
	good = good && recovery == (strcmp(words[3], "-") == 0) && recovery == (strcmp(words[4], "-") == 0);
	if (good && !recovery)
		good = base64_read_exactly(words[4], strlen(words[4]), TRUE, person->sign, sizeof person->sign);
	if (good && strcmp(words[5], "-") != 0)
		good = g_ascii_string_to_signed(words[5], 10, 0, G_MAXINT64 / G_USEC_PER_SEC, &person->expires, NULL);
	if (!good) {
		fail(error, PEOPLE_ERROR_FORM, "a reader in a record is of another form");
		return NULL;
	}
	person->name = g_strdup(words[0]);
	person->role = g_strdup(words[1]);
	person->body = g_strdup(words[2]);
	person->card = recovery ? NULL : g_strdup(words[3]);
	person->older = keys_new();
	person->retired = keys_new();
	return g_steal_pointer(&person);
}

PeoplePerson *people_person_read(const char *line, GError **error)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 0);
	if (g_strv_length(words) == 6)
		return person_new((const char *const *)words, error);
	fail(error, PEOPLE_ERROR_FORM, "a reader in a record is of another form");
	return NULL;
}

static gboolean shares_a_key(const PeopleKey *a, const PeopleKey *b)
{
	return strcmp(a->body, b->body) == 0 || g_strcmp0(a->card, b->body) == 0 ||
	       (b->card != NULL && (g_strcmp0(a->card, b->card) == 0 || strcmp(a->body, b->card) == 0)) ||
	       (a->card != NULL && b->card != NULL && memcmp(a->sign, b->sign, sizeof a->sign) == 0);
}

/* A key stands for one person, and is given once: nobody comes with one that stands in the register. */
static gboolean keys_are_new(const People *people, const PeopleKey *key, GError **error)
{
	for (guint i = 0; i < people->persons->len; i++) {
		const PeoplePerson *other = people->persons->pdata[i];
		g_autoptr(GPtrArray) keys = keys_copy(other->older);
		g_ptr_array_add(keys, present_key(other));
		if (other->next != NULL)
			g_ptr_array_add(keys, key_copy(other->next));
		g_ptr_array_extend(keys, other->retired, copy_key, NULL);
		for (guint k = 0; k < keys->len; k++)
			if (shares_a_key(keys->pdata[k], key))
				return fail(error, PEOPLE_ERROR_KEY_TAKEN,
				            "%s has that key in the register already: make a new one with keygen", other->name);
	}
	return TRUE;
}

static gboolean is_new(const People *people, const PeoplePerson *person, GError **error)
{
	if (people_find(people, person->name) != NULL)
		return fail(error, PEOPLE_ERROR_NAME_TAKEN, "%s is in the register already: give another name", person->name);
	PeopleKey *key = present_key(person);
	gboolean good = keys_are_new(people, key, error);
	people_key_free(key);
	return good;
}

static gint64 time_of(const Record *record)
{
	guint64 time = 0;
	record_get_uint(record, "time", G_MAXINT64, &time, NULL);
	return (gint64)time;
}

static gboolean fold_begun(People *people, guint64 seq, const Record *record, GError **error)
{
	g_autoptr(People) made = people_new();
	const char *line;
	for (guint i = 0; (line = record_get_nth(record, "reader", i)) != NULL; i++) {
		g_autoptr(PeoplePerson) person = people_person_read(line, error);
		if (person == NULL)
			return FALSE;
		if (people_find(made, person->name) != NULL)
			return fail(error, PEOPLE_ERROR_FORM, "the reader %s stands twice in the first record", person->name);
		person->state = PEOPLE_ACTIVE;
		person->added = person->since = time_of(record);
		person->since_seq = person->used_seq = person->key_seq = person->confirm_seq = seq;
		g_ptr_array_add(made->persons, g_steal_pointer(&person));
	}
	GPtrArray *persons = people->persons;
	people->persons = made->persons;
	made->persons = persons;
	return TRUE;
}

/* Somebody with the keys that the record names. */
static PeoplePerson *person_of(const Record *record, const char *role, GError **error)
{
	const char *const words[6] = {record_get(record, "name"), role, record_get(record, "body-key"),
	                              record_get(record, "card-key"), record_get(record, "sign-key"),
	                              record_get(record, "expires")};
	return person_new(words, error);
}

static gboolean fold_add(People *people, guint64 seq, const Record *record, PeoplePerson *subject G_GNUC_UNUSED, GError **error)
{
	g_autoptr(PeoplePerson) person = person_of(record, record_get(record, "role"), error);
	if (person == NULL || !is_new(people, person, error))
		return FALSE;
	person->state = PEOPLE_UNCONFIRMED;
	person->by = g_strdup(record_get(record, "officer"));
	person->order = g_strdup(record_get(record, "order"));
	person->added = person->since = time_of(record);
	person->since_seq = person->used_seq = person->key_seq = person->confirm_seq = seq;
	g_ptr_array_add(people->persons, g_steal_pointer(&person));
	return TRUE;
}

static gboolean is_her_own(const Record *record, const PeoplePerson *person)
{
	return g_strcmp0(record_get(record, "officer"), person->name) == 0;
}

static gboolean fold_rotate(People *people, guint64 seq, const Record *record, PeoplePerson *person, GError **error)
{
	g_autoptr(PeoplePerson) newer = person_of(record, person->role, error);
	if (newer == NULL)
		return FALSE;
	if (!is_her_own(record, person) || is_recovery(person) || person->state != PEOPLE_ACTIVE)
		return fail(error, PEOPLE_ERROR_ANNOUNCE, "a newer key is announced by its owner herself, while she is in force");
	PeopleKey *key = present_key(newer);
	if (!keys_are_new(people, key, error)) {
		people_key_free(key);
		return FALSE;
	}
	key->seq = seq;
	people_key_free(person->next);
	person->next = key;
	return TRUE;
}

/* Nobody confirms her own key, unless there is nobody else who could. */
static gboolean fold_confirm_newer(People *people, guint64 seq, const Record *record, PeoplePerson *person, GError **error)
{
	for (guint i = 0; is_her_own(record, person) && i < people->persons->len; i++) {
		const PeoplePerson *other = people->persons->pdata[i];
		if (other != person && people_signs_in(other, time_of(record)))
			return fail(error, PEOPLE_ERROR_OWN_KEY, "nobody confirms her own key: %s does it", other->name);
	}
	g_ptr_array_add(person->older, present_key(person));
	take_key(person, person->next);
	g_clear_pointer(&person->next, people_key_free);
	person->confirm_seq = seq;
	return TRUE;
}

static gboolean fold_retire(People *people G_GNUC_UNUSED, guint64 seq G_GNUC_UNUSED, const Record *record,
                            PeoplePerson *person, GError **error)
{
	if (!is_her_own(record, person) || person->older->len == 0)
		return fail(error, PEOPLE_ERROR_NO_OLDER, "%s has no older key of her own to give up", person->name);
	g_ptr_array_extend_and_steal(person->retired, person->older);
	person->older = keys_new();
	return TRUE;
}

/* Whoever may come back keeps what was sealed to her. */
static gboolean fold_strip(People *people G_GNUC_UNUSED, guint64 seq, const Record *record G_GNUC_UNUSED,
                           PeoplePerson *person, GError **error)
{
	if (person->state != PEOPLE_BLOCKED)
		return fail(error, PEOPLE_ERROR_NOT_BLOCKED, "%s is not blocked", person->name);
	person->stripped = seq;
	return TRUE;
}

static gboolean fold_confirm(People *people, guint64 seq, const Record *record, PeoplePerson *person, GError **error)
{
	if (person->state == PEOPLE_ACTIVE && person->next != NULL)
		return fold_confirm_newer(people, seq, record, person, error);
	if (person->state != PEOPLE_UNCONFIRMED)
		return fail(error, PEOPLE_ERROR_CONFIRMED, "%s is confirmed already", person->name);
	person->state = PEOPLE_ACTIVE;
	person->since = time_of(record);
	person->since_seq = person->used_seq = person->confirm_seq = seq;
	return TRUE;
}

static gboolean fold_unblock(People *people G_GNUC_UNUSED, guint64 seq, const Record *record, PeoplePerson *person, GError **error)
{
	if (person->state != PEOPLE_BLOCKED)
		return fail(error, PEOPLE_ERROR_NOT_BLOCKED, "%s is not blocked", person->name);
	if (g_strcmp0(record_get(record, "officer"), person->name) == 0)
		return fail(error, PEOPLE_ERROR_OWN_UNBLOCK, "nobody unblocks herself");
	person->state = PEOPLE_ACTIVE;
	g_clear_pointer(&person->why, g_free);
	person->ordered = person->blocked = 0;
	person->since = time_of(record);
	person->used = time_of(record); /* the days of inactivity begin anew */
	person->used_seq = seq;
	return TRUE;
}

static gboolean fold_cover(People *people, guint64 seq G_GNUC_UNUSED, const Record *record, PeoplePerson *person, GError **error)
{
	guint64 from, to;
	const PeoplePerson *deputy = people_find(people, record_get(record, "deputy"));
	if (!record_get_uint(record, "from", G_MAXINT64, &from, NULL) || !record_get_uint(record, "to", G_MAXINT64, &to, NULL) ||
	    from >= to)
		return fail(error, PEOPLE_ERROR_FORM, "a leave ends before it begins");
	if (deputy == NULL || deputy == person || deputy->state != PEOPLE_ACTIVE || !people_is_officer(deputy))
		return fail(error, PEOPLE_ERROR_COVER, "whoever stands in for %s is another officer or deputy who is active",
		            person->name);
	person->cover_from = (gint64)from;
	person->cover_to = (gint64)to;
	g_free(person->cover_by);
	person->cover_by = g_strdup(deputy->name);
	return TRUE;
}

static gboolean fold_used(People *people G_GNUC_UNUSED, guint64 seq, const Record *record, PeoplePerson *person,
                          GError **error G_GNUC_UNUSED)
{
	person->used = time_of(record);
	person->used_seq = seq;
	return TRUE;
}

static const struct {
	const char *act;
	gboolean of_somebody; /* who is there already */
	gboolean (*fold)(People *people, guint64 seq, const Record *record, PeoplePerson *person, GError **error);
} key_acts[] = {
	{"add", FALSE, fold_add},         {"confirm", TRUE, fold_confirm}, {"cover", TRUE, fold_cover},
	{"unblock", TRUE, fold_unblock}, {"used", TRUE, fold_used},       {"rotate", TRUE, fold_rotate},
	{"retire", TRUE, fold_retire},    {"strip", TRUE, fold_strip},
};

static gboolean fold_key(People *people, guint64 seq, const Record *record, GError **error)
{
	const char *act = record_get(record, "act");
	for (gsize i = 0; act != NULL && i < G_N_ELEMENTS(key_acts); i++) {
		if (strcmp(key_acts[i].act, act) != 0)
			continue;
		PeoplePerson *person = find(people, record_get(record, "name"));
		if (key_acts[i].of_somebody && person == NULL)
			return fail(error, PEOPLE_ERROR_NOBODY, "there is nobody of that name in the register");
		return key_acts[i].fold(people, seq, record, person, error);
	}
	return TRUE; /* an act on keys that changes nobody's rights */
}

static gboolean fold_blocked(People *people, const Record *record, GError **error)
{
	PeoplePerson *person = find(people, record_get(record, "name"));
	if (person == NULL)
		return fail(error, PEOPLE_ERROR_NOBODY, "there is nobody of that name in the register");
	if (person->state == PEOPLE_BLOCKED)
		return fail(error, PEOPLE_ERROR_BLOCKED, "%s is blocked already", person->name);
	person->state = PEOPLE_BLOCKED;
	g_free(person->why);
	person->why = g_strdup(record_get(record, "why"));
	guint64 ordered = 0;
	record_get_uint(record, "signed", G_MAXINT64, &ordered, NULL); /* by inactivity there is none */
	person->ordered = (gint64)ordered;
	person->blocked = time_of(record);
	return TRUE;
}

/* Of somebody whom this log does not know it says nothing. */
static void fold_agreed(People *people, const Record *record)
{
	PeoplePerson *person = find(people, record_get(record, "officer"));
	if (person == NULL)
		return;
	g_free(person->agreed);
	person->agreed = g_strdup(record_get(record, "digest"));
}

static void fold_exceeded(People *people, const Record *record)
{
	PeoplePerson *person = find(people, record_get(record, "officer"));
	if (person != NULL)
		person->exceeded = time_of(record);
}

/* A reading of one officer's entries, or of a month that is over, says nothing of the others today. */
static void fold_log_read(People *people, const Record *record)
{
	guint64 to = 0;
	PeoplePerson *person = find(people, record_get(record, "officer"));
	record_get_uint(record, "to", G_MAXINT64 / G_USEC_PER_SEC, &to, NULL);
	if (person != NULL && g_strcmp0(record_get(record, "about"), "-") == 0)
		person->log_read = MIN(time_of(record), (gint64)to * G_USEC_PER_SEC);
}

/* RESTORED begins a log, or stands behind what was put back: there it changes nobody, whatever it says of people. */
static gboolean is_first(guint kind, guint64 seq)
{
	return kind == ENTRY_BEGUN || (kind == ENTRY_RESTORED && seq == 0);
}

/* Sign-ins and leaves are many, and say nothing of whose keys are in force. */
static void note_change(People *people, guint kind, guint64 seq, const char *act)
{
	static const char *const acts[] = {"add", "confirm", "retire", "rotate", "unblock", NULL};
	gboolean first = is_first(kind, seq);
	if (first)
		g_array_set_size(people->changes, 0);
	if (first || kind == ENTRY_BLOCKED ||
	    (kind == ENTRY_KEY && act != NULL && g_strv_contains(acts, act)))
		g_array_append_val(people->changes, seq);
}

gboolean people_is_about(guint kind)
{
	return kind == ENTRY_BEGUN || kind == ENTRY_RESTORED || kind == ENTRY_KEY || kind == ENTRY_BLOCKED ||
	       kind == ENTRY_AGREED || kind == ENTRY_EXCEEDED || kind == ENTRY_LOG_READ;
}

gboolean people_fold(People *people, guint kind, guint64 seq, const Record *record, GError **error)
{
	gboolean done = TRUE;
	if (is_first(kind, seq))
		done = fold_begun(people, seq, record, error);
	else if (kind == ENTRY_KEY)
		done = fold_key(people, seq, record, error);
	else if (kind == ENTRY_BLOCKED)
		done = fold_blocked(people, record, error);
	else if (kind == ENTRY_AGREED)
		fold_agreed(people, record);
	else if (kind == ENTRY_EXCEEDED)
		fold_exceeded(people, record);
	else if (kind == ENTRY_LOG_READ)
		fold_log_read(people, record);
	if (!done)
		return FALSE;
	people->upto = seq;
	note_change(people, kind, seq, record_get(record, "act"));
	return TRUE;
}

/* --- whom a message names ------------------------------------------------------------ */

static gboolean is_named(const PeoplePerson *reader, const Record *facts)
{
	const char *name;
	for (guint i = 0; (name = record_get_nth(facts, "named", i)) != NULL; i++)
		if (strcmp(name, reader->name) == 0)
			return TRUE;
	return FALSE;
}

/* role NULL: any. */
static gboolean somebody_opens(const GPtrArray *readers, const Record *facts, const char *role)
{
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = readers->pdata[i];
		if (reader->card != NULL && (role != NULL ? strcmp(reader->role, role) == 0 : !is_named(reader, facts)))
			return TRUE;
	}
	return FALSE;
}

GPtrArray *people_unnamed(const GPtrArray *readers, const Record *facts)
{
	GPtrArray *left = g_ptr_array_new_with_free_func((GDestroyNotify)people_person_free);
	gboolean any = somebody_opens(readers, facts, NULL), above = !any && somebody_opens(readers, facts, "escalation");
	for (guint i = 0; i < readers->len; i++) {
		const PeoplePerson *reader = readers->pdata[i];
		if (!is_named(reader, facts) || (above && strcmp(reader->role, "escalation") == 0) || (!any && !above))
			g_ptr_array_add(left, people_person_copy(reader));
	}
	return left;
}
