/* SPDX-License-Identifier: ISC */
/* The one list of keys. senim.conf(5), --check-config --json and every message about a setting follow from it; a test
 * holds the page to it. Within a section the order is that of the page. */
#include "base/config.h"
#include "installed.h"

#include <string.h>

#define IN_SENIM(member) CONFIG_SENIM, offsetof(Config, member)
#define IN_MAILBOX(member) CONFIG_MAILBOX, offsetof(ConfigMailbox, member)
#define IN_OFFICER(member) CONFIG_OFFICER, offsetof(ConfigOfficer, member)
#define IN_ADDRESSEE(member) CONFIG_ADDRESSEE, offsetof(ConfigAddressee, member)
#define IN_PERSON(member) CONFIG_PERSON, offsetof(ConfigPerson, member)
#define IN_TRUSTEE(member) CONFIG_TRUSTEE, offsetof(ConfigTrustee, member)
#define IN_RECOVERY(member) CONFIG_RECOVERY, offsetof(ConfigOfficer, member)

#define KIB ((guint64)1 << 10)
#define GIB ((guint64)1 << 30)

/* The types with two fields rely on their order. */
G_STATIC_ASSERT(offsetof(ConfigMailbox, closes) == offsetof(ConfigMailbox, opens) + sizeof(guint));
G_STATIC_ASSERT(offsetof(ConfigMailbox, delay_max) == offsetof(ConfigMailbox, delay_min) + sizeof(guint));
G_STATIC_ASSERT(offsetof(ConfigMailbox, per_address_week) == offsetof(ConfigMailbox, per_address_day) + sizeof(guint));

static const ConfigKey table[] = {
	{IN_SENIM(organisation), "organisation", CONFIG_TYPE_TEXT, .preset_words = "the mailboxes' domains", .reload = TRUE,
	 .meaning = "the organisation's full name, as it stands in letters"},
	{IN_SENIM(timezone_name), "timezone", CONFIG_TYPE_ZONE, .preset = "Asia/Almaty",
	 .meaning = "the zone in which moments are shown, days end and years begin"},
	{IN_SENIM(own_domains), "own-domains", CONFIG_TYPE_DOMAINS, .preset_words = "the mailboxes' domains", .reload = TRUE,
	 .meaning = "domains whose mailboxes the employer can read, each with its subdomains"},
	{IN_SENIM(state_directory), "state-directory", CONFIG_TYPE_DIRECTORY, .preset = "/var/lib/senim",
	 .meaning = "registers, custody and vault, one directory for each mailbox"},
	{IN_SENIM(run_directory), "run-directory", CONFIG_TYPE_DIRECTORY, .preset = "/run/senim",
	 .meaning = "the sockets of intake, ingest and desk, and the locks"},
	{IN_SENIM(milter_socket), "milter-socket", CONFIG_TYPE_SOCKET, .preset_words = "unix: and milter.sock in run-directory",
	 .meaning = "where the MTA reaches senim-milter"},
	{IN_SENIM(recipient_delimiter), "recipient-delimiter", CONFIG_TYPE_DELIMITER, .preset = "+", .reload = TRUE,
	 .may_be_empty = TRUE, .meaning = "the MTA's own recipient_delimiter: what begins an address extension"},
	{IN_SENIM(reply_detail), "reply-detail", CONFIG_TYPE_DELIMITER, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .meaning = "+: answers to letters go to an address of their case"},
	{IN_SENIM(submit), "submit", CONFIG_TYPE_SUBMIT, .preset = "/usr/sbin/sendmail -G -i", .reload = TRUE,
	 .meaning = "how letters are handed to the MTA"},
	{IN_SENIM(custody_key), "custody-key", CONFIG_TYPE_CUSTODY, .preset = "credential:senim-custody",
	 .meaning = "where the custody key comes from at a start"},
	{IN_SENIM(archive_directory), "archive-directory", CONFIG_TYPE_PATH, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an absolute path, or nothing",
	 .meaning = "where each month is saved by itself, on its first working day: another disk, of this host alone"},
	{IN_SENIM(alarm), "alarm", CONFIG_TYPE_ALARMS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "mail:ADDRESS and command:/PATH, separated by ;, or nothing",
	 .meaning = "who keeps the host, and hears of what would stop the intake; a command gets the word of it"},
	{IN_SENIM(max_message_size), "max-message-size", CONFIG_TYPE_SIZE, .preset = "50 MiB", .reload = TRUE, .least = 64 * KIB,
	 .most = 2 * GIB, .meaning = "a larger message is refused with 552 5.3.4"},
	{IN_SENIM(disk_reserve), "disk-reserve", CONFIG_TYPE_SIZE, .preset = "64 MiB", .reload = TRUE, .least = KIB,
	 .most = 1024 * GIB, .meaning = "what of the disk is kept back for the register's own entries: with less free nothing is opened or listed"},
	{IN_SENIM(cage_required), "cage", CONFIG_TYPE_WORD, .preset = "required", .words = "off|required",
	 .meaning = "without its cage (seccomp, limits) the examination does not start, unless this is off"},
	{IN_SENIM(workers), "workers", CONFIG_TYPE_NUMBER, .preset = "4", .least = 1, .most = 64,
	 .meaning = "caged children of the examination that wait for a message"},
	{IN_SENIM(max_connections), "max-connections", CONFIG_TYPE_NUMBER, .preset = "500", .reload = TRUE, .least = 1,
	 .most = 10000, .meaning = "connections of the MTA at once; one more is answered 451"},
	{IN_SENIM(trusted_authserv_id), "trusted-authserv-id", CONFIG_TYPE_AUTHSERV, .preset = "", .reload = TRUE,
	 .may_be_empty = TRUE, .takes = "a host name, or nothing",
	 .meaning = "whose Authentication-Results are believed; only with a relay in front that strips foreign ones"},
	{IN_SENIM(examiner), "examiner", CONFIG_TYPE_PATH, .preset = PKGLIBEXECDIR "/senim-examine",
	 .meaning = "the program that examines a message in its cage"},
	{IN_SENIM(rules), "rules", CONFIG_TYPE_PATH, .preset = PKGDATADIR "/rules", .reload = TRUE,
	 .meaning = "a directory of rules, *.txt, that are read beside the shipped ones; one of the same name replaces its like"},
	{IN_SENIM(templates), "templates", CONFIG_TYPE_PATH, .preset = PKGDATADIR "/letters", .reload = TRUE,
	 .meaning = "the directory of the letters' templates: LANGUAGE.txt, answer.LANGUAGE.txt and advice.LANGUAGE.txt for kk, ru and en; and bodies.conf"},
	{IN_SENIM(categories), "categories", CONFIG_TYPE_PATH, .preset = PKGDATADIR "/categories.conf", .reload = TRUE,
	 .meaning = "the list of categories that reports are counted by"},
	{IN_SENIM(grounds), "grounds", CONFIG_TYPE_PATH, .preset = PKGDATADIR "/grounds.conf", .reload = TRUE,
	 .meaning = "the list of grounds on which a case may be looked at"},
	{IN_SENIM(agreement), "agreement", CONFIG_TYPE_PATH, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an absolute path, or nothing",
	 .meaning = "the text that every officer accepts once before her first look, and again when it changes"},
	{IN_SENIM(recovery), "recovery", CONFIG_TYPE_NAMES, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names of [recovery NAME] sections, separated by ;, or nothing",
	 .meaning = "recovery recipients: their keys lie offline and open bodies when all else is lost"},

	{IN_MAILBOX(also), "also", CONFIG_TYPE_ALSO, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "addresses, or @domain for the same local part there, separated by ;, or nothing",
	 .meaning = "further addresses that are this mailbox"},
	{IN_MAILBOX(officers), "officers", CONFIG_TYPE_NAMES, .reload = TRUE, .meaning = "who reads this mailbox"},
	{IN_MAILBOX(deputies), "deputies", CONFIG_TYPE_NAMES, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names of [officer NAME] sections, separated by ;, or nothing",
	 .meaning = "who stands in for the officers, and reads this mailbox too"},
	{IN_MAILBOX(escalation), "escalation", CONFIG_TYPE_NAMES, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names of [officer NAME] sections, separated by ;, or nothing",
	 .meaning = "the next level of leadership: who reads what is about an officer"},
	{IN_MAILBOX(supervisors), "supervisors", CONFIG_TYPE_NAMES, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names of [officer NAME] sections, separated by ;, or nothing",
	 .meaning = "who sees the log and the numbers, and no report"},
	{IN_MAILBOX(register_form), "register-form", CONFIG_TYPE_WORD, .preset = "kmo", .reload = TRUE, .words = "kmo|ales",
	 .meaning = "the columns of the printed register"},
	{IN_MAILBOX(journal_printed), "journal", CONFIG_TYPE_WORD, .preset_words = "pen for register-form kmo, printed for ales",
	 .reload = TRUE, .words = "pen|printed", .meaning = "whether the paper register is written by hand or printed"},
	{IN_MAILBOX(opens), "working-hours", CONFIG_TYPE_HOURS, .preset = "09:00-18:00", .reload = TRUE,
	 .meaning = "what arrives after them counts from the next working day"},
	{IN_MAILBOX(calendar), "calendar", CONFIG_TYPE_PATH, .preset = PKGDATADIR "/calendar/kz.ics", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an absolute path, or nothing", .meaning = "public holidays and their transfers, an iCalendar file; nothing: weekends alone"},
	{IN_MAILBOX(term_working_days), "term-working-days", CONFIG_TYPE_NUMBER, .preset = "15", .reload = TRUE, .least = 1,
	 .most = 366, .meaning = "the term of a case, in working days"},
	{IN_MAILBOX(term_same_day), "term-begins", CONFIG_TYPE_WORD, .preset = "next-day", .reload = TRUE,
	 .words = "next-day|same-day", .meaning = "whether a term's first working day is the one behind the official date, or that date"},
	{IN_MAILBOX(forward_working_days), "forward-working-days", CONFIG_TYPE_NUMBER, .preset = "3", .reload = TRUE, .most = 366,
	 .meaning = "working days in which a report for somebody else is forwarded; 0: no such term"},
	{IN_MAILBOX(directive_terms), "directive-terms", CONFIG_TYPE_WORD, .preset = "no", .reload = TRUE, .words = "no|yes",
	 .meaning = "whether the terms of Directive (EU) 2019/1937 run beside: 7 days to acknowledge, 3 months to answer"},
	{IN_MAILBOX(languages), "languages", CONFIG_TYPE_LANGUAGES, .preset = "kk; ru; en", .reload = TRUE,
	 .meaning = "the languages of letters; the first is for a report in another"},
	{IN_MAILBOX(telephone_system), "telephone-system", CONFIG_TYPE_ADDRESS, .preset = "", .reload = TRUE,
	 .may_be_empty = TRUE, .takes = "an address, or nothing",
	 .meaning = "the sender of the trust telephone's recordings; it gets no letter"},
	{IN_MAILBOX(telephone), "telephone", CONFIG_TYPE_TEXT, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "a number as it is made public, or nothing", .meaning = "the trust telephone, for page and poster"},
	{IN_MAILBOX(keep_client), "keep-client", CONFIG_TYPE_WORD, .preset = "no", .reload = TRUE, .words = "no|yes",
	 .meaning = "whether the sending host's address is sealed with the report"},
	{IN_MAILBOX(acknowledge), "acknowledge", CONFIG_TYPE_WORD, .preset = "always", .reload = TRUE,
	 .words = "always|authenticated|never", .meaning = "who gets an acknowledgement by itself"},
	{IN_MAILBOX(acknowledge_own_domains), "acknowledge-own-domains", CONFIG_TYPE_WORD, .preset = "never", .reload = TRUE,
	 .words = "never|minimal", .meaning = "the same for senders in own-domains: nothing, or one neutral line"},
	{IN_MAILBOX(delay_min), "acknowledge-delay", CONFIG_TYPE_DURATION, .preset = "2-15 min", .reload = TRUE,
	 .most = 24 * 3600, .meaning = "how long a letter waits, drawn at random before anything is known of the report"},
	{IN_MAILBOX(per_address_day), "acknowledge-per-address", CONFIG_TYPE_RATES, .preset = "3/day; 10/week", .reload = TRUE,
	 .meaning = "the most acknowledgements to one address; what an officer sends is not counted"},
	{IN_MAILBOX(per_hour), "acknowledge-per-hour", CONFIG_TYPE_NUMBER, .preset = "60", .reload = TRUE, .most = 100000,
	 .meaning = "the most acknowledgements in all; past it they are held, intake goes on"},
	{IN_MAILBOX(redirect), "redirect", CONFIG_TYPE_WORD, .preset = "confirm", .reload = TRUE, .words = "confirm|automatic",
	 .meaning = "whether a redirect to law enforcement waits for an officer"},
	{IN_MAILBOX(urgent_notice), "urgent-notice", CONFIG_TYPE_WORD, .preset = "yes", .reload = TRUE, .words = "no|yes",
	 .meaning = "whether officers that have a mail address are told at once of a threat, or of somebody in danger"},
	{IN_MAILBOX(notice_hours), "notice-hours", CONFIG_TYPE_CLOCKS, .preset = "09:00; 16:00", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "times of a day, HH:MM, separated by ;, or nothing",
	 .meaning = "when on working days officers that have a mail address are asked to open their screen"},
	{IN_MAILBOX(notice_when_needed), "notice", CONFIG_TYPE_WORD, .preset = "always", .reload = TRUE, .words = "always|when-needed",
	 .meaning = "whether they are asked at each of these hours, or only where something waits: then mail hosts see that something came"},
	{IN_MAILBOX(notice_counts), "notice-counts", CONFIG_TYPE_WORD, .preset = "no", .reload = TRUE, .words = "no|yes",
	 .meaning = "whether that letter counts what was not opened and what is due in three working days"},
	{IN_MAILBOX(erasure_two_persons), "erasure", CONFIG_TYPE_WORD, .preset = "never", .reload = TRUE,
	 .words = "never|two-persons", .meaning = "whether sealed content can be destroyed by order, two persons agreeing"},
	{IN_MAILBOX(idle_block_days), "idle-block-days", CONFIG_TYPE_NUMBER, .preset = "60", .reload = TRUE, .least = 1,
	 .most = 3660, .meaning = "an officer without a sign-in for more days than these is blocked"},
	{IN_MAILBOX(looks_per_day), "looks-per-day", CONFIG_TYPE_NUMBER, .preset = "0", .reload = TRUE, .most = 100000,
	 .meaning = "looks of one officer in a day of which the supervisor is not yet told; 0: as many as there are"},
	{IN_MAILBOX(looks_limit_hard), "looks-limit", CONFIG_TYPE_WORD, .preset = "tell", .reload = TRUE, .words = "tell|hard",
	 .meaning = "whether a look past them is refused until another officer allows more for that day"},
	{IN_MAILBOX(trustees), "trustees", CONFIG_TYPE_NAMES, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names of [trustee NAME] sections, separated by ;, or nothing",
	 .meaning = "who gets the register's control mark by mail each day, and keeps it: an alteration is found by it"},
	{IN_MAILBOX(checkpoint_hour), "checkpoint-hour", CONFIG_TYPE_NUMBER, .preset = "7", .reload = TRUE, .most = 23,
	 .meaning = "the hour of the day at which it goes"},
	{IN_MAILBOX(checkpoint_answers), "checkpoint-answers", CONFIG_TYPE_ADDRESS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an address, or nothing",
	 .meaning = "where trustees send what confirms it; nothing: to the trust mailbox, like any letter"},

	{IN_OFFICER(public), "public", CONFIG_TYPE_PATH, .reload = TRUE, .meaning = "her public keys, the FILE.pub of senim keygen"},
	{IN_OFFICER(names), "names", CONFIG_TYPE_TEXTS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names, separated by ;, or nothing",
	 .meaning = "how a report may name her: such a report is withheld from her"},
	{IN_OFFICER(post), "post", CONFIG_TYPE_TEXT, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "a line of text, or nothing", .meaning = "her post, as letters name it"},
	{IN_OFFICER(mail), "mail", CONFIG_TYPE_ADDRESS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an address, or nothing",
	 .meaning = "where notices reach her: at notice-hours, of urgent arrivals, looks past the limit, an access that ends; they say none of it"},

	{IN_RECOVERY(public), "public", CONFIG_TYPE_PATH, .reload = TRUE, .meaning = "the recipient's FILE.pub; the key itself lies offline"},

	{IN_ADDRESSEE(kind), "kind", CONFIG_TYPE_WORD, .preset = "law-enforcement", .reload = TRUE,
	 .words = "law-enforcement|organisation|department",
	 .meaning = "what it is: to law enforcement reports are redirected; to a competent organisation and to a department of one's own they are forwarded, without their writer"},
	{IN_ADDRESSEE(names), "names", CONFIG_TYPE_TEXTS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names, separated by ;, or nothing",
	 .meaning = "how a report may speak of it, its head or its organisation: such a report is not forwarded to it but by a second officer's word"},
	{IN_ADDRESSEE(name_kk), "name-kk", CONFIG_TYPE_TEXT, .reload = TRUE,
	 .meaning = "its name in Kazakh, as covering letters address it"},
	{IN_ADDRESSEE(name_ru), "name-ru", CONFIG_TYPE_TEXT, .reload = TRUE, .meaning = "its name in Russian"},
	{IN_ADDRESSEE(address), "address", CONFIG_TYPE_TEXT, .reload = TRUE, .meaning = "its postal address"},
	{IN_ADDRESSEE(by), "by", CONFIG_TYPE_WORD, .preset = "paper", .reload = TRUE, .words = "paper|mail",
	 .meaning = "how a report reaches it: printed for the chancellery, or sealed by mail"},
	{IN_ADDRESSEE(mail), "mail", CONFIG_TYPE_ADDRESS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an address, or nothing", .meaning = "its mail address; by = mail needs it"},
	{IN_ADDRESSEE(recipient), "recipient", CONFIG_TYPE_RECIPIENT, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an age recipient (age1 and 58 letters and digits), or nothing",
	 .meaning = "the age key to which what goes by mail is sealed"},
	{IN_ADDRESSEE(openpgp), "openpgp", CONFIG_TYPE_PATH, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "an absolute path, or nothing", .meaning = "the file of its OpenPGP key, where it has no age recipient"},
	{IN_ADDRESSEE(fingerprint), "fingerprint", CONFIG_TYPE_FINGERPRINT, .preset = "", .reload = TRUE,
	 .may_be_empty = TRUE, .takes = "40 hex digits, blanks between them allowed, or nothing",
	 .meaning = "the fingerprint of that key, as its owner told it by another way"},
	{IN_ADDRESSEE(allow_cleartext), "allow-cleartext", CONFIG_TYPE_WORD, .preset = "no", .reload = TRUE, .words = "no|yes",
	 .meaning = "whether an officer may send it a report in clear, after a second question"},
	{IN_ADDRESSEE(valid_from), "valid-from", CONFIG_TYPE_DATE, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "a day, YYYY-MM-DD, or nothing", .meaning = "the day from which reports may go to it"},

	{IN_PERSON(names), "names", CONFIG_TYPE_TEXTS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names, separated by ;, or nothing", .meaning = "how a report may name the person"},
	{IN_PERSON(post), "post", CONFIG_TYPE_TEXT, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "a line of text, or nothing", .meaning = "the person's post, as a report may name it"},
	{IN_PERSON(withhold_from), "withhold-from", CONFIG_TYPE_NAMES, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "names of [officer NAME] sections, separated by ;, or nothing",
	 .meaning = "officers from whom a report about the person is withheld as one about themselves"},

	{IN_TRUSTEE(mail), "mail", CONFIG_TYPE_ADDRESS, .reload = TRUE, .takes = "an address", .meaning = "where the control mark goes each day"},
	{IN_TRUSTEE(witness), "witness", CONFIG_TYPE_WITNESS, .preset = "", .reload = TRUE, .may_be_empty = TRUE,
	 .takes = "the line that senim witness keygen printed for the trustee, or nothing",
	 .meaning = "the public key by which the trustee confirms what he saw"},
};

const ConfigKey *config_keys(guint *n)
{
	*n = G_N_ELEMENTS(table);
	return table;
}

const char *config_section_name(ConfigSection section)
{
	static const char *const names[CONFIG_SECTIONS] = {
		[CONFIG_SENIM] = "senim",
		[CONFIG_MAILBOX] = "mailbox",
		[CONFIG_OFFICER] = "officer",
		[CONFIG_RECOVERY] = "recovery",
		[CONFIG_ADDRESSEE] = "addressee",
		[CONFIG_PERSON] = "person",
		[CONFIG_TRUSTEE] = "trustee",
	};
	return names[section];
}

gboolean config_is_mailbox_key(const char *key)
{
	for (gsize i = 0; i < G_N_ELEMENTS(table); i++)
		if (table[i].section == CONFIG_MAILBOX && strcmp(table[i].key, key) == 0)
			return TRUE;
	return FALSE;
}

static const char *const type_takes[] = {
	[CONFIG_TYPE_TEXT] = "a line of text",
	[CONFIG_TYPE_ZONE] = "a name of the time zone database, such as Asia/Almaty",
	[CONFIG_TYPE_PATH] = "an absolute path",
	[CONFIG_TYPE_DIRECTORY] = "an absolute path of at most 95 octets",
	[CONFIG_TYPE_SOCKET] = "unix:/PATH of at most 107 octets, inet:PORT@127.0.0.1, inet6:PORT@::1, or fd:N for a socket that the unit hands over",
	[CONFIG_TYPE_SUBMIT] = "a command line that begins with an absolute path, or smtp://HOST:PORT with HOST 127.0.0.1, localhost or [::1]",
	[CONFIG_TYPE_CUSTODY] = "credential:NAME, file:/PATH or ask",
	[CONFIG_TYPE_DELIMITER] = "characters of +-._=~!#$%&*/?^|, or nothing",
	[CONFIG_TYPE_ADDRESS] = "an address",
	[CONFIG_TYPE_AUTHSERV] = "a host name",
	[CONFIG_TYPE_RECIPIENT] = "an age recipient",
	[CONFIG_TYPE_FINGERPRINT] = "40 hex digits",
	[CONFIG_TYPE_DATE] = "a day, YYYY-MM-DD",
	[CONFIG_TYPE_WITNESS] = "a witness's public key",
	[CONFIG_TYPE_TEXTS] = "texts, separated by ;",
	[CONFIG_TYPE_NAMES] = "names of [officer NAME] sections, separated by ;",
	[CONFIG_TYPE_DOMAINS] = "domains, separated by ;",
	[CONFIG_TYPE_ALSO] = "addresses, separated by ;",
	[CONFIG_TYPE_LANGUAGES] = "kk, ru and en, each at most once, separated by ;",
	[CONFIG_TYPE_CLOCKS] = "times of a day, HH:MM, separated by ;",
	[CONFIG_TYPE_ALARMS] = "mail:ADDRESS and command:/PATH, separated by ;",
	[CONFIG_TYPE_DURATION] = "a range such as 2-15 min or one figure such as 0 min (s, min, h), at most 24 h",
	[CONFIG_TYPE_RATES] = "N/day; N/week",
	[CONFIG_TYPE_HOURS] = "HH:MM-HH:MM",
};

char *config_key_takes(const ConfigKey *key)
{
	if (key->takes != NULL)
		return g_strdup(key->takes);
	switch (key->type) {
	case CONFIG_TYPE_WORD: {
		g_auto(GStrv) words = g_strsplit(key->words, "|", -1);
		return g_strjoinv(" or ", words);
	}
	case CONFIG_TYPE_NUMBER:
		return g_strdup_printf("a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, key->least, key->most);
	case CONFIG_TYPE_SIZE:
		return g_strdup_printf("a size from %" G_GUINT64_FORMAT " KiB to %" G_GUINT64_FORMAT " GiB (KiB, MiB, GiB)",
		                       key->least / KIB, key->most / GIB);
	default:
		return g_strdup(type_takes[key->type]);
	}
}
