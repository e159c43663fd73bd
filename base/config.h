/* SPDX-License-Identifier: ISC */
/* base/config.h - the one configuration file, read once and checked whole (DESIGN 7).
 *
 * GLib key-file syntax. One table (name, section, type, default, reload or restart) is the only list of keys: parser,
 * --check-config --json and the man page senim.conf(5) come from it. An unknown key or a bad value is an error that
 * names file, section, key and the values it takes; nothing is half read.
 * Ownership: a Config is an immutable snapshot with a reference count; a connection keeps its own to its end.
 * Threads:   config_ref/unref from any; the fields are read-only.
 * Fails:     NULL and *error (CONFIG_ERROR), the message ready to print. */
#ifndef SENIM_BASE_CONFIG_H
#define SENIM_BASE_CONFIG_H

#include <glib.h>

#define CONFIG_ERROR (config_error_quark())
GQuark config_error_quark(void);

#define CONFIG_MAILBOXES_MAX 8

/* The table's rows: what a key is, in which kind of section it stands, what it takes. */
typedef enum { CONFIG_SENIM, CONFIG_MAILBOX, CONFIG_OFFICER, CONFIG_RECOVERY, CONFIG_ADDRESSEE,
               CONFIG_PERSON, CONFIG_TRUSTEE, CONFIG_SECTIONS } ConfigSection;

typedef enum {
	CONFIG_TYPE_TEXT,      /* any line */
	CONFIG_TYPE_ZONE,      /* of the time zone database */
	CONFIG_TYPE_PATH,      /* absolute */
	CONFIG_TYPE_DIRECTORY, /* absolute, short enough for the sockets in it */
	CONFIG_TYPE_SOCKET,    /* of the milter */
	CONFIG_TYPE_SUBMIT,    /* command line or smtp:// */
	CONFIG_TYPE_CUSTODY,   /* credential:, file:, ask */
	CONFIG_TYPE_DELIMITER,
	CONFIG_TYPE_ADDRESS,
	CONFIG_TYPE_AUTHSERV,
	CONFIG_TYPE_RECIPIENT,   /* age1… */
	CONFIG_TYPE_FINGERPRINT, /* of an OpenPGP key */
	CONFIG_TYPE_DATE,
	CONFIG_TYPE_WITNESS,     /* the public key of a witness (store/note.h), its form alone */
	CONFIG_TYPE_TEXTS,     /* lists, `;` between the items */
	CONFIG_TYPE_NAMES,     /* of sections */
	CONFIG_TYPE_DOMAINS,
	CONFIG_TYPE_ALSO,      /* addresses and @domain */
	CONFIG_TYPE_LANGUAGES,
	CONFIG_TYPE_CLOCKS,    /* HH:MM of a day */
	CONFIG_TYPE_ALARMS,    /* "mail:ADDRESS" and "command:/PATH" */
	CONFIG_TYPE_WORD,      /* one of a few; the field holds its index */
	CONFIG_TYPE_NUMBER,
	CONFIG_TYPE_SIZE,
	CONFIG_TYPE_DURATION,  /* two fields: least and most, seconds */
	CONFIG_TYPE_RATES,     /* two fields: a day, a week */
	CONFIG_TYPE_HOURS,     /* two fields: minutes of the day */
} ConfigType;

typedef struct {
	ConfigSection section;
	gsize field;              /* offset in Config, ConfigMailbox, ConfigOfficer, ConfigAddressee */
	const char *key;
	ConfigType type;
	const char *preset;       /* the default as it would be written; NULL: the key must be there, or preset_words says */
	const char *preset_words; /* where the default follows from other keys: how */
	gboolean reload;          /* SIGUSR1 takes it; else it waits for a restart */
	gboolean may_be_empty;
	const char *words;        /* CONFIG_TYPE_WORD: "first|second", in the order of the field's values */
	guint64 least, most;      /* numbers, sizes, durations */
	const char *takes;        /* for people, in a message and in senim.conf(5); NULL: config_key_takes() says it by type */
	const char *meaning;      /* one line */
} ConfigKey;

typedef enum { CONFIG_ACK_ALWAYS, CONFIG_ACK_AUTHENTICATED, CONFIG_ACK_NEVER } ConfigAcknowledge;
typedef enum { CONFIG_OWN_NEVER, CONFIG_OWN_MINIMAL } ConfigOwnDomains;
typedef enum { CONFIG_REDIRECT_CONFIRM, CONFIG_REDIRECT_AUTOMATIC } ConfigRedirect;
typedef enum { CONFIG_BY_PAPER, CONFIG_BY_MAIL } ConfigBy;
typedef enum { CONFIG_LAW_ENFORCEMENT, CONFIG_COMPETENT, CONFIG_DEPARTMENT } ConfigAddresseeKind;
typedef enum { CONFIG_FORM_KMO, CONFIG_FORM_ALES } ConfigForm;

typedef struct {
	char *address;            /* as written, the domain in lower-case ASCII (IDNA) */
	char **also;              /* addresses, or "@domain": the same local part there */
	char **officers;          /* names of [officer NAME], as in the next three */
	char **deputies;
	char **escalation;
	char **supervisors;
	ConfigForm register_form;
	gboolean journal_printed; /* else pen */
	guint opens, closes;      /* working-hours, minutes of the day */
	char *calendar;           /* path, or "" */
	guint term_working_days;
	gboolean term_same_day;   /* the term's first day is the official date itself, else the next working day */
	guint forward_working_days; /* 0: none */
	gboolean directive_terms;
	char **languages;         /* of letters, the first is the default */
	char *telephone_system;   /* address, or "" */
	char *telephone;          /* the number that is made public, or "" */
	gboolean keep_client;
	ConfigAcknowledge acknowledge;
	ConfigOwnDomains acknowledge_own_domains;
	guint delay_min, delay_max; /* acknowledge-delay, seconds */
	guint per_address_day, per_address_week;
	guint per_hour;
	ConfigRedirect redirect;
	gboolean urgent_notice;
	char **notice_hours;      /* "09:00": config_clock() */
	gboolean notice_when_needed; /* else always */
	gboolean notice_counts;
	gboolean erasure_two_persons; /* else never */
	guint idle_block_days;
	guint looks_per_day;      /* 0: no limit */
	gboolean looks_limit_hard; /* else the supervisor is told */
	char **trustees;          /* names of [trustee NAME]: who gets the register's checkpoint each day */
	guint checkpoint_hour;    /* of the organisation's zone */
	char *checkpoint_answers; /* address, or "" */
} ConfigMailbox;

typedef struct {
	char *name;   /* [a-z0-9._-]{1,32} */
	char *public; /* path of FILE.pub, absolute */
	char **names;
	char *post;
	char *mail;   /* of notices, or "" */
} ConfigOfficer;

/* Somebody whom reports may be about and who reads none: the administrator, a head of department, a relative. */
typedef struct {
	char *name;           /* [a-z0-9._-]{1,32} */
	char **names;
	char *post;
	char **withhold_from; /* names of [officer NAME] who do not read a report about this person either */
} ConfigPerson;

/* Somebody outside to whom the registers' checkpoints go each day. */
typedef struct {
	char *name;    /* [a-z0-9._-]{1,32} */
	char *mail;
	char *witness; /* the public key by which he confirms them, or "" */
} ConfigTrustee;

/* A body of law enforcement to which reports are redirected (KMO 6), a competent organisation or a department of our own to
 * which they are forwarded (KMO 14, 21). */
typedef struct {
	char *name;             /* [a-z0-9._-]{1,32} */
	ConfigAddresseeKind kind;
	char *name_kk, *name_ru; /* in covering letters */
	char **names;            /* by which a report may speak of it or its head: it is then not forwarded there */
	char *address;          /* postal */
	char *mail;             /* or "" */
	ConfigBy by;
	char *recipient;        /* age1…, or "" */
	char *openpgp;          /* path of a key file, or "" */
	char *fingerprint;      /* 40 upper-case hex digits, or "" */
	gboolean allow_cleartext;
	char *valid_from;       /* "2025-07-14", or "" */
} ConfigAddressee;

typedef struct {
	char *file; /* where it was read from, absolute */
	char *organisation;
	GTimeZone *timezone;
	char *timezone_name;
	char **own_domains;
	char *state_directory, *run_directory;
	char *milter_socket;       /* as libmilter takes it */
	char *recipient_delimiter; /* a set of characters, any of which begins an extension; "" none */
	char *reply_detail;        /* "" or one of recipient_delimiter: answers go to an address of their case */
	char *submit;              /* a command line, or smtp://host:port */
	char **alarm;              /* "mail:ADDRESS", "command:/PATH" */
	char *archive_directory;   /* where the months are saved, or "" */
	char *custody_key;         /* credential:NAME | file:PATH | ask */
	guint64 max_message_size;
	guint64 disk_reserve;      /* octets: with less free nothing is opened, reports are still taken */
	gboolean cage_required;
	guint workers;             /* waiting children of the nursery */
	guint max_connections;     /* of the milter */
	char *trusted_authserv_id;
	char *examiner;            /* path of senim-examine; default: libexecdir/senim/senim-examine */
	char *rules;               /* directory of the screening's rules; default: pkgdatadir/rules */
	char *templates;           /* directory of the letters' templates; default: pkgdatadir/letters */
	char *categories;          /* the list of categories; default: pkgdatadir/categories.conf */
	char *grounds;             /* the list of grounds; default: pkgdatadir/grounds.conf */
	char *agreement;           /* the text that officers accept, or "" */
	char **recovery;           /* names of [recovery NAME]: body readers, offline */
	ConfigMailbox *mailboxes;
	guint n_mailboxes;
	ConfigOfficer *officers;   /* escalation persons stand here too */
	guint n_officers;
	ConfigOfficer *recoveries; /* name and public only */
	guint n_recoveries;
	ConfigAddressee *addressees;
	guint n_addressees;
	ConfigPerson *people;      /* listed persons: [person NAME] */
	guint n_people;
	ConfigTrustee *trustees;
	guint n_trustees;
	gatomicrefcount references;
} Config;

Config *config_load(const char *path, GError **error);
Config *config_ref(Config *config);
void config_unref(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_unref)

const ConfigMailbox *config_mailbox(const Config *config, const char *address);
const ConfigOfficer *config_officer(const Config *config, const char *name);
const ConfigPerson *config_person(const Config *config, const char *name);
const ConfigTrustee *config_trustee(const Config *config, const char *name);
const ConfigAddressee *config_addressee(const Config *config, const char *name);
/* The directory of one mailbox's state: <state-directory>/<mailbox as in the origin> (transfer full). */
char *config_mailbox_directory(const Config *config, const char *address);
/* The mailbox spelled as in its origin: lower case, bytes outside [a-z0-9.@_-] as %xx (transfer full). */
char *config_mailbox_spelling(const char *address);
/* Minutes of the day of one of notice_hours. */
guint config_clock(const char *text);
/* The addresses of `alarm` that begin with that word ("mail:", "command:"), without it (borrowed, transfer container). */
GPtrArray *config_alarms(const Config *config, const char *word);
/* A file of run-directory, such as "intake.sock" (transfer full). */
char *config_run_path(const Config *config, const char *name);

/* --check-config --json: every key with its value, default and whether a reload takes it (transfer full, JSON text). */
char *config_describe(const Config *config);
/* The keys that differ and need a restart, comma-separated, or NULL: what a reload says (transfer full). */
char *config_needs_restart(const Config *old, const Config *new);
/* For init: the table's verdict on one "KEY=VALUE" or "mailbox ADDR/KEY=VALUE" of --set: section is "senim" or
 * "mailbox ADDR" (also "officer NAME", "recovery NAME",
 * "addressee NAME", "person NAME", "trustee NAME"); *error names no file. What two settings make of each other is
 * config_load()'s to say. */
gboolean config_check_setting(const char *section, const char *key, const char *value, GError **error);
/* TRUE where KEY belongs to [mailbox …]. */
gboolean config_is_mailbox_key(const char *key);

/* The table, n rows, in the order in which senim.conf(5) has them. */
const ConfigKey *config_keys(guint *n);
/* "one of kk, ru and en, separated by ;" (transfer full). */
char *config_key_takes(const ConfigKey *key);
/* "senim", "mailbox", "officer", "recovery", "addressee", "person", "trustee". */
const char *config_section_name(ConfigSection section);

#endif
