/* SPDX-License-Identifier: ISC */
#include "cli/doctor-mta.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/doctor-look.h"

#define POSTCONF_SECONDS 20

static void service_free(gpointer data)
{
	MtaService *service = data;
	g_free(service->name);
	g_free(service->type);
	g_free(service->command);
	g_free(service->words);
	g_hash_table_unref(service->overrides);
	g_free(service);
}

void doctor_mta_free(Mta *mta)
{
	if (mta == NULL)
		return;
	g_free(mta->directory);
	g_hash_table_unref(mta->settings);
	g_ptr_array_unref(mta->services);
	g_free(mta);
}

static GHashTable *new_settings(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

/* "NAME = VALUE", or "NAME =". */
static void take_setting(GHashTable *settings, const char *line)
{
	const char *equals = strchr(line, '=');
	if (equals != NULL)
		g_hash_table_insert(settings, g_strstrip(g_strndup(line, (gsize)(equals - line))), g_strstrip(g_strdup(equals + 1)));
}

/* master(5): NAME TYPE PRIVATE UNPRIVILEGED CHROOT WAKEUP MAXPROC COMMAND WORD… */
static void take_service(Mta *mta, const char *line)
{
	g_autoptr(GPtrArray) words = g_ptr_array_new();
	g_auto(GStrv) all = g_strsplit_set(line, " \t", -1);
	for (char **word = all; *word != NULL; word++)
		if (**word != '\0')
			g_ptr_array_add(words, *word);
	if (words->len < 8)
		return;
	MtaService *service = g_new0(MtaService, 1);
	GString *rest = g_string_new(NULL);
	for (guint i = 8; i < words->len; i++)
		g_string_append_printf(rest, "%s%s", i > 8 ? " " : "", (const char *)words->pdata[i]);
	const char *chroot = words->pdata[4];
	service->name = g_strdup(words->pdata[0]);
	service->type = g_strdup(words->pdata[1]);
	service->command = g_path_get_basename(words->pdata[7]);
	service->words = g_string_free(rest, FALSE);
	/* The default was `y` before Postfix 3.0, and is where compatibility_level is still 0. */
	service->chroot = *chroot == 'y' || (*chroot == '-' && strtod(doctor_mta_get(mta, NULL, "compatibility_level"), NULL) < 1);
	service->overrides = new_settings();
	g_ptr_array_add(mta->services, service);
}

/* "NAME/TYPE/SETTING = VALUE"; NAME may hold slashes no more than a setting may. */
static void take_override(const Mta *mta, const char *line)
{
	g_auto(GStrv) parts = g_strsplit(line, "/", 3);
	const MtaService *service = g_strv_length(parts) == 3 ? doctor_mta_service(mta, parts[0], parts[1]) : NULL;
	if (service != NULL)
		take_setting(service->overrides, parts[2]);
}

Mta *doctor_mta_parse(const char *directory, const char *settings, const char *services, const char *overrides)
{
	Mta *mta = g_new0(Mta, 1);
	g_auto(GStrv) lines = g_strsplit(settings, "\n", -1), rows = g_strsplit(services, "\n", -1);
	g_auto(GStrv) more = g_strsplit(overrides, "\n", -1);
	mta->directory = g_strdup(directory);
	mta->settings = new_settings();
	mta->services = g_ptr_array_new_with_free_func(service_free);
	for (char **line = lines; *line != NULL; line++)
		take_setting(mta->settings, *line);
	for (char **row = rows; *row != NULL; row++)
		take_service(mta, *row);
	for (char **line = more; *line != NULL; line++)
		take_override(mta, *line);
	return mta;
}

static gboolean ask(const char *directory, const char *what, const char *more, DoctorRun *run)
{
	const char *const here[] = {"postconf", what, more, NULL};
	const char *const there[] = {"postconf", "-c", directory, what, more, NULL};
	return doctor_look_run(directory != NULL ? there : here, POSTCONF_SECONDS, run);
}

/* directory NULL: Postfix's own. */
static Mta *read_instance(const char *directory)
{
	g_auto(DoctorRun) first = {0}, second = {0}, third = {0};
	if (!ask(directory, "-x", NULL, &first) || !ask(directory, "-M", NULL, &second) || !ask(directory, "-P", "-x", &third))
		return NULL;
	g_autofree char *place = g_strconcat("\n", first.out, NULL);
	const char *line = strstr(place, "\nconfig_directory = ");
	g_autofree char *own = line != NULL ? g_strndup(line + 20, strcspn(line + 20, "\n")) : g_strdup("/etc/postfix");
	return doctor_mta_parse(directory != NULL ? directory : own, first.out, second.out, third.out);
}

gboolean doctor_mta_asks_us(const Mta *mta, const Config *config)
{
	for (guint i = 0; i < mta->services->len; i++) {
		const MtaService *service = mta->services->pdata[i];
		if (!doctor_mta_is_smtpd(service))
			continue;
		g_autoptr(GPtrArray) milters = doctor_mta_milters(doctor_mta_get(mta, service, "smtpd_milters"));
		for (guint k = 0; k < milters->len; k++)
			if (doctor_mta_is_ours(mta, service, milters->pdata[k], config))
				return TRUE;
	}
	return FALSE;
}

Mta *doctor_mta_find(const char *directory, const Config *config)
{
	if (!doctor_look_has("postconf"))
		return NULL;
	g_autoptr(Mta) first = read_instance(directory);
	if (directory != NULL || first == NULL || doctor_mta_asks_us(first, config))
		return g_steal_pointer(&first);
	g_auto(GStrv) others = doctor_mta_words(doctor_mta_get(first, NULL, "multi_instance_directories"));
	for (char **other = others; *other != NULL; other++) {
		g_autoptr(Mta) mta = read_instance(*other);
		if (mta != NULL && doctor_mta_asks_us(mta, config))
			return g_steal_pointer(&mta);
	}
	return g_steal_pointer(&first);
}

/* --- asking --------------------------------------------------------------------------------------------------------------- */

const char *doctor_mta_get(const Mta *mta, const MtaService *service, const char *name)
{
	const char *value = service != NULL ? g_hash_table_lookup(service->overrides, name) : NULL;
	if (value == NULL)
		value = g_hash_table_lookup(mta->settings, name);
	return value != NULL ? value : "";
}

const MtaService *doctor_mta_service(const Mta *mta, const char *name, const char *type)
{
	for (guint i = 0; i < mta->services->len; i++) {
		const MtaService *service = mta->services->pdata[i];
		if (strcmp(service->name, name) == 0 && strcmp(service->type, type) == 0)
			return service;
	}
	return NULL;
}

gboolean doctor_mta_is_smtpd(const MtaService *service)
{
	return strcmp(service->command, "smtpd") == 0;
}

char **doctor_mta_words(const char *value)
{
	g_auto(GStrv) all = g_strsplit_set(value, ", \t\n", -1);
	GPtrArray *words = g_ptr_array_new();
	for (char **word = all; *word != NULL; word++)
		if (**word != '\0')
			g_ptr_array_add(words, g_strdup(*word));
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

guint64 doctor_mta_seconds(const char *value)
{
	char *unit;
	guint64 n = g_ascii_strtoull(value, &unit, 10);
	switch (*unit) {
	case 'm': return n * 60;
	case 'h': return n * 3600;
	case 'd': return n * 86400;
	case 'w': return n * 7 * 86400;
	default: return n;
	}
}

/* --- milters ---------------------------------------------------------------------------------------------------------------- */

static void milter_free(gpointer data)
{
	MtaMilter *milter = data;
	g_free(milter->endpoint);
	g_hash_table_unref(milter->options);
	g_free(milter);
}

static MtaMilter *read_milter(const char *text, gsize size)
{
	g_autofree char *item = g_strndup(text, size);
	g_auto(GStrv) words = doctor_mta_words(item);
	MtaMilter *milter = g_new0(MtaMilter, 1);
	milter->endpoint = g_strdup(words[0] != NULL ? words[0] : "");
	milter->options = new_settings();
	for (guint i = 1; words[0] != NULL && words[i] != NULL; i++)
		take_setting(milter->options, words[i]);
	return milter;
}

/* "unix:A, { unix:B, default_action = tempfail }": a blank round the sign is allowed within the braces. */
GPtrArray *doctor_mta_milters(const char *value)
{
	GPtrArray *list = g_ptr_array_new_with_free_func(milter_free);
	g_autoptr(GString) text = g_string_new(value);
	g_string_replace(text, " =", "=", 0);
	g_string_replace(text, "= ", "=", 0);
	for (const char *p = text->str; *(p += strspn(p, ", \t\n")) != '\0';) {
		gboolean braces = *p == '{';
		p += braces;
		gsize size = strcspn(p, braces ? "}" : ", \t\n");
		g_ptr_array_add(list, read_milter(p, size));
		p += size;
		p += *p == '}';
	}
	return list;
}

const char *doctor_mta_option(const Mta *mta, const MtaService *service, const MtaMilter *milter, const char *name)
{
	g_autofree char *setting = g_strconcat("milter_", name, NULL);
	const char *value = g_hash_table_lookup(milter->options, name);
	return value != NULL ? value : doctor_mta_get(mta, service, setting);
}

char *doctor_mta_path(const Mta *mta, const MtaService *service, const MtaMilter *milter)
{
	const char *path = strchr(milter->endpoint, ':');
	if (path == NULL || (!g_str_has_prefix(milter->endpoint, "unix:") && !g_str_has_prefix(milter->endpoint, "local:")))
		return NULL;
	path++;
	if (service != NULL && service->chroot)
		return g_strconcat(*path == '/' ? "" : "/", path, NULL);
	return *path == '/' ? g_strdup(path) : g_build_filename(doctor_mta_get(mta, NULL, "queue_directory"), path, NULL);
}

static gboolean is_same_place(const char *a, const char *b)
{
	struct stat one, other;
	g_autofree char *first = g_canonicalize_filename(a, "/"), *second = g_canonicalize_filename(b, "/");
	if (strcmp(first, second) == 0)
		return TRUE;
	return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/* senim's inet:PORT@HOST is Postfix's inet:HOST:PORT. */
static gboolean is_same_port(const char *ours, const char *endpoint)
{
	const char *at = strchr(ours, '@'), *colon = strchr(ours, ':'), *theirs = strrchr(endpoint, ':');
	if (!g_str_has_prefix(ours, "inet") || !g_str_has_prefix(endpoint, "inet") || at == NULL || theirs == NULL)
		return FALSE;
	g_autofree char *port = g_strndup(colon + 1, (gsize)(at - colon - 1));
	return strcmp(port, theirs + 1) == 0;
}

gboolean doctor_mta_is_ours(const Mta *mta, const MtaService *service, const MtaMilter *milter, const Config *config)
{
	g_autofree char *path = doctor_mta_path(mta, service, milter);
	if (path == NULL || !g_str_has_prefix(config->milter_socket, "unix:"))
		return is_same_port(config->milter_socket, milter->endpoint);
	g_autofree char *whole =
		service != NULL && service->chroot ? g_strconcat(doctor_mta_get(mta, NULL, "queue_directory"), path, NULL) : g_strdup(path);
	return is_same_place(whole, config->milter_socket + strlen("unix:"));
}
