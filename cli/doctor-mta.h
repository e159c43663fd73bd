/* SPDX-License-Identifier: ISC */
/* cli/doctor-mta.h - a Postfix configuration as doctor reads it: what postconf(1) prints, and what follows from it.
 *
 * Settings are main.cf's with every default and every $name expanded (postconf -x); a service of master.cf may overrule
 * them with -o (postconf -P).
 * Ownership: results (transfer full) unless said otherwise. Threads: one; the parsing is pure. */
#ifndef SENIM_CLI_DOCTOR_MTA_H
#define SENIM_CLI_DOCTOR_MTA_H

#include "cli/doctor.h"

typedef struct {
	char *name;    /* smtp */
	char *type;    /* inet */
	char *command; /* smtpd */
	char *words;   /* its arguments, from the first on */
	gboolean chroot;
	GHashTable *overrides; /* -o NAME=VALUE */
} MtaService;

typedef struct Mta {
	char *directory; /* of main.cf */
	GHashTable *settings;
	GPtrArray *services; /* MtaService, as in master.cf */
} Mta;
void doctor_mta_free(Mta *mta);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Mta, doctor_mta_free)

/* From what `postconf -x`, `postconf -M` and `postconf -P -x` print. */
Mta *doctor_mta_parse(const char *directory, const char *settings, const char *services, const char *overrides);
/* directory NULL: of all instances of this host the one that speaks to our milter, else the first. NULL: there is no
 * Postfix, or it does not answer. */
Mta *doctor_mta_find(const char *directory, const Config *config);

/* As that service has it (NULL: main.cf); never NULL. Borrowed. */
const char *doctor_mta_get(const Mta *mta, const MtaService *service, const char *name);
/* The first service of that name and type, or NULL. Borrowed. */
const MtaService *doctor_mta_service(const Mta *mta, const char *name, const char *type);
gboolean doctor_mta_is_smtpd(const MtaService *service);
/* Words of a list, separated by commas or blanks. */
char **doctor_mta_words(const char *value);
/* A duration: "300s", "5m", "1h", "30"; seconds. */
guint64 doctor_mta_seconds(const char *value);

typedef struct {
	char *endpoint;      /* unix:senim/milter.sock */
	GHashTable *options; /* default_action and its kin, between the braces */
} MtaMilter;
/* The items of smtpd_milters (elements MtaMilter). */
GPtrArray *doctor_mta_milters(const char *value);
/* An option of that milter, or the setting milter_NAME. Borrowed. */
const char *doctor_mta_option(const Mta *mta, const MtaService *service, const MtaMilter *milter, const char *name);
/* TRUE where that service, with its own root directory, means our socket. */
gboolean doctor_mta_is_ours(const Mta *mta, const MtaService *service, const MtaMilter *milter, const Config *config);
/* TRUE where any smtpd names our socket. */
gboolean doctor_mta_asks_us(const Mta *mta, const Config *config);
/* The path of a Unix endpoint as that service sees it: below its root directory, where it has one of its own. NULL: none. */
char *doctor_mta_path(const Mta *mta, const MtaService *service, const MtaMilter *milter);

#endif
