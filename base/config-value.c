/* SPDX-License-Identifier: ISC */
#include "base/day.h"
#include "base/config-value.h"

#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#define ADDRESS_MAX 254   /* RFC 5321 4.5.3.1.3: a path of 256 octets with its angle brackets */
#define LOCAL_PART_MAX 64 /* RFC 5321 4.5.3.1.1 */
#define LIST_MAX 64
#define SOCKET_PATH_MAX (sizeof((struct sockaddr_un *)0)->sun_path - 1)
#define LONGEST_SOCKET_NAME "/milter.sock"

/* --- pieces ------------------------------------------------------------------- */

gboolean config_value_is_name(const char *text)
{
	gsize size = strlen(text);
	return size >= 1 && size <= 32 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-") == size &&
	       strspn(text, ".") != size;
}

/* RFC 5322 dot-atom: what a published mailbox is made of; a quoted local part is no address to print on a poster. */
static gboolean is_local_part(const char *text, gsize size)
{
	if (size == 0 || size > LOCAL_PART_MAX || text[0] == '.' || text[size - 1] == '.')
		return FALSE;
	for (gsize i = 0; i < size; i++)
		if (!g_ascii_isalnum(text[i]) && strchr("!#$%&'*+-/=?^_`{|}~.", text[i]) == NULL)
			return FALSE;
		else if (text[i] == '.' && text[i + 1] == '.')
			return FALSE;
	return TRUE;
}

static gboolean is_label(const char *label)
{
	gsize size = strlen(label);
	return size >= 1 && size <= 63 && strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-") == size &&
	       label[0] != '-' && label[size - 1] != '-';
}

/* The domain in lower-case ASCII, or NULL. */
static char *read_domain(const char *text)
{
	g_autofree char *ascii = g_hostname_to_ascii(text);
	if (ascii == NULL)
		return NULL;
	g_autofree char *lower = g_ascii_strdown(ascii, -1);
	g_auto(GStrv) labels = g_strsplit(lower, ".", -1);
	for (guint i = 0; labels[i] != NULL; i++)
		if (!is_label(labels[i]))
			return NULL;
	return lower[0] != '\0' && strlen(lower) <= 253 ? g_steal_pointer(&lower) : NULL;
}

char *config_value_address(const char *text)
{
	const char *at = strrchr(text, '@');
	if (at == NULL || !is_local_part(text, (gsize)(at - text)))
		return NULL;
	g_autofree char *domain = read_domain(at + 1);
	if (domain == NULL)
		return NULL;
	g_autofree char *address = g_strdup_printf("%.*s@%s", (int)(at - text), text, domain);
	return strlen(address) <= ADDRESS_MAX ? g_steal_pointer(&address) : NULL;
}

/* Digits alone, without a sign or a leading zero, from the front of *text. */
static gboolean take_number(const char **text, guint64 most, guint64 *number)
{
	gsize digits = strspn(*text, "0123456789");
	if (digits == 0 || digits > 15 || (digits > 1 && **text == '0'))
		return FALSE;
	*number = g_ascii_strtoull(*text, NULL, 10);
	*text += digits;
	return *number <= most;
}

static void skip_blanks(const char **text)
{
	*text += strspn(*text, " \t");
}

typedef struct {
	const char *word;
	guint64 factor;
} Unit;

/* The unit that is all the rest of the text; 0 where it is none. */
static guint64 unit_factor(const char *text, const Unit *units)
{
	skip_blanks(&text);
	for (; units->word != NULL; units++)
		if (strcmp(units->word, text) == 0)
			return units->factor;
	return 0;
}

/* --- one value ---------------------------------------------------------------- */

static gboolean read_size(const ConfigKey *key, const char *text, guint64 *size)
{
	static const Unit units[] = {{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0}};
	guint64 number;
	if (!take_number(&text, 1 << 20, &number))
		return FALSE;
	*size = number * unit_factor(text, units);
	return *size >= key->least && *size <= key->most;
}

/* "2-15 min", or one figure for both ends. */
static gboolean read_duration(const ConfigKey *key, const char *text, guint *ends)
{
	static const Unit units[] = {{"s", 1}, {"min", 60}, {"h", 3600}, {NULL, 0}};
	guint64 least, most;
	if (!take_number(&text, G_MAXUINT16, &least))
		return FALSE;
	most = least;
	if (*text == '-') {
		text++;
		if (!take_number(&text, G_MAXUINT16, &most))
			return FALSE;
	}
	guint64 factor = unit_factor(text, units);
	if (factor == 0 || least > most || least * factor < key->least || most * factor > key->most)
		return FALSE;
	ends[0] = (guint)(least * factor);
	ends[1] = (guint)(most * factor);
	return TRUE;
}

/* "3/day; 10/week": each once, in either order. */
static gboolean read_rates(const char *text, guint *rates)
{
	guint64 found[2];
	gboolean seen[2] = {FALSE, FALSE};
	g_auto(GStrv) items = g_strsplit(text, ";", -1);
	for (guint i = 0; items[i] != NULL; i++) {
		const char *item = g_strstrip(items[i]);
		guint64 number;
		if (!take_number(&item, 100000, &number))
			return FALSE;
		gboolean week = strcmp(item, "/week") == 0;
		if ((!week && strcmp(item, "/day") != 0) || seen[week])
			return FALSE;
		seen[week] = TRUE;
		found[week] = number;
	}
	if (!seen[0] || !seen[1])
		return FALSE;
	rates[0] = (guint)found[0];
	rates[1] = (guint)found[1];
	return TRUE;
}

/* HH:MM from the front of *text, up to 24:00. */
static gboolean take_clock(const char **text, guint *minutes)
{
	const char *t = *text;
	if (!g_ascii_isdigit(t[0]) || !g_ascii_isdigit(t[1]) || t[2] != ':' || !g_ascii_isdigit(t[3]) ||
	    !g_ascii_isdigit(t[4]))
		return FALSE;
	guint hour = (guint)(t[0] - '0') * 10 + (guint)(t[1] - '0');
	guint minute = (guint)(t[3] - '0') * 10 + (guint)(t[4] - '0');
	*minutes = hour * 60 + minute;
	*text += 5;
	return minute < 60 && *minutes <= 24 * 60;
}

static gboolean read_hours(const char *text, guint *hours)
{
	guint opens, closes;
	if (!take_clock(&text, &opens) || *text++ != '-' || !take_clock(&text, &closes) || *text != '\0' || opens >= closes)
		return FALSE;
	hours[0] = opens;
	hours[1] = closes;
	return TRUE;
}

static gboolean read_word(const ConfigKey *key, const char *text, guint *index)
{
	g_auto(GStrv) words = g_strsplit(key->words, "|", -1);
	for (guint i = 0; words[i] != NULL; i++)
		if (strcmp(words[i], text) == 0) {
			*index = i;
			return TRUE;
		}
	return FALSE;
}

static gboolean read_count(const ConfigKey *key, const char *text, guint *number)
{
	guint64 n;
	if (!take_number(&text, key->most, &n) || *text != '\0' || n < key->least)
		return FALSE;
	*number = (guint)n;
	return TRUE;
}

/* A place, not an offset such as +05: an offset has no history, and Kazakhstan's changed in 2024. */
static gboolean is_zone(const char *text)
{
	if (!g_ascii_isalpha(text[0]) || strstr(text, "..") != NULL)
		return FALSE;
	g_autoptr(GTimeZone) zone = g_time_zone_new_identifier(text);
	return zone != NULL;
}

static gboolean is_path(const char *text)
{
	return text[0] == '/' && text[1] != '\0';
}

/* PORT@HOST on this machine alone: a report in clear goes over no wire. */
static gboolean is_loopback(const char *text, const char *const *hosts)
{
	guint64 port;
	if (!take_number(&text, 65535, &port) || port == 0 || *text++ != '@')
		return FALSE;
	return g_strv_contains(hosts, text);
}

/* One that the unit's socket hands over: 0 to 2 are taken. */
static gboolean is_descriptor(const char *text)
{
	guint64 n;
	return take_number(&text, 1023, &n) && n >= 3 && *text == '\0';
}

static gboolean is_socket(const char *text)
{
	static const char *const v4[] = {"127.0.0.1", "localhost", NULL};
	static const char *const v6[] = {"::1", NULL};
	if (g_str_has_prefix(text, "fd:"))
		return is_descriptor(text + 3);
	if (g_str_has_prefix(text, "unix:"))
		return is_path(text + 5) && strlen(text + 5) <= SOCKET_PATH_MAX;
	if (g_str_has_prefix(text, "inet:"))
		return is_loopback(text + 5, v4);
	return g_str_has_prefix(text, "inet6:") && is_loopback(text + 6, v6);
}

/* smtp:// to this machine alone, since a reporter's address in clear goes over no wire; or a command by its path. */
static gboolean is_submit(const char *text)
{
	static const char *const hosts[] = {"127.0.0.1:", "localhost:", "[::1]:", NULL};
	g_auto(GStrv) words = NULL;
	if (!g_str_has_prefix(text, "smtp:"))
		return is_path(text) && g_shell_parse_argv(text, NULL, &words, NULL);
	for (guint i = 0; hosts[i] != NULL; i++) {
		g_autofree char *front = g_strconcat("smtp://", hosts[i], NULL);
		const char *digits = text + strlen(front);
		guint64 port;
		if (g_str_has_prefix(text, front) && take_number(&digits, 65535, &port) && port > 0 && *digits == '\0')
			return TRUE;
	}
	return FALSE;
}

static gboolean is_custody_key(const char *text)
{
	if (strcmp(text, "ask") == 0)
		return TRUE;
	if (g_str_has_prefix(text, "file:"))
		return is_path(text + strlen("file:"));
	return g_str_has_prefix(text, "credential:") && config_value_is_name(text + strlen("credential:"));
}

/* Characters that no local part needs and no syntax uses. */
static gboolean is_delimiter(const char *text)
{
	return strspn(text, "+-._=~!#$%&*/?^|") == strlen(text) && strlen(text) <= 8;
}

/* RFC 8601 2.5: usually a host name; a list or a blank would never match one. */
static gboolean is_authserv_id(const char *text)
{
	g_autofree char *domain = read_domain(text);
	return domain != NULL;
}

/* bech32 of an X25519 key: its checksum is for whoever seals to it (store/age.h). */
static gboolean is_recipient(const char *text)
{
	return g_str_has_prefix(text, "age1") && strlen(text) == 62 &&
	       strspn(text + 4, "qpzry9x8gf2tvdw0s3jn54khce6mua7l") == 58;
}

/* NAME+KEYID+BASE64 of a key of type 4 (C2SP signed-note, tlog-cosignature): its key id is for whoever verifies by it
 * (store/note.h). */
static gboolean is_witness(const char *text)
{
	const char *plus = strchr(text, '+');
	gsize size = 0;
	if (plus == NULL || plus == text || strspn(plus + 1, "0123456789abcdef") != 8 || plus[9] != '+' || strlen(plus + 10) != 44)
		return FALSE;
	g_autofree guchar *key = g_base64_decode(plus + 10, &size);
	return size == 33 && key[0] == 4 && strchr(text, ' ') == NULL;
}

/* As gpg shows it, in groups, or in one piece: upper case without blanks. */
static char *read_fingerprint(const char *text)
{
	g_autoptr(GString) digits = g_string_new(NULL);
	for (const char *p = text; *p != '\0'; p++)
		if (g_ascii_isxdigit(*p))
			g_string_append_c(digits, g_ascii_toupper(*p));
		else if (*p != ' ')
			return NULL;
	return digits->len == 40 ? g_string_free(g_steal_pointer(&digits), FALSE) : NULL;
}

/* The text as the field keeps it, or NULL where it is not of the type. */
static char *read_text(ConfigType type, const char *text)
{
	GDate day;
	gboolean good = TRUE;
	switch (type) {
	case CONFIG_TYPE_ADDRESS: return config_value_address(text);
	case CONFIG_TYPE_FINGERPRINT: return read_fingerprint(text);
	case CONFIG_TYPE_RECIPIENT: good = is_recipient(text); break;
	case CONFIG_TYPE_DATE: good = day_read(text, &day); break;
	case CONFIG_TYPE_WITNESS: good = is_witness(text); break;
	case CONFIG_TYPE_ZONE: good = is_zone(text); break;
	case CONFIG_TYPE_PATH: good = is_path(text); break;
	case CONFIG_TYPE_DIRECTORY: good = is_path(text) && strlen(text) + strlen(LONGEST_SOCKET_NAME) <= SOCKET_PATH_MAX; break;
	case CONFIG_TYPE_SOCKET: good = is_socket(text); break;
	case CONFIG_TYPE_SUBMIT: good = is_submit(text); break;
	case CONFIG_TYPE_CUSTODY: good = is_custody_key(text); break;
	case CONFIG_TYPE_DELIMITER: good = is_delimiter(text); break;
	case CONFIG_TYPE_AUTHSERV: good = is_authserv_id(text); break;
	default: break;
	}
	return good ? g_strdup(text) : NULL;
}

/* --- lists -------------------------------------------------------------------- */

/* A moment of a day: not its end. */
static gboolean is_clock(const char *text)
{
	guint minutes;
	return take_clock(&text, &minutes) && *text == '\0' && minutes < 24 * 60;
}

/* "mail:ADDRESS" or "command:/PATH"; a command takes its words from us alone. */
static char *read_alarm(const char *item)
{
	if (g_str_has_prefix(item, "command:"))
		return is_path(item + strlen("command:")) ? g_strdup(item) : NULL;
	g_autofree char *address = g_str_has_prefix(item, "mail:") ? config_value_address(item + strlen("mail:")) : NULL;
	return address != NULL ? g_strconcat("mail:", address, NULL) : NULL;
}

static char *read_item(ConfigType type, const char *item)
{
	switch (type) {
	case CONFIG_TYPE_NAMES:
		return config_value_is_name(item) ? g_strdup(item) : NULL;
	case CONFIG_TYPE_DOMAINS:
		return read_domain(item);
	case CONFIG_TYPE_LANGUAGES: {
		static const char *const languages[] = {"kk", "ru", "en", NULL};
		return g_strv_contains(languages, item) ? g_strdup(item) : NULL;
	}
	case CONFIG_TYPE_ALSO: {
		if (item[0] != '@')
			return config_value_address(item);
		g_autofree char *domain = read_domain(item + 1);
		return domain != NULL ? g_strconcat("@", domain, NULL) : NULL;
	}
	case CONFIG_TYPE_CLOCKS:
		return is_clock(item) ? g_strdup(item) : NULL;
	case CONFIG_TYPE_ALARMS:
		return read_alarm(item);
	default:
		return g_strdup(item);
	}
}

/* Items between `;`, blanks stripped; one `;` at the end is forgiven, an empty or repeated item is not. */
static char **read_list(const ConfigKey *key, const char *text)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) items = g_strsplit(text, ";", -1);
	for (guint i = 0; items[i] != NULL; i++) {
		const char *item = g_strstrip(items[i]);
		if (*item == '\0' && items[i + 1] == NULL && (i > 0 || key->may_be_empty))
			break;
		g_autofree char *value = *item != '\0' ? read_item(key->type, item) : NULL;
		if (value == NULL || list->len == LIST_MAX ||
		    g_ptr_array_find_with_equal_func(list, value, g_str_equal, NULL))
			return NULL;
		g_ptr_array_add(list, g_steal_pointer(&value));
	}
	g_ptr_array_add(list, NULL);
	return (char **)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

/* --- by the table ------------------------------------------------------------- */

static gboolean is_list(ConfigType type)
{
	return type == CONFIG_TYPE_TEXTS || type == CONFIG_TYPE_NAMES || type == CONFIG_TYPE_DOMAINS ||
	       type == CONFIG_TYPE_ALSO || type == CONFIG_TYPE_LANGUAGES || type == CONFIG_TYPE_CLOCKS ||
	       type == CONFIG_TYPE_ALARMS;
}

static gboolean is_number(ConfigType type)
{
	return type >= CONFIG_TYPE_WORD;
}

static gboolean read_figures(const ConfigKey *key, const char *text, gpointer field)
{
	switch (key->type) {
	case CONFIG_TYPE_WORD: return read_word(key, text, field);
	case CONFIG_TYPE_NUMBER: return read_count(key, text, field);
	case CONFIG_TYPE_DURATION: return read_duration(key, text, field);
	case CONFIG_TYPE_RATES: return read_rates(text, field);
	case CONFIG_TYPE_HOURS: return read_hours(text, field);
	default: return FALSE;
	}
}

gboolean config_value_read(const ConfigKey *key, const char *text, gpointer base)
{
	gpointer field = G_STRUCT_MEMBER_P(base, (glong)key->field);
	if (key->type == CONFIG_TYPE_SIZE) {
		guint64 size;
		if (!read_size(key, text, &size))
			return FALSE;
		*(guint64 *)field = size;
		return TRUE;
	}
	if (is_number(key->type))
		return read_figures(key, text, field);
	if (*text == '\0' && !key->may_be_empty)
		return FALSE;
	if (is_list(key->type)) {
		char **list = read_list(key, text);
		if (list == NULL)
			return FALSE;
		g_strfreev(*(char ***)field);
		*(char ***)field = list;
		return TRUE;
	}
	char *value = *text == '\0' ? g_strdup("") : read_text(key->type, text);
	if (value == NULL)
		return FALSE;
	g_free(*(char **)field);
	*(char **)field = value;
	return TRUE;
}

void config_value_clear(const ConfigKey *key, gpointer base)
{
	gpointer field = G_STRUCT_MEMBER_P(base, (glong)key->field);
	if (is_number(key->type))
		return;
	if (is_list(key->type))
		g_clear_pointer((char ***)field, g_strfreev);
	else
		g_clear_pointer((char **)field, g_free);
}
