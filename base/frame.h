/* SPDX-License-Identifier: ISC */
/* base/frame.h - the frames that programs exchange over Unix stream sockets.
 *
 * Bytes:     u32 length of the body (big-endian) · u16 type · body, at most FRAME_BODY_MAX octets. Unless a type
 *            says otherwise the body is a bundle (base/bundle.h). One descriptor may ride on a frame's first octet.
 * Waiting:   the FrameReader and FrameWriter take what the socket gives and return; they serve a poll loop and
 *            never block. frame_send() and frame_receive() wait, until a deadline of g_get_monotonic_time().
 *            Sockets are non-blocking or not, as the caller likes: each call uses MSG_DONTWAIT and poll().
 * Ownership: a Frame owns body and descriptor; frame_clear() wipes the one and closes the other.
 * Threads:   one reader and one writer of a socket at a time.
 * Fails:     FALSE and *error (FRAME_ERROR). A socket that failed once is good for nothing but close(). */
#ifndef SENIM_BASE_FRAME_H
#define SENIM_BASE_FRAME_H

#include "base/bundle.h"

#define FRAME_BODY_MAX (1024u * 1024u)
#define FRAME_HEAD 6u

typedef enum {
	FRAME_ERROR_EOF,     /* the other side closed, between frames or within one */
	FRAME_ERROR_SYSTEM,  /* a system call failed */
	FRAME_ERROR_FORM,    /* too long, a descriptor where none belongs, not a bundle */
	FRAME_ERROR_TIMEOUT, /* the deadline passed */
} FrameError;
#define FRAME_ERROR (frame_error_quark())
GQuark frame_error_quark(void);

/* Requests are below 128; answers have 128 set. doc/architecture.md has each type's record. */
typedef enum {
	/* intake.sock: senim-milter to senim-registrar, one connection per report */
	FRAME_HELLO = 1,
	FRAME_FILE = 2,
	FRAME_READERS = 3,
	FRAME_COMMIT = 4,
	FRAME_ALIVE = 5,
	FRAME_HELLO_OK = 128 + 1,
	FRAME_FILE_OK = 128 + 2,
	FRAME_READERS_OK = 128 + 3,
	FRAME_REGISTERED = 128 + 4,
	FRAME_RETRY = 128 + 5,
	FRAME_FOLLOWUP = 128 + 6,
	FRAME_STALE = 128 + 7,
	FRAME_BUSY = 128 + 8,
	FRAME_FAILED = 128 + 9,
	FRAME_ALIVE_OK = 128 + 10,
	/* senim-milter to a child of the nursery; after EXAMINE the message's octets follow raw */
	FRAME_EXAMINE = 16,
	FRAME_FINDING = 128 + 16,
	/* ingest.sock: senim-ingest to senim-milter; DATA's body is raw octets of the message */
	FRAME_INGEST = 24,
	FRAME_DATA = 25,
	FRAME_END = 26,
	FRAME_VERDICT = 128 + 24,
} FrameType;

typedef struct {
	guint16 type;
	GBytes *body;
	int fd; /* -1: none came */
} Frame;

#define FRAME_INIT {0, NULL, -1}
void frame_clear(Frame *frame);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Frame, frame_clear)

/* Sends a frame; body may be NULL (empty). fd -1: no descriptor rides along. */
gboolean frame_send(int socket, guint16 type, GBytes *body, int fd, gint64 deadline, GError **error);
gboolean frame_send_bundle(int socket, guint16 type, const Bundle *bundle, int fd, gint64 deadline, GError **error);
/* *frame must be clear. A descriptor that comes is close-on-exec. */
gboolean frame_receive(int socket, Frame *frame, gint64 deadline, GError **error);

typedef enum {
	FRAME_AGAIN, /* poll the socket and come back */
	FRAME_READY, /* a whole frame was read, or all was written */
	FRAME_BROKEN,
} FrameProgress;

typedef struct FrameReader FrameReader;
FrameReader *frame_reader_new(void);
void frame_reader_free(FrameReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FrameReader, frame_reader_free)
/* READY moves the frame into *frame, which must be clear; the reader then waits for the next one. */
FrameProgress frame_reader_step(FrameReader *reader, int socket, Frame *frame, GError **error);

typedef struct FrameWriter FrameWriter;
FrameWriter *frame_writer_new(guint16 type, GBytes *body, int fd);
void frame_writer_free(FrameWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(FrameWriter, frame_writer_free)
FrameProgress frame_writer_step(FrameWriter *writer, int socket, GError **error);

#endif
