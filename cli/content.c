/* SPDX-License-Identifier: ISC */
#include "cli/content.h"

#include <string.h>

#include "cli/language.h"

#define WORD(text) text, sizeof text - 1
#define LOOKED_AT 1024 /* octets in which a PDF or a page must begin */

static const struct {
	gsize offset, size;
	const char *magic;
	Content content;
} magics[] = {
	{0, 4, "\177ELF", {"application/x-executable", "bin", CONTENT_PROGRAM}},
	{0, 2, "MZ", {"application/vnd.microsoft.portable-executable", "exe", CONTENT_PROGRAM}},
	{0, 4, "\xfe\xed\xfa\xce", {"application/x-mach-binary", "bin", CONTENT_PROGRAM}},
	{0, 4, "\xfe\xed\xfa\xcf", {"application/x-mach-binary", "bin", CONTENT_PROGRAM}},
	{0, 4, "\xce\xfa\xed\xfe", {"application/x-mach-binary", "bin", CONTENT_PROGRAM}},
	{0, 4, "\xcf\xfa\xed\xfe", {"application/x-mach-binary", "bin", CONTENT_PROGRAM}},
	{0, 4, "\xca\xfe\xba\xbe", {"application/java-vm", "class", CONTENT_PROGRAM}},
	{0, 8, "L\0\0\0\1\x14\2\0", {"application/x-ms-shortcut", "lnk", CONTENT_PROGRAM}},
	{0, 5, "#!AMR", {"audio/amr", "amr", CONTENT_QUIET}},
	{0, 2, "#!", {"text/x-script", "txt", CONTENT_PROGRAM}},
	{0, 4, "MSCF", {"application/vnd.ms-cab-compressed", "cab", CONTENT_EMBEDDED}},
	{0, 4, "ITSF", {"application/vnd.ms-htmlhelp", "chm", CONTENT_SCRIPT}},
	{0, 8, "\x89PNG\r\n\x1a\n", {"image/png", "png", CONTENT_QUIET}},
	{0, 3, "\xff\xd8\xff", {"image/jpeg", "jpg", CONTENT_QUIET}},
	{0, 6, "GIF87a", {"image/gif", "gif", CONTENT_QUIET}},
	{0, 6, "GIF89a", {"image/gif", "gif", CONTENT_QUIET}},
	{0, 4, "II*\0", {"image/tiff", "tif", CONTENT_QUIET}},
	{0, 4, "MM\0*", {"image/tiff", "tif", CONTENT_QUIET}},
	{8, 4, "WEBP", {"image/webp", "webp", CONTENT_QUIET}},
	{4, 8, "ftypheic", {"image/heic", "heic", CONTENT_QUIET}},
	{4, 8, "ftypM4A ", {"audio/mp4", "m4a", CONTENT_QUIET}},
	{4, 4, "ftyp", {"video/mp4", "mp4", CONTENT_QUIET}},
	{8, 4, "WAVE", {"audio/wav", "wav", CONTENT_QUIET}},
	{0, 4, "OggS", {"audio/ogg", "ogg", CONTENT_QUIET}},
	{0, 3, "ID3", {"audio/mpeg", "mp3", CONTENT_QUIET}},
	{0, 2, "\xff\xfb", {"audio/mpeg", "mp3", CONTENT_QUIET}},
	{0, 2, "\xff\xfa", {"audio/mpeg", "mp3", CONTENT_QUIET}},
	{0, 2, "\xff\xf3", {"audio/mpeg", "mp3", CONTENT_QUIET}},
	{0, 2, "\xff\xf2", {"audio/mpeg", "mp3", CONTENT_QUIET}},
	{0, 4, ".snd", {"audio/basic", "au", CONTENT_QUIET}},
	{0, 4, "fLaC", {"audio/flac", "flac", CONTENT_QUIET}},
	{0, 4, "\x1a\x45\xdf\xa3", {"video/webm", "webm", CONTENT_QUIET}},
	{0, 6, "7z\xbc\xaf\x27\x1c", {"application/x-7z-compressed", "7z", CONTENT_EMBEDDED}},
	{0, 4, "Rar!", {"application/vnd.rar", "rar", CONTENT_EMBEDDED}},
	{0, 2, "\x1f\x8b", {"application/gzip", "gz", CONTENT_EMBEDDED}},
	{0, 4, "{\\rt", {"application/rtf", "rtf", CONTENT_QUIET}},
	{0, 4, "PK\3\4", {"application/zip", "zip", CONTENT_EMBEDDED}},
	{0, 8, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {"application/x-ole-storage", "doc", CONTENT_QUIET}},
};

/* What lies in a container says what it is: the first word that is found. */
static const struct {
	const char *container, *word;
	gsize size;
	Content content;
} contained[] = {
	{"application/zip", WORD("AndroidManifest.xml"), {"application/vnd.android.package-archive", "apk", CONTENT_PROGRAM}},
	{"application/zip", WORD("META-INF/MANIFEST.MF"), {"application/java-archive", "jar", CONTENT_PROGRAM}},
	{"application/zip", WORD("word/document"), {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx", CONTENT_QUIET}},
	{"application/zip", WORD("xl/workbook"), {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", CONTENT_QUIET}},
	{"application/zip", WORD("ppt/presentation"), {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx", CONTENT_QUIET}},
	{"application/zip", WORD("mimetypeapplication/vnd.oasis.opendocument.text"), {"application/vnd.oasis.opendocument.text", "odt", CONTENT_QUIET}},
	{"application/zip", WORD("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), {"application/vnd.oasis.opendocument.spreadsheet", "ods", CONTENT_QUIET}},
	{"application/zip", WORD("mimetypeapplication/vnd.oasis.opendocument.presentation"), {"application/vnd.oasis.opendocument.presentation", "odp", CONTENT_QUIET}},
	{"application/x-ole-storage", WORD("W\0o\0r\0k\0b\0o\0o\0k"), {"application/vnd.ms-excel", "xls", CONTENT_QUIET}},
	{"application/x-ole-storage", WORD("P\0o\0w\0e\0r\0P\0o\0i\0n\0t"), {"application/vnd.ms-powerpoint", "ppt", CONTENT_QUIET}},
	{"application/x-ole-storage", WORD("W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t"), {"application/msword", "doc", CONTENT_QUIET}},
	{"application/x-ole-storage", WORD("_\0_\0s\0u\0b\0s\0t\0g"), {"application/vnd.ms-outlook", "msg", CONTENT_EMBEDDED}},
};

/* Words by which it could act. type: a beginning of the media type. */
static const struct {
	const char *type, *word;
	gsize size;
	ContentDanger danger;
} dangers[] = {
	{"application/vnd.openxml", WORD("vbaProject.bin"), CONTENT_MACROS},
	{"application/vnd.openxml", WORD("/embeddings/"), CONTENT_EMBEDDED},
	{"application/vnd.openxml", WORD("/activeX/"), CONTENT_MACROS},
	{"application/vnd.oasis", WORD("Basic/"), CONTENT_MACROS},
	{"application/vnd.oasis", WORD("Scripts/"), CONTENT_MACROS},
	{"application/msword", WORD("_\0V\0B\0A\0_"), CONTENT_MACROS},
	{"application/vnd.ms-", WORD("_\0V\0B\0A\0_"), CONTENT_MACROS},
	{"application/x-ole", WORD("_\0V\0B\0A\0_"), CONTENT_MACROS},
	{"application/rtf", WORD("\\objdata"), CONTENT_EMBEDDED},
	{"application/rtf", WORD("\\objupdate"), CONTENT_EMBEDDED},
	{"application/pdf", WORD("/JavaScript"), CONTENT_SCRIPT},
	{"application/pdf", WORD("/JS"), CONTENT_SCRIPT},
	{"application/pdf", WORD("/Launch"), CONTENT_EMBEDDED},
	{"application/pdf", WORD("/EmbeddedFile"), CONTENT_EMBEDDED},
	{"application/pdf", WORD("/RichMedia"), CONTENT_EMBEDDED},
	{"application/pdf", WORD("/XFA"), CONTENT_SCRIPT},
};

/* In a page or an SVG picture, in any case of letters. */
static const char *const active[] = {"<script", "javascript:", "<iframe", "<object",     "<embed",   "<form",  "<meta http-equiv",
                                     "<link",   "onload",      "onerror", "onmouseover", "src=\"http", "src='http",
                                     "src=http", "url(http",   "<foreignobject"};

static gboolean has_any_case(const char *data, gsize size, const char *word)
{
	gsize length = strlen(word);
	for (gsize i = 0; i + length <= size; i++)
		if (g_ascii_tolower(data[i]) == word[0] && g_ascii_strncasecmp(data + i, word, length) == 0)
			return TRUE;
	return FALSE;
}

static const Content *by_magic(const char *data, gsize size)
{
	for (gsize i = 0; i < G_N_ELEMENTS(magics); i++)
		if (size >= magics[i].offset + magics[i].size &&
		    memcmp(data + magics[i].offset, magics[i].magic, magics[i].size) == 0)
			return &magics[i].content;
	return NULL;
}

/* Text, a page, a picture drawn in text, or nothing that is known. */
static void read_text(const char *data, gsize size, Content *content)
{
	static const Content text = {"text/plain", "txt", CONTENT_QUIET}, page = {"text/html", "html", CONTENT_QUIET},
	                     drawing = {"image/svg+xml", "svg", CONTENT_QUIET},
	                     unknown = {"application/octet-stream", "bin", CONTENT_QUIET};
	gsize head = MIN(size, 4 * LOOKED_AT);
	gboolean is_text = memchr(data, '\0', size) == NULL;
	*content = !is_text ? unknown : has_any_case(data, head, "<svg") ? drawing
	         : has_any_case(data, head, "<html") || has_any_case(data, head, "<!doctype html") ||
	                           has_any_case(data, head, "<body") || has_any_case(data, head, "<script")
	               ? page
	               : text;
	for (gsize i = 0; content->type != text.type && is_text && i < G_N_ELEMENTS(active); i++)
		if (has_any_case(data, size, active[i]))
			content->danger = CONTENT_SCRIPT;
}

void content_sniff(const void *octets, gsize size, Content *content)
{
	static const Content pdf = {"application/pdf", "pdf", CONTENT_QUIET};
	const char *data = octets;
	const Content *found = by_magic(data, size);
	if (found != NULL)
		*content = *found;
	else if (memmem(data, MIN(size, LOOKED_AT), "%PDF-", 5) != NULL)
		*content = pdf;
	else
		read_text(data, size, content);
	for (gsize i = 0; i < G_N_ELEMENTS(contained); i++)
		if (strcmp(contained[i].container, content->type) == 0 &&
		    memmem(data, size, contained[i].word, contained[i].size) != NULL)
			*content = contained[i].content;
	for (gsize i = 0; i < G_N_ELEMENTS(dangers); i++)
		if (g_str_has_prefix(content->type, dangers[i].type) &&
		    memmem(data, size, dangers[i].word, dangers[i].size) != NULL)
			content->danger = dangers[i].danger;
}

const char *content_warning(const Content *content)
{
	switch (content->danger) {
	case CONTENT_QUIET:
		return NULL;
	case CONTENT_PROGRAM:
		return _("it is a program: opening it would start it");
	case CONTENT_MACROS:
		return _("it is a document with macros, small programs that may start when it is opened");
	case CONTENT_SCRIPT:
		return _("it has active content: scripts, forms, or parts that are fetched from elsewhere");
	case CONTENT_EMBEDDED:
		return _("it carries other files, or starts something, which nobody has looked at");
	}
	return NULL;
}
