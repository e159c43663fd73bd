/* SPDX-License-Identifier: ISC */
/* cli/row.h - a case's row in the register: its columns, folded from the entries of its work.
 *
 * The sealed text of NOTED and RESOLVED is a JSON object, {COLUMN: text}, of the columns that it fills; that of STRUCK is
 * {"why": text, "instead": text or null}. A column holds every value that was ever written into it, in order. The one in
 * force is the last that was not struck; an earlier one behind which another was written without a strike counts as struck by
 * that. Values of `note` stand side by side. A NOTED entry whose act is `transcript` holds no columns but the text of a call,
 * as it is; a later one of the same recording strikes it. The text of REPLIED and ADVISED is {"to", "text", "files"}; their
 * number and date fill the columns of the outgoing letter. The text of an ERASURE that orders is row_lasting(); with the ERASED entry it
 * takes the place of all that came before.
 *
 * Ownership: a Row owns and wipes its texts. Threads: pure. */
#ifndef SENIM_CLI_ROW_H
#define SENIM_CLI_ROW_H

#include "cli/wipe.h"
#include "store/entry.h"
#include "store/json.h"

typedef struct {
	const char *key;      /* in JSON and in an entry's `field`, where '_' stands as '-' */
	const char *label;    /* N_() */
	gboolean resolution;  /* RESOLVED has it, else NOTED */
	gboolean date;        /* YYYY-MM-DD */
	gboolean many;
	const char *suggested; /* the WHATs of the card's suggestions for it, each between blanks; "" none */
} RowColumn;
extern const RowColumn row_columns[]; /* ended by a row without a key */
/* By its key, '-' or '_' in it; NULL: there is none. */
const RowColumn *row_column(const char *key);

typedef struct {
	guint64 entry;
	gint64 time; /* microseconds UTC */
	char *officer;
	WipeText *value;
	guint64 struck;      /* the entry that struck it; 0: in force */
	gint64 struck_time;
	char *struck_officer;
	WipeText *why;       /* or NULL */
} RowValue;

/* What happened to the case, for its course: words of the entry, and its text where it has one. */
typedef struct {
	guint64 entry;
	gint64 time;
	guint kind;
	char *officer;
	char *act;      /* of an answer (REPLIED, ADVISED): given, numbered, none, unsafe, safe; or NULL */
	char *what;     /* its own word: to, category, reason, result, hold, name, until, by; or NULL */
	WipeText *text; /* or NULL */
	WipeText *to, *files; /* of an answer: the address, and the names of what went along; or NULL */
	guint64 struck;
} RowEvent;

/* What is said in a call: the text of a recording that hangs on a message of the case. */
typedef struct {
	RowValue said;
	guint64 message; /* its entry */
	guint part;      /* the number of the attachment; 0: none was named */
} RowCall;

/* The row was erased by order (store/desk-erase.c): of its values those alone stand that the order kept, as they were written then. */
typedef struct {
	guint64 entry; /* ERASED */
	gint64 time;   /* microseconds UTC */
	char *order, *dated; /* the document's number and day */
} RowErased;

typedef struct Row Row;
Row *row_new(void);
void row_free(Row *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Row, row_free)
/* One entry, in their order; text: what its sealed text says, NULL where it has none or she no header of it. FALSE: of
 * another form. */
gboolean row_fold(Row *row, guint kind, guint64 seq, const Record *record, const char *text);

/* All values of a column, in order (RowValue; borrowed). */
const GPtrArray *row_values(const Row *row, const RowColumn *column);
/* The one in force, or NULL. */
const RowValue *row_value(const Row *row, const RowColumn *column);
const GPtrArray *row_events(const Row *row); /* RowEvent */
/* Every text of a call that was ever written, in order (RowCall); and the one in force of one recording, or NULL. */
const GPtrArray *row_calls(const Row *row);
const RowCall *row_call(const Row *row, guint64 message, guint part);
/* NULL: it was not. */
const RowErased *row_erased(const Row *row);
/* The report itself was erased, with the row or alone: there is no card of it to be opened. */
gboolean row_report_is_erased(const Row *row);
/* What an order keeps of a row: of the resolution's columns the values in force, each with who wrote it, when and by which entry.
 * {} where there is none (transfer full). */
json_t *row_lasting(const Row *row);
/* Does it hold that entry, and that column's value of it (column NULL: any)? */
gboolean row_has(const Row *row, guint64 entry, const RowColumn *column);

/* Why a JSON object cannot be written into the row, or NULL: a column that there is not, a value that is no text, a bad date.
 * resolution: which of the two kinds it is for. Static text, N_(); *key: where. */
const char *row_judge(json_t *object, gboolean resolution, const char **key);

#endif
