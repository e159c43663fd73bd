/* SPDX-License-Identifier: ISC */
#include "store/desk-stream.h"

#include <string.h>
#include <unistd.h>

#define BLOCK (64 * 1024)

typedef struct {
	const Registry *registry;
	guint mailbox;
	char *officer;
	guint8 sign[32];
	int fd;
	guint64 from;
} Stream;

static gboolean is_let_in(const Stream *stream)
{
	g_autoptr(People) people = ledger_people(registry_ledger(stream->registry, stream->mailbox));
	const PeoplePerson *person = people_find(people, stream->officer);
	const PeopleKey *older;
	if (person == NULL || !people_signed_with(person, stream->sign, &older))
		return FALSE;
	g_autoptr(PeoplePerson) seen = older != NULL ? people_person_with(person, older) : people_person_copy(person);
	return people_signs_in(seen, registry_now(stream->registry));
}

static ssize_t next_block(void *user, uint64_t position, char *out, size_t room)
{
	const Stream *stream = user;
	if (!is_let_in(stream))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	ssize_t got = pread(stream->fd, out, room, (off_t)(stream->from + position));
	return got > 0 ? got : MHD_CONTENT_READER_END_WITH_ERROR;
}

static void stream_free(void *user)
{
	Stream *stream = user;
	close(stream->fd);
	g_free(stream->officer);
	g_free(stream);
}

struct MHD_Response *desk_stream_new(const Registry *registry, guint mailbox, const char *officer, const guint8 sign[32],
                                     int fd, guint64 from, guint64 size)
{
	Stream *stream = g_new0(Stream, 1);
	stream->registry = registry;
	stream->mailbox = mailbox;
	stream->officer = g_strdup(officer);
	memcpy(stream->sign, sign, sizeof stream->sign);
	stream->fd = fd;
	stream->from = from;
	struct MHD_Response *response = MHD_create_response_from_callback(size, BLOCK, next_block, stream, stream_free);
	if (response == NULL)
		stream_free(stream);
	return response;
}
