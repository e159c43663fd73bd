/* SPDX-License-Identifier: ISC */
#include "milter/delivery.h"

#include <errno.h>
#include <string.h>

#include "base/finding.h"
#include "milter/examination.h"

#define OWN_DOMAINS_MAX 64 /* that EXAMINE takes */
#define SECOND_LOOK (5 * G_TIME_SPAN_SECOND) /* waiting for a child, and its work */
#define STALE_MAX 5 /* READERS is asked again that often for one report */

typedef enum { GO_ON, DONE, PUT_OFF } Way;

typedef struct {
	const DeliveryTask *task;
	const SideTimes *times;
	SideTimes second; /* of the second look */
	Examination *examination;
	Opinion *opinion; /* once the examination is over, and where it failed the second look too */
	Opinion *failed;  /* while that look lasts */
	guint report;     /* whose turn it is */
	guint stale;
	gboolean retried_all;
	FrameType asked;           /* READERS, COMMIT, or 0 */
	gint64 registrar_deadline; /* 0 until the first READERS */
	gint64 next_progress;
	LogStep step; /* where PUT_OFF */
} Delivery;

static Way put_off(Delivery *d, LogStep step)
{
	d->step = step;
	return PUT_OFF;
}

/* --- the child ------------------------------------------------------------------------------- */

static void add_recipients(Record *record, GPtrArray *reports)
{
	guint n = 0;
	for (guint i = 0; i < reports->len; i++) {
		const Report *report = g_ptr_array_index(reports, i);
		for (guint k = 0; report->recipients->pdata[k] != NULL && n < FINDING_LIST_MAX; k++, n++)
			record_add(record, "also", report->recipients->pdata[k]);
	}
}

/* One examination serves all mailboxes of a message: the telephone system is the first that any of them has. */
static const char *telephone_system(GPtrArray *reports)
{
	for (guint i = 0; i < reports->len; i++) {
		const char *address = ((const Report *)g_ptr_array_index(reports, i))->mailbox->telephone_system;
		if (address != NULL && address[0] != '\0')
			return address;
	}
	return "-";
}

/* "ID NAME": of whom the child looks for names. */
static void add_name(Record *record, const char *key, const char *id, const char *name)
{
	if (record_count(record, key) < FINDING_PEOPLE_MAX && *name != '\0')
		record_add_printf(record, key, "%s %s", id, name);
}

static void add_person(Record *record, const char *id, char **names, const char *post)
{
	for (guint i = 0; names != NULL && names[i] != NULL; i++)
		add_name(record, "name", id, names[i]);
	add_name(record, "post", id, post != NULL ? post : "");
}

/* A listed person's names are also those of the officers who must not read about her. */
static void add_people(Record *record, const Config *config)
{
	for (guint i = 0; i < config->n_officers; i++)
		add_person(record, config->officers[i].name, config->officers[i].names, config->officers[i].post);
	for (guint i = 0; i < config->n_people; i++) {
		const ConfigPerson *person = &config->people[i];
		add_person(record, person->name, person->names, person->post);
		for (guint k = 0; person->withhold_from != NULL && person->withhold_from[k] != NULL; k++)
			add_person(record, person->withhold_from[k], person->names, person->post);
	}
}

/* names_only: the second look. */
static Bundle *question(const DeliveryTask *task, gboolean names_only)
{
	const Report *first = g_ptr_array_index(task->reports, 0);
	const Config *config = task->snapshot->config;
	Bundle *bundle = bundle_new();
	Record *record = bundle_record(bundle);
	record_add_uint(record, "length", first->sealed.message_size);
	record_add(record, "mailbox", first->mailbox->address);
	add_recipients(record, task->reports);
	record_add(record, "envelope-from", task->envelope_from);
	for (guint i = 0; config->own_domains != NULL && config->own_domains[i] != NULL && i < OWN_DOMAINS_MAX; i++)
		record_add(record, "own-domain", config->own_domains[i]);
	record_add(record, "telephone-system", telephone_system(task->reports));
	for (guint i = 0; i < config->n_mailboxes; i++)
		record_add(record, "own-tag", strrchr(config->mailboxes[i].address, '@') + 1);
	add_people(record, config);
	if (names_only)
		record_add(record, "only", "names");
	return bundle;
}

static void begin_examination(Delivery *d, gboolean names_only)
{
	const Report *first = g_ptr_array_index(d->task->reports, 0);
	g_autoptr(Bundle) bundle = question(d->task, names_only);
	SealReplay *replay = seal_replay_new(first->body, first->fd);
	d->second = *d->times;
	d->second.child = MIN(d->second.child, SECOND_LOOK);
	d->second.examination = MIN(d->second.examination, SECOND_LOOK);
	d->examination = examination_new(side_nursery(d->task->side), names_only ? &d->second : d->times, bundle, replay);
}

static void step_child(Delivery *d)
{
	if (d->opinion != NULL || !examination_step(d->examination))
		return;
	const Config *config = d->task->snapshot->config;
	if (d->failed != NULL) {
		if (!opinion_add_names(d->failed, examination_finding(d->examination), config))
			record_add_bool(d->failed->facts, "held", TRUE);
		d->opinion = g_steal_pointer(&d->failed);
		g_clear_pointer(&d->examination, examination_free);
		return;
	}
	g_autoptr(Opinion) opinion = opinion_new(examination_finding(d->examination), config);
	g_clear_pointer(&d->examination, examination_free);
	if (opinion_is_examined(opinion)) {
		d->opinion = g_steal_pointer(&opinion);
		return;
	}
	/* Who is accused must not read it because a message was bent until the examination broke: another child looks for
	 * names alone, and takes nothing apart. */
	log_step(d->task->queue_id, LOG_STEP_UNEXAMINED);
	d->failed = g_steal_pointer(&opinion);
	begin_examination(d, TRUE);
	step_child(d); /* without a nursery it is over already */
}

/* --- the registrar --------------------------------------------------------------------------- */

static const Report *current(const Delivery *d)
{
	return g_ptr_array_index(d->task->reports, d->report);
}

static Way ask(Delivery *d, FrameType type, const Bundle *bundle)
{
	d->asked = type;
	intake_client_ask(*d->task->intake, type, bundle);
	return GO_ON;
}

static Way ask_readers(Delivery *d)
{
	g_autoptr(Bundle) bundle = report_readers(current(d), d->opinion);
	return ask(d, FRAME_READERS, bundle);
}

static Way ask_commit(Delivery *d, const Bundle *readers)
{
	const DeliveryTask *task = d->task;
	ReportMessage message = {task->envelope_from, task->received, task->message_digest, task->snapshot->config,
	                         task->authenticated, task->queue_id};
	g_autoptr(Bundle) commit = report_commit((Report *)current(d), d->opinion, &message, readers);
	if (commit == NULL)
		return put_off(d, LOG_STEP_PUT_OFF_READERS);
	/* The last moment at which nothing has happened yet: a sender who is gone will come again. */
	if (!task->progress(task->user))
		return put_off(d, LOG_STEP_MTA_GONE);
	d->next_progress = g_get_monotonic_time() + d->times->progress;
	return ask(d, FRAME_COMMIT, commit);
}

static guint mailbox_index(const Delivery *d)
{
	return (guint)(current(d)->mailbox - d->task->snapshot->config->mailboxes);
}

static gboolean is_plain(const Delivery *d)
{
	const Record *facts = d->opinion->facts;
	return opinion_is_examined(d->opinion) && record_count(facts, "named") == 0 && record_count(facts, "reference") == 0 &&
	       strcmp(record_get(facts, "verdict"), "redirect") != 0;
}

/* Who reads what names nobody, refers to nothing and goes to nobody else is known from the report before: COMMIT hears
 * STALE where that is over. */
static const Bundle *known_readers(const Delivery *d)
{
	return is_plain(d) ? intake_client_readers(*d->task->intake, mailbox_index(d)) : NULL;
}

static Way begin_report(Delivery *d)
{
	if (d->registrar_deadline == 0)
		d->registrar_deadline = g_get_monotonic_time() + d->times->registrar;
	const Bundle *readers = known_readers(d);
	return readers != NULL ? ask_commit(d, readers) : ask_readers(d);
}

/* The step that FAILED names, or the one that belongs to what was asked. */
static LogStep failed_step(const Frame *answer, LogStep otherwise)
{
	static const struct {
		const char *word;
		LogStep step;
	} rows[] = {
		{"config", LOG_STEP_PUT_OFF_CONFIG}, {"file", LOG_STEP_PUT_OFF_FILE},     {"readers", LOG_STEP_PUT_OFF_READERS},
		{"commit", LOG_STEP_PUT_OFF_COMMIT}, {"clock", LOG_STEP_PUT_OFF_COMMIT},
	};
	static const RecordField schema[] = {{"step", 1, 1}, {NULL, 0, 0}};
	gsize size;
	const void *data = g_bytes_get_data(answer->body, &size);
	g_autoptr(Bundle) bundle = answer->type == FRAME_FAILED ? bundle_read(data, size, schema, NULL) : NULL;
	for (gsize i = 0; bundle != NULL && i < G_N_ELEMENTS(rows); i++)
		if (strcmp(record_get(bundle_record(bundle), "step"), rows[i].word) == 0)
			return rows[i].step;
	return otherwise;
}

static Way take_readers(Delivery *d, const Frame *answer)
{
	if (answer->type != FRAME_READERS_OK || answer->fd >= 0)
		return put_off(d, failed_step(answer, LOG_STEP_PUT_OFF_READERS));
	gsize size;
	const void *data = g_bytes_get_data(answer->body, &size);
	Bundle *readers = bundle_read(data, size, NULL, NULL);
	if (readers == NULL)
		return put_off(d, LOG_STEP_PUT_OFF_READERS);
	g_autoptr(Bundle) owned = readers;
	if (is_plain(d)) /* the answer for a report about somebody is for it alone */
		intake_client_keep_readers(*d->task->intake, mailbox_index(d), g_steal_pointer(&owned));
	return ask_commit(d, readers);
}

static Way registered(Delivery *d, gboolean retried)
{
	d->retried_all = d->retried_all && retried;
	d->stale = 0;
	d->asked = 0;
	return ++d->report == d->task->reports->len ? DONE : GO_ON;
}

static Way take_outcome(Delivery *d, const Frame *answer)
{
	if (answer->fd >= 0)
		return put_off(d, LOG_STEP_PUT_OFF_COMMIT);
	switch (answer->type) {
	case FRAME_REGISTERED:
	case FRAME_FOLLOWUP:
		return registered(d, FALSE);
	case FRAME_RETRY:
		return registered(d, TRUE);
	case FRAME_STALE:
		return ++d->stale < STALE_MAX ? ask_readers(d) : put_off(d, LOG_STEP_PUT_OFF_READERS);
	case FRAME_BUSY:
		return put_off(d, LOG_STEP_PUT_OFF_BUSY);
	default:
		return put_off(d, failed_step(answer, LOG_STEP_PUT_OFF_COMMIT));
	}
}

static Way step_registrar(Delivery *d)
{
	IntakeClient *intake = *d->task->intake;
	switch (intake_client_step(intake)) {
	case INTAKE_READY:
		return d->opinion != NULL ? begin_report(d) : GO_ON;
	case INTAKE_ANSWERED:
		if (d->asked == FRAME_READERS)
			return take_readers(d, intake_client_answer(intake));
		if (d->asked == FRAME_COMMIT)
			return take_outcome(d, intake_client_answer(intake));
		return d->opinion != NULL ? begin_report(d) : GO_ON; /* FILE's answer, or the report before */
	case INTAKE_FAILED:
		return put_off(d, d->asked == FRAME_COMMIT ? LOG_STEP_PUT_OFF_COMMIT : intake_client_put_off(intake));
	case INTAKE_CONNECTING:
	case INTAKE_ASKING:
	default:
		return GO_ON;
	}
}

/* --- the loop ---------------------------------------------------------------------------------- */

/* What ran out: while the registrar could not be reached, that is what the log has to say. */
static LogStep late_step(const Delivery *d)
{
	gboolean connecting = intake_client_step(*d->task->intake) == INTAKE_CONNECTING;
	return connecting ? intake_client_put_off(*d->task->intake) : LOG_STEP_PUT_OFF_TIME;
}

static Way check_time(Delivery *d)
{
	gint64 now = g_get_monotonic_time();
	if (now >= d->task->deadline || (d->registrar_deadline != 0 && now >= d->registrar_deadline))
		return put_off(d, late_step(d));
	if (side_stopping(d->task->side) && intake_client_step(*d->task->intake) == INTAKE_CONNECTING)
		return put_off(d, LOG_STEP_PUT_OFF_STOP);
	if (now < d->next_progress)
		return GO_ON;
	d->next_progress = now + d->times->progress;
	/* Once COMMIT is on its way the answer is waited for whether or not somebody will hear it. */
	if (!d->task->progress(d->task->user) && d->asked != FRAME_COMMIT)
		return put_off(d, LOG_STEP_MTA_GONE);
	return GO_ON;
}

static void wait_for_either(const Delivery *d)
{
	struct pollfd p[2] = {{-1, 0, 0}, {-1, 0, 0}};
	gint64 wake = MIN(d->task->deadline, d->next_progress);
	if (d->registrar_deadline != 0)
		wake = MIN(wake, d->registrar_deadline);
	intake_client_poll(*d->task->intake, &p[0], &wake);
	if (d->examination != NULL)
		examination_poll(d->examination, &p[1], &wake);
	gint64 left = wake - g_get_monotonic_time();
	(void)poll(p, 2, left > 0 ? (int)(left / 1000 + 1) : 0); /* the clock is looked at in any case */
}

static Way step(Delivery *d)
{
	guint before;
	FrameType asked;
	Way way;
	do {
		before = d->report;
		asked = d->asked;
		step_child(d);
		way = step_registrar(d);
	} while (way == GO_ON && (d->report != before || d->asked != asked));
	return way == GO_ON ? check_time(d) : way;
}

LogStep delivery_run(const DeliveryTask *task)
{
	Delivery d = {.task = task, .times = side_get_times(task->side), .retried_all = TRUE};
	d.next_progress = g_get_monotonic_time() + d.times->progress;
	if (*task->intake == NULL)
		*task->intake = side_take_intake(task->side, task->snapshot);
	begin_examination(&d, FALSE);
	Way way;
	while ((way = step(&d)) == GO_ON)
		wait_for_either(&d);
	examination_free(d.examination);
	opinion_free(d.opinion);
	opinion_free(d.failed);
	if (way == DONE)
		return d.retried_all ? LOG_STEP_RETRY : LOG_STEP_TAKEN;
	return d.step;
}
