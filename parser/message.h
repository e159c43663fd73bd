/* SPDX-License-Identifier: ISC */
/* parser/message.h - one received message as facts and text, never as advice. GMime lives behind this header.
 *
 * message_read() first tames the octets (parser/prescan.h), then walks what GMime makes of them, with limits:
 * nesting 50, parts 1000, text 1 MiB, and for what is decoded to be looked into 64 MiB a part and 128 MiB together. Past a
 * limit the rest is left out, `partial` is TRUE and a note says which. A message GMime will not take is shown as text.
 *   - text: every text part in order, HTML as text; of alternatives the plain one, and the HTML beside it where it says
 *     something else; embedded messages with their own From, Date and Subject; the prologue of a multipart without parts.
 *   - attachments: every other leaf, embedded messages too, in the order of the text, numbered from 1.
 *   - a part of type multipart/... or message/rfc822 in base64 is decoded and walked like any other.
 * Never called here: g_mime_multipart_get_boundary(), and whatever writes a received object out again: the one can
 * loop for ever, the other invents.
 * Ownership: a Message owns everything in it; fields are read-only. Strings are UTF-8 or the octets as they came, and
 *            may hold control characters: they pass the escape before anyone sees them.
 * Threads:   one. Call message_load() once, before the cage: it loads GMime, the charsets and libxml2, and parses once.
 * Fails:     never: no octets at all are a message without fields and text. */
#ifndef SENIM_PARSER_MESSAGE_H
#define SENIM_PARSER_MESSAGE_H

#include <glib.h>

#define MESSAGE_DEPTH_MAX 50
#define MESSAGE_PARTS_MAX 1000
#define MESSAGE_TEXT_MAX (1u << 20)
#define MESSAGE_PART_OCTETS_MAX (64u << 20)
#define MESSAGE_OCTETS_MAX (128u << 20)
#define MESSAGE_ADDRESSES_MAX 5000
#define MESSAGE_REFERENCES_MAX 1000

typedef struct {
	char *name;  /* as it came */
	char *value; /* unfolded, not decoded */
} MessageField;

typedef struct {
	char *name;    /* decoded; "" where there is none */
	char *address; /* "" where what stood there is none */
} MessageAddress;

typedef struct {
	char *type;   /* lower case */
	char *name;   /* decoded; may be "" */
	guint64 size; /* decoded octets; 0: unknown */
} MessageAttachment;

typedef struct {
	gboolean partial; /* something was left out, past a limit */
	gboolean opaque;  /* encrypted to somebody else, or nothing in it can be read */
	gboolean sound;   /* an attachment that can be listened to */
	guint parts;
	GArray *fields;        /* MessageField: the header, in order */
	char *content_type;    /* "type/subtype" in lower case */
	char *report_type;     /* lower case, or NULL */
	GArray *from;          /* MessageAddress, of every From, in order */
	GArray *reply_to;
	GArray *to, *cc;
	char *subject, *date, *message_id; /* of the first such field, decoded; NULL where there is none */
	gint64 dated;          /* what Date says, POSIX seconds; 0: nothing that is a moment */
	gint64 dated_offset;   /* and how far its zone is ahead of UTC, seconds */
	GPtrArray *references; /* Message-IDs of In-Reply-To and References, and those of embedded messages, without
	                        * brackets */
	GArray *attachments;   /* MessageAttachment */
	GPtrArray *charsets;   /* "PART LABELLED USED" where a charset was guessed or replaced */
	GPtrArray *notes;      /* static words, each once (base/finding.h) */
	GString *text;         /* UTF-8; may hold NUL */
	GString *headers;      /* the header for a person: one decoded field a line */
} Message;

typedef enum {
	MESSAGE_FOR_FINDING, /* no headers for a person */
	MESSAGE_FOR_VIEW,
	MESSAGE_FOR_PART,    /* keeps one attachment's decoded octets: message_read_part() */
} MessagePurpose;

void message_load(void);

/* data is changed, and must live as long as the Message. */
Message *message_read(guint8 *data, gsize size, MessagePurpose purpose);
void message_free(Message *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Message, message_free)

/* Adds a word of base/finding.h, once. word: static. The second says that a limit was passed there. */
void message_note(Message *message, const char *word);
void message_note_limit(Message *message, const char *word);

/* The decoded octets of the index-th attachment, counted from 1, or NULL where there is none such. */
GBytes *message_read_part(guint8 *data, gsize size, guint index);

#endif
