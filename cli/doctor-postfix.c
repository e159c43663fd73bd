/* SPDX-License-Identifier: ISC */
/* Postfix in front: does every report reach senim first, and does nothing of it stay behind? (doc/install.md, steps 4, 6, 7;
 * each row was met by running it.) */
#include <grp.h>
#include <pwd.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/doctor-look.h"
#include "cli/doctor-mta.h"

#define CONTENT_SECONDS 130 /* the end of a report takes 120 s at most */
#define COMMAND_SECONDS 30
#define MAP_SECONDS 5
#define OUTGOING "/etc/senim/outgoing" /* contrib/outgoing/senim-outgoing */

static const char *without_postfix(const Doctor *doctor)
{
	if (doctor->config == NULL)
		return doctor_without_config(doctor);
	if (doctor->mta == NULL)
		return _("there is no Postfix here, or its postconf does not answer");
	return g_str_has_prefix(doctor->config->milter_socket, "fd:") ? _("milter-socket is handed over by the unit: which socket it is cannot be seen") : NULL;
}

/* The port of submit = smtp://HOST:PORT, or "". */
static const char *letters_port(const Config *config)
{
	const char *colon = g_str_has_prefix(config->submit, "smtp://") ? strrchr(config->submit, ':') : NULL;
	return colon != NULL ? colon + 1 : "";
}

/* The listener for our own letters: by design without milters. */
static gboolean is_letters_listener(const MtaService *service, const Config *config)
{
	const char *port = letters_port(config), *colon = strrchr(service->name, ':');
	return *port != '\0' && doctor_mta_is_smtpd(service) && strcmp(colon != NULL ? colon + 1 : service->name, port) == 0;
}

static gboolean is_local(const MtaService *service)
{
	return g_str_has_prefix(service->name, "127.") || g_str_has_prefix(service->name, "localhost:") ||
	       g_str_has_prefix(service->name, "[::1]:");
}

/* What it says for each smtpd that takes mail from others. */
static void each_smtpd(const Doctor *doctor, DoctorReport *report,
                       void (*look)(const Doctor *doctor, const MtaService *service, DoctorReport *report))
{
	for (guint i = 0; i < doctor->mta->services->len; i++) {
		const MtaService *service = doctor->mta->services->pdata[i];
		if (doctor_mta_is_smtpd(service) && !is_letters_listener(service, doctor->config))
			look(doctor, service, report);
	}
}

/* Our socket's path below Postfix's own directory, which is the chroot of its services; NULL: it lies elsewhere. */
static const char *below_queue(const Doctor *doctor)
{
	const char *socket = doctor->config->milter_socket, *queue = doctor_mta_get(doctor->mta, NULL, "queue_directory");
	const char *path = g_str_has_prefix(socket, "unix:") ? socket + strlen("unix:") : "";
	return g_str_has_prefix(path, queue) && path[strlen(queue)] == '/' ? path + strlen(queue) + 1 : NULL;
}

static gboolean is_out_of_sight(const Doctor *doctor, const MtaService *service)
{
	return service->chroot && g_str_has_prefix(doctor->config->milter_socket, "unix:") && below_queue(doctor) == NULL;
}

/* What to write into main.cf (transfer full). */
static char *our_endpoint(const Doctor *doctor)
{
	const char *socket = doctor->config->milter_socket, *below = below_queue(doctor);
	g_auto(GStrv) parts = g_strsplit_set(socket, ":@", 3); /* inet:PORT@HOST */
	if (below != NULL)
		return g_strconcat("unix:", below, NULL);
	if (!g_str_has_prefix(socket, "unix:") && g_strv_length(parts) == 3)
		return g_strdup_printf("inet:%s:%s", parts[2], parts[1]);
	return g_strdup(socket);
}

/* FALSE, and said: there is nothing of ours to look at. */
static gboolean asks_us(const Doctor *doctor, DoctorReport *report)
{
	if (doctor_mta_asks_us(doctor->mta, doctor->config))
		return TRUE;
	doctor_say(report, DOCTOR_SKIPPED, _("Postfix does not ask senim, so this cannot be seen"));
	return FALSE;
}

/* --- is it asked, and first ----------------------------------------------------------------------------------------------- */

/* The place of our milter in the list, or -1. */
static int find_ours(const Doctor *doctor, const MtaService *service, const GPtrArray *milters)
{
	for (guint i = 0; i < milters->len; i++)
		if (doctor_mta_is_ours(doctor->mta, service, milters->pdata[i], doctor->config))
			return (int)i;
	return -1;
}

/* A listener of this host's own programs is no way in for a stranger. */
static void look_at_order(const Doctor *doctor, const MtaService *service, const char *setting, DoctorReport *report)
{
	g_autoptr(GPtrArray) milters = doctor_mta_milters(doctor_mta_get(doctor->mta, service, setting));
	g_autofree char *where = g_strdup_printf("%s/%s", service->name, service->type), *ours = our_endpoint(doctor);
	const char *queue = doctor_mta_get(doctor->mta, NULL, "queue_directory");
	int at = find_ours(doctor, service, milters);
	if (at < 0 && is_out_of_sight(doctor, service))
		doctor_say(report, DOCTOR_RED, _("%s runs in the chroot %s and cannot see milter-socket = %s: set milter-socket = unix:%s/senim/milter.sock in senim.conf, restart senim-milter, and name it unix:senim/milter.sock in %s"),
		           where, queue, doctor->config->milter_socket, queue, setting);
	else if (at < 0)
		doctor_say(report, is_local(service) ? DOCTOR_YELLOW : DOCTOR_RED, _("%s: %s does not name senim, so reports pass in clear: %s = { %s, default_action=tempfail } in main.cf, and no -o %s= for that service in master.cf"),
		           where, setting, setting, ours, setting);
	else if (at > 0)
		doctor_say(report, DOCTOR_RED, _("%s: in %s another milter stands before senim and sees each report in clear: put { %s, … } first"),
		           where, setting, ours);
}

static void smtpd_order(const Doctor *doctor, const MtaService *service, DoctorReport *report)
{
	look_at_order(doctor, service, "smtpd_milters", report);
}

static void milters(const Doctor *doctor, DoctorReport *report)
{
	each_smtpd(doctor, report, smtpd_order);
}

static void local_milters(const Doctor *doctor, DoctorReport *report)
{
	const MtaService *cleanup = doctor_mta_service(doctor->mta, "cleanup", "unix");
	if (cleanup != NULL)
		look_at_order(doctor, cleanup, "non_smtpd_milters", report);
}

/* --- as Postfix sees it ---------------------------------------------------------------------------------------------------- */

/* set_ugid() of Postfix: the user's own group, and no other. */
static gboolean eyes_of_postfix(const Doctor *doctor, const MtaService *service, DoctorEyes *eyes)
{
	struct passwd *user = getpwnam(doctor_mta_get(doctor->mta, NULL, "mail_owner"));
	if (user == NULL)
		return FALSE;
	*eyes = (DoctorEyes){.uid = user->pw_uid, .gid = user->pw_gid, .groups = {user->pw_gid}, .n_groups = 1};
	if (service->chroot)
		eyes->chroot = doctor_mta_get(doctor->mta, NULL, "queue_directory");
	return TRUE;
}

static void look_at_reach(const Doctor *doctor, const MtaService *service, const char *setting, DoctorReport *report)
{
	DoctorEyes eyes;
	g_autoptr(GPtrArray) list = doctor_mta_milters(doctor_mta_get(doctor->mta, service, setting));
	int at = find_ours(doctor, service, list);
	g_autofree char *path = at >= 0 ? doctor_mta_path(doctor->mta, service, list->pdata[at]) : NULL;
	if (path == NULL || !eyes_of_postfix(doctor, service, &eyes))
		return;
	int why = doctor_look_as(&eyes, path, TRUE);
	if (doctor_look_is_hidden(why))
		doctor_say(report, DOCTOR_SKIPPED, _("%s cannot be looked into by this user"), path);
	else if (why != 0)
		doctor_say(report, DOCTOR_RED, _("%s/%s: Postfix's user cannot reach senim-milter at %s (%s), so all mail is put off: the socket's directory needs that user's group and the set-group-ID bit (systemd-tmpfiles --create senim.conf)"),
		           service->name, service->type, path, g_strerror(why));
}

static void smtpd_reach(const Doctor *doctor, const MtaService *service, DoctorReport *report)
{
	look_at_reach(doctor, service, "smtpd_milters", report);
}

static void reach(const Doctor *doctor, DoctorReport *report)
{
	const MtaService *cleanup = doctor_mta_service(doctor->mta, "cleanup", "unix");
	if (!asks_us(doctor, report))
		return;
	each_smtpd(doctor, report, smtpd_reach);
	if (cleanup != NULL)
		look_at_reach(doctor, cleanup, "non_smtpd_milters", report);
}

/* --- how it is asked --------------------------------------------------------------------------------------------------------- */

static void look_at_action(const Doctor *doctor, const MtaService *service, const char *setting, DoctorReport *report)
{
	g_autoptr(GPtrArray) list = doctor_mta_milters(doctor_mta_get(doctor->mta, service, setting));
	int at = find_ours(doctor, service, list);
	const char *action = at >= 0 ? doctor_mta_option(doctor->mta, service, list->pdata[at], "default_action") : "tempfail";
	if (strcmp(action, "tempfail") != 0 && strcmp(action, "shutdown") != 0)
		doctor_say(report, DOCTOR_RED, _("%s/%s: milter_default_action = %s: while senim is away reports are delivered in clear, or lost: milter_default_action = tempfail in main.cf, and default_action=tempfail in the braces of %s"),
		           service->name, service->type, action, setting);
}

static void smtpd_action(const Doctor *doctor, const MtaService *service, DoctorReport *report)
{
	look_at_action(doctor, service, "smtpd_milters", report);
}

static void action(const Doctor *doctor, DoctorReport *report)
{
	const MtaService *cleanup = doctor_mta_service(doctor->mta, "cleanup", "unix");
	if (!asks_us(doctor, report))
		return;
	each_smtpd(doctor, report, smtpd_action);
	if (cleanup != NULL)
		look_at_action(doctor, cleanup, "non_smtpd_milters", report);
}

static void look_at_times(const Doctor *doctor, const MtaService *service, DoctorReport *report)
{
	static const struct {
		const char *option;
		guint64 least;
	} times[] = {{"connect_timeout", COMMAND_SECONDS}, {"command_timeout", COMMAND_SECONDS}, {"content_timeout", CONTENT_SECONDS}};
	g_autoptr(GPtrArray) list = doctor_mta_milters(doctor_mta_get(doctor->mta, service, "smtpd_milters"));
	int at = find_ours(doctor, service, list);
	for (gsize i = 0; at >= 0 && i < G_N_ELEMENTS(times); i++) {
		const char *value = doctor_mta_option(doctor->mta, service, list->pdata[at], times[i].option);
		if (doctor_mta_seconds(value) < times[i].least)
			doctor_say(report, DOCTOR_YELLOW, _("%s/%s: %s = %s of our milter is short, and the sender hears 451 where a little patience would do: %s=%us in its braces"),
			           service->name, service->type, times[i].option, value, times[i].option,
			           (guint)(i == 2 ? 300 : times[i].least));
	}
}

static void times_of_all(const Doctor *doctor, DoctorReport *report)
{
	if (asks_us(doctor, report))
		each_smtpd(doctor, report, look_at_times);
}

static void protocol(const Doctor *doctor, DoctorReport *report)
{
	const char *value = doctor_mta_get(doctor->mta, NULL, "milter_protocol");
	if (g_ascii_strtoull(value, NULL, 10) < 6)
		doctor_say(report, DOCTOR_RED, _("milter_protocol = %s: what senim negotiates needs 6: milter_protocol = 6 in main.cf"), value);
}

/* --- ways past it -------------------------------------------------------------------------------------------------------------- */

static const struct {
	const char *setting, *what;
} ways[] = {
	{"always_bcc", N_("a copy of every report is delivered in clear")},
	{"recipient_bcc_maps", N_("a copy of reports may be delivered in clear")},
	{"sender_bcc_maps", N_("a copy of reports may be delivered in clear")},
	{"content_filter", N_("what has other recipients too passes through another program")},
	{"smtpd_proxy_filter", N_("the milter then sees no body, and the proxy sees every report")},
	{"smtpd_milter_maps", N_("clients that it names pass the milter by")},
};

static void look_at_ways(const Doctor *doctor, const MtaService *service, DoctorReport *report)
{
	for (gsize i = 0; i < G_N_ELEMENTS(ways); i++) {
		const char *value = doctor_mta_get(doctor->mta, service, ways[i].setting);
		if (*value != '\0')
			doctor_say(report, DOCTOR_RED, _("%s/%s: %s = %s: %s: take it out, or give senim an instance of its own (doc/install.md, step 7)"),
			           service->name, service->type, ways[i].setting, value, _(ways[i].what));
	}
	if (strstr(doctor_mta_get(doctor->mta, service, "receive_override_options"), "no_milters") != NULL)
		doctor_say(report, DOCTOR_RED, _("%s/%s: receive_override_options has no_milters, so reports pass in clear: take it out"), service->name,
		           service->type);
}

static void ways_past(const Doctor *doctor, DoctorReport *report)
{
	each_smtpd(doctor, report, look_at_ways);
}

static void listener(const Doctor *doctor, DoctorReport *report)
{
	const Config *config = doctor->config;
	for (guint i = 0; i < doctor->mta->services->len; i++) {
		const MtaService *service = doctor->mta->services->pdata[i];
		if (is_letters_listener(service, config) && !is_local(service))
			doctor_say(report, DOCTOR_RED, _("%s/%s, the listener for letters, has no milter and is open to the network: name it 127.0.0.1:%s in master.cf"),
			           service->name, service->type, letters_port(config));
	}
}

/* What the maps of transport_maps say of an address (transfer full), or NULL. */
static char *transport_of(const Mta *mta, const char *address)
{
	g_auto(GStrv) maps = doctor_mta_words(doctor_mta_get(mta, NULL, "transport_maps"));
	for (char **map = maps; *map != NULL; map++) {
		const char *const argv[] = {"postmap", "-c", mta->directory, "-q", address, *map, NULL};
		g_auto(DoctorRun) run = {0};
		if (doctor_look_run(argv, MAP_SECONDS, &run) && *run.out != '\0')
			return g_strndup(run.out, strcspn(run.out, "\n"));
	}
	return NULL;
}

/* A transport that never puts a letter into a mailbox: our sink, or one that puts off or refuses. */
static gboolean is_sink(const Mta *mta, const char *transport)
{
	g_autofree char *name = g_strndup(transport, strcspn(transport, ":"));
	const MtaService *service = doctor_mta_service(mta, name, "unix");
	if (service == NULL)
		return FALSE;
	return strcmp(service->command, "error") == 0 || strcmp(service->command, "retry") == 0 ||
	       (strcmp(service->command, "pipe") == 0 && strstr(service->words, "senim-ingest") != NULL);
}

static void sink(const Doctor *doctor, DoctorReport *report)
{
	for (guint i = 0; i < doctor->config->n_mailboxes; i++) {
		const char *mailbox = doctor->config->mailboxes[i].address;
		g_autofree char *transport = transport_of(doctor->mta, mailbox);
		if (transport == NULL || !is_sink(doctor->mta, transport))
			doctor_say(report, DOCTOR_RED, _("%s: what comes by an alias or a .forward ends in a mailbox in clear: “%s senim:” in transport_maps, and the service senim in master.cf (doc/install.md, steps 4 and 6)"),
			           mailbox, mailbox);
	}
}

/* --- addresses -------------------------------------------------------------------------------------------------------------------- */

static void delimiter(const Doctor *doctor, DoctorReport *report)
{
	const char *theirs = doctor_mta_get(doctor->mta, NULL, "recipient_delimiter");
	for (const char *p = theirs; *p != '\0'; p++)
		if (strchr(doctor->config->recipient_delimiter, *p) == NULL)
			doctor_say(report, DOCTOR_RED, _("Postfix takes %c for the beginning of an address extension and senim does not, so mail with one passes in clear: %s = %s in senim.conf"),
			           *p, "recipient-delimiter", theirs);
}

static gboolean is_listed(const ConfigMailbox *mailbox, const char *local, const char *domain)
{
	g_autofree char *address = g_strconcat(local, "@", domain, NULL), *any = g_strconcat("@", domain, NULL);
	for (char **also = mailbox->also; *also != NULL; also++)
		if (g_ascii_strcasecmp(*also, address) == 0 || g_ascii_strcasecmp(*also, any) == 0)
			return TRUE;
	return g_ascii_strcasecmp(mailbox->address, address) == 0;
}

static gboolean holds(char **words, const char *domain)
{
	for (char **word = words; *word != NULL; word++)
		if (g_ascii_strcasecmp(*word, domain) == 0)
			return TRUE;
	return FALSE;
}

/* Where the domain is one of mydestination, the local part is the same mailbox in each of them. */
static void look_at_domains(const ConfigMailbox *mailbox, char **local_domains, DoctorReport *report)
{
	const char *at = strrchr(mailbox->address, '@');
	g_autofree char *local = g_strndup(mailbox->address, (gsize)(at - mailbox->address));
	for (char **domain = local_domains; holds(local_domains, at + 1) && *domain != NULL; domain++)
		if (strpbrk(*domain, ":/") == NULL && !is_listed(mailbox, local, *domain))
			doctor_say(report, DOCTOR_YELLOW, _("%s is also %s@%s, by mydestination, and the milter does not know: add @%s to also in [mailbox %s]"),
			           mailbox->address, local, *domain, *domain, mailbox->address);
}

/* What stands in a map is left to the map. */
static gboolean may_take(const Mta *mta, const char *domain)
{
	static const char *const lists[] = {"mydestination", "relay_domains", "virtual_mailbox_domains", "virtual_alias_domains"};
	for (gsize i = 0; i < G_N_ELEMENTS(lists); i++) {
		const char *value = doctor_mta_get(mta, NULL, lists[i]);
		g_auto(GStrv) words = doctor_mta_words(value);
		if (holds(words, domain) || strpbrk(value, ":/") != NULL)
			return TRUE;
	}
	return FALSE;
}

static void domains(const Doctor *doctor, DoctorReport *report)
{
	g_auto(GStrv) list = doctor_mta_words(doctor_mta_get(doctor->mta, NULL, "mydestination"));
	for (guint i = 0; i < doctor->config->n_mailboxes; i++) {
		const ConfigMailbox *mailbox = &doctor->config->mailboxes[i];
		const char *domain = strrchr(mailbox->address, '@') + 1;
		look_at_domains(mailbox, list, report);
		if (!may_take(doctor->mta, domain))
			doctor_say(report, DOCTOR_RED, _("%s: Postfix takes no mail for %s: name the domain in mydestination, relay_domains or virtual_mailbox_domains (doc/install.md, step 4)"),
			           mailbox->address, domain);
	}
}

static void size(const Doctor *doctor, DoctorReport *report)
{
	guint64 theirs = g_ascii_strtoull(doctor_mta_get(doctor->mta, NULL, "message_size_limit"), NULL, 10);
	if (theirs != 0 && theirs <= doctor->config->max_message_size)
		doctor_say(report, DOCTOR_YELLOW, _("message_size_limit = %llu lets nothing as large as max-message-size come through: message_size_limit = %llu in main.cf"),
		           (unsigned long long)theirs, (unsigned long long)(doctor->config->max_message_size / 10 * 11));
}

/* --- what stays behind -------------------------------------------------------------------------------------------------------------- */

static void look_at_debug(const Doctor *doctor G_GNUC_UNUSED, const MtaService *service, DoctorReport *report)
{
	g_auto(GStrv) words = g_strsplit(service->words, " ", -1);
	for (char **word = words; *word != NULL; word++)
		if (strcmp(*word, "-v") == 0 || strcmp(*word, "-vv") == 0 || strcmp(*word, "-D") == 0)
			doctor_say(report, DOCTOR_RED, _("%s/%s runs with %s and logs what passes: take it out of master.cf"), service->name, service->type,
			           *word);
}

static void debug(const Doctor *doctor, DoctorReport *report)
{
	const char *peers = doctor_mta_get(doctor->mta, NULL, "debug_peer_list");
	const MtaService *cleanup = doctor_mta_service(doctor->mta, "cleanup", "unix");
	if (*peers != '\0')
		doctor_say(report, DOCTOR_RED, _("debug_peer_list = %s: sessions with these hosts stand in the log: take it out"), peers);
	each_smtpd(doctor, report, look_at_debug);
	if (cleanup != NULL)
		look_at_debug(doctor, cleanup, report);
}

static void transcripts(const Doctor *doctor, DoctorReport *report)
{
	const char *classes = doctor_mta_get(doctor->mta, NULL, "notify_classes");
	if (*classes != '\0')
		doctor_say(report, DOCTOR_YELLOW, _("notify_classes = %s: transcripts of sessions, with the reporter's address, are mailed to the postmaster: “notify_classes =” in main.cf"),
		           classes);
}

/* Postfix asks no milter about what it writes itself, unless told to. */
static void bounces(const Doctor *doctor, DoctorReport *report)
{
	const char *classes = doctor_mta_get(doctor->mta, NULL, "internal_mail_filter_classes");
	if (strstr(classes, "bounce") == NULL)
		doctor_say(report, DOCTOR_YELLOW, _("an officer's answer that this Postfix cannot deliver comes back past senim, in clear, into the mailbox of that name, and the case does not know of it: internal_mail_filter_classes = bounce in main.cf"));
}

static void queue(const Doctor *doctor, DoctorReport *report)
{
	const char *directory = doctor_mta_get(doctor->mta, NULL, "queue_directory");
	g_auto(DoctorMount) mount = {0};
	if (!doctor_look_mount(doctor, directory, &mount))
		doctor_say(report, DOCTOR_SKIPPED, _("it cannot be seen on which file system %s lies"), directory);
	else if (!doctor_look_is_memory(&mount))
		doctor_say(report, DOCTOR_YELLOW, _("each report lies in clear in %s until it is sealed, and its blocks on the disk are not wiped: give senim an instance of its own with its queue in memory (doc/install.md, step 7)"),
		           directory);
}

static void log_of_mta(const Doctor *doctor, DoctorReport *report)
{
	const char *file = doctor_mta_get(doctor->mta, NULL, "maillog_file");
	g_autofree char *directory = g_path_get_dirname(file);
	g_auto(DoctorMount) mount = {0};
	if (*file == '\0')
		doctor_say(report, DOCTOR_YELLOW, _("Postfix writes clients and Message-IDs of reports into the system's log, which is kept: give senim an instance of its own with maillog_file in memory (doc/install.md, step 7)"));
	else if (doctor_look_mount(doctor, directory, &mount) && !doctor_look_is_memory(&mount))
		doctor_say(report, DOCTOR_YELLOW, _("maillog_file = %s keeps clients and Message-IDs of reports on a disk: put it on a tmpfs, or keep it for days only"),
		           file);
}

/* As senim-outgoing setup writes it: one line a setting (transfer full; NULL: not there). */
static char *outgoing_setting(const Doctor *doctor, const char *name)
{
	g_autofree char *path = doctor_look_path(doctor, OUTGOING "/main.cf"), *text = NULL;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autofree char *begin = g_strconcat(name, " = ", NULL);
	for (char **line = lines; *line != NULL; line++)
		if (g_str_has_prefix(*line, begin))
			return g_strdup(*line + strlen(begin));
	return NULL;
}

static gboolean outgoing_listens(const Doctor *doctor)
{
	g_autofree char *path = doctor_look_path(doctor, OUTGOING "/master.cf"), *text = NULL;
	g_autofree char *begin = g_strdup_printf("\n127.0.0.1:%s inet ", letters_port(doctor->config));
	return g_file_get_contents(path, &text, NULL, NULL) && strstr(text, begin) != NULL;
}

/* Whom a letter goes to is whom a report came from. */
static void letters_out(const Doctor *doctor, DoctorReport *report)
{
	gboolean listens = outgoing_listens(doctor);
	g_autofree char *log = outgoing_setting(doctor, "maillog_file"), *queue = outgoing_setting(doctor, "queue_directory");
	g_auto(DoctorMount) mount = {0};
	for (guint i = 0; i < doctor->mta->services->len; i++)
		if (is_letters_listener(doctor->mta->services->pdata[i], doctor->config))
			listens = FALSE;
	if (!listens)
		doctor_say(report, DOCTOR_YELLOW, _("submit = %s: that MTA writes whom each letter goes to, and so who reported, into its log and its queue: give letters an instance of their own with contrib/outgoing (doc/install.md, step 7)"),
		           doctor->config->submit);
	else if (g_strcmp0(log, "/dev/stdout") != 0)
		doctor_say(report, DOCTOR_RED, _("%s: its log does not pass the filter, and names whom each letter goes to: run senim-outgoing setup again"), OUTGOING "/main.cf");
	else if (queue != NULL && doctor_look_mount(doctor, queue, &mount) && !doctor_look_is_memory(&mount))
		doctor_say(report, DOCTOR_RED, _("%s: letters wait on a disk, in %s: run senim-outgoing setup again, with --queue in memory"), OUTGOING "/main.cf", queue);
}

static void flow(const Doctor *doctor, DoctorReport *report)
{
	const char *delay = doctor_mta_get(doctor->mta, NULL, "in_flow_delay");
	if (doctor_mta_seconds(delay) > 0)
		doctor_say(report, DOCTOR_YELLOW, _("in_flow_delay = %s slows a burst to a message in that time, since a discarded message never gives its token back: in_flow_delay = 0 in main.cf"),
		           delay);
}

static void smuggling(const Doctor *doctor, DoctorReport *report)
{
	const char *value = doctor_mta_get(doctor->mta, NULL, "smtpd_forbid_bare_newline");
	if (*value == '\0' || strcmp(value, "no") == 0)
		doctor_say(report, DOCTOR_YELLOW, _("a bare line feed may be read as the end of one message and the start of another: smtpd_forbid_bare_newline = normalize in main.cf"));
}

static const DoctorCheck checks[] = {
	{"postfix-milters", N_("every smtpd asks senim first"), milters, FALSE},
	{"postfix-local", N_("mail written on this host is asked of senim first"), local_milters, FALSE},
	{"postfix-reach", N_("Postfix's user reaches senim-milter"), reach, FALSE},
	{"postfix-action", N_("while senim is away mail is put off"), action, FALSE},
	{"postfix-protocol", N_("the milter protocol is new enough"), protocol, FALSE},
	{"postfix-times", N_("Postfix waits for the milter long enough"), times_of_all, FALSE},
	{"postfix-ways", N_("no copy, no filter and no map leads past senim"), ways_past, FALSE},
	{"postfix-sink", N_("what comes by an alias is sealed as well"), sink, FALSE},
	{"postfix-listener", N_("the listener for letters is this host's alone"), listener, FALSE},
	{"postfix-delimiter", N_("address extensions are the same for both"), delimiter, FALSE},
	{"postfix-domains", N_("Postfix takes mail for each mailbox, and every domain that reaches one is known"), domains, FALSE},
	{"postfix-size", N_("messages as large as max-message-size come through"), size, FALSE},
	{"postfix-debug", N_("no session stands in the log"), debug, FALSE},
	{"postfix-transcripts", N_("no transcript of a session is mailed"), transcripts, FALSE},
	{"postfix-bounces", N_("what Postfix cannot deliver comes back to the case"), bounces, FALSE},
	{"postfix-queue", N_("Postfix's queue lies in memory"), queue, FALSE},
	{"postfix-log", N_("Postfix's log lies in memory"), log_of_mta, FALSE},
	{"postfix-letters", N_("no log and no disk names whom a letter goes to"), letters_out, FALSE},
	{"postfix-flow", N_("a burst of mail is not slowed"), flow, FALSE},
	{"postfix-smuggling", N_("a bare line feed ends no message"), smuggling, FALSE},
	{0},
};

const DoctorTopic doctor_postfix_topic = {"postfix", N_("Postfix"), without_postfix, checks};
