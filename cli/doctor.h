/* SPDX-License-Identifier: ISC */
/* cli/doctor.h - `senim doctor`: a table of checks of the mail host, and of an officer's machine.
 *
 * A check looks at one thing and says what is so, and what to do about it: a level and a sentence with the exact line or
 * command. It may say several (one for each mailbox); a check that says nothing is green, and its row's `good` is the
 * sentence. Topics are files of their own, doctor-TOPIC.c; a topic that has nothing to look at here says why, once.
 *
 * Promise:   a check changes nothing, asks nothing of a person and ends by itself: whatever may hang (a socket, a program)
 *            is looked at with a time limit (cli/doctor-look.h). All that it ever writes is gpg's own scratch directory, where
 *            an addressee has an OpenPGP key. No sentence holds an address of a
 *            sender, a subject, a number of a case or a person's name: an officer is called by her section, [officer NAME].
 *            As root it starts no program that somebody else could have written.
 * Where:     part of the program `senim`, not of the library: it looks at what store/ and policy/ make of the
 *            configuration, as senim-registrar would.
 * Ownership: a Doctor borrows what its maker gave it, unless said otherwise. Threads: one. Fails: nothing; what cannot
 *            be seen is skipped or said. */
#ifndef SENIM_CLI_DOCTOR_H
#define SENIM_CLI_DOCTOR_H

#include <jansson.h>
#include <sys/types.h>

#include "base/config.h"
#include "cli/settings.h"

/* In the order of their weight. */
typedef enum { DOCTOR_SKIPPED, DOCTOR_GREEN, DOCTOR_YELLOW, DOCTOR_RED, DOCTOR_LEVELS } DoctorLevel;

/* The process that listens on a socket. */
typedef struct {
	gboolean answers;
	pid_t pid;
	uid_t uid;
	gboolean hidden; /* it may answer, but not this user, who is not root */
	char *why;       /* where it does not answer */
} DoctorPeer;

typedef struct {
	const char *root;        /* in front of /proc, /sys and /etc; "" but in tests */
	gint64 now;              /* microseconds UTC */
	const char *config_file; /* NULL: only her side is looked at */
	Config *config;          /* NULL: there is none, or config_fault says what is wrong */
	char *config_fault;
	const Settings *settings; /* her side; NULL: only the host's */
	const char *postfix;     /* Postfix's configuration directory, or NULL: the one that has our milter */
	/* What doctor_meet() found: */
	DoctorPeer registrar, milter;
	json_t *state;           /* of /v1/host/state, or NULL */
	struct Mta *mta;         /* cli/doctor-mta.h; NULL: no Postfix */
} Doctor;

typedef struct DoctorReport DoctorReport;
/* The running check's finding. NULL-terminated sentences are escaped when they are shown, not here. */
void doctor_say(DoctorReport *report, DoctorLevel level, const char *format, ...) G_GNUC_PRINTF(3, 4);

typedef struct {
	const char *name; /* as --json and the manual have it */
	const char *good; /* N_() */
	void (*look)(const Doctor *doctor, DoctorReport *report);
	gboolean always; /* also where its topic is skipped */
} DoctorCheck;

typedef struct {
	const char *name;
	const char *title;                         /* N_() */
	const char *(*skip)(const Doctor *doctor); /* why nothing of it can be looked at, translated; NULL: look */
	const DoctorCheck *checks;                 /* ended by a row without a name */
} DoctorTopic;

/* In the order in which they are shown; NULL at the end. */
extern const DoctorTopic *const doctor_topics[];
extern const DoctorTopic doctor_config_topic, doctor_people_topic, doctor_store_topic, doctor_daemons_topic,
	doctor_host_topic, doctor_postfix_topic, doctor_sendmail_topic, doctor_officer_topic;

/* One sentence. */
typedef struct {
	const char *topic, *check;
	DoctorLevel level;
	char *sentence;
} DoctorFinding;

/* Reads the configuration and asks the registrar for its state, each within its time. config and peers become the
 * Doctor's own. */
void doctor_meet(Doctor *doctor);
void doctor_clear(Doctor *doctor);
/* Every check of the topics (NULL-terminated), in their order (transfer full, elements DoctorFinding). */
GPtrArray *doctor_run(const Doctor *doctor, const DoctorTopic *const *topics);
/* Why nothing can be looked at that a configuration names; NULL: there is one. For topics' `skip`. */
const char *doctor_without_config(const Doctor *doctor);
/* "red" (static, not translated). */
const char *doctor_level_word(DoctorLevel level);

#endif
