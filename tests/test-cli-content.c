/* SPDX-License-Identifier: ISC */
/* What an attachment is by its octets, and which viewer would get it. */
#include <string.h>

#include "cli/content.h"
#include "cli/printer.h"
#include "cli/viewer.h"

#define OCTETS(text) text, sizeof text - 1

static void what_could_act_is_named_whatever_the_letter_calls_it(void)
{
	static const struct {
		const char *octets;
		gsize size;
		const char *type;
		ContentDanger danger;
	} rows[] = {
		{OCTETS(""), "text/plain", CONTENT_QUIET},
		{OCTETS("Құрметті басшылық!\n"), "text/plain", CONTENT_QUIET},
		{OCTETS("a\0b"), "application/octet-stream", CONTENT_QUIET},
		{OCTETS("\177ELF\2\1\1"), "application/x-executable", CONTENT_PROGRAM},
		{OCTETS("MZ\x90\0\3"), "application/vnd.microsoft.portable-executable", CONTENT_PROGRAM},
		{OCTETS("#!/bin/sh\n"), "text/x-script", CONTENT_PROGRAM},
		{OCTETS("#!AMR\n"), "audio/amr", CONTENT_QUIET},
		{OCTETS("\xff\xd8\xff\xe0"), "image/jpeg", CONTENT_QUIET},
		{OCTETS("RIFF....WAVEfmt "), "audio/wav", CONTENT_QUIET},
		{OCTETS("\xff\xf3\x44\xc4"), "audio/mpeg", CONTENT_QUIET},
		{OCTETS(".snd\0\0\0\x18"), "audio/basic", CONTENT_QUIET},
		{OCTETS("%PDF-1.7\n1 0 obj\n"), "application/pdf", CONTENT_QUIET},
		{OCTETS("junk\n%PDF-1.7\n<</OpenAction<</S/JavaScript/JS(app)>>>>"), "application/pdf", CONTENT_SCRIPT},
		{OCTETS("%PDF-1.7\n<</S/Launch>>"), "application/pdf", CONTENT_EMBEDDED},
		{OCTETS("PK\3\4..readme.txt"), "application/zip", CONTENT_EMBEDDED},
		{OCTETS("PK\3\4..META-INF/MANIFEST.MF"), "application/java-archive", CONTENT_PROGRAM},
		{OCTETS("PK\3\4..word/document.xml"),
	     "application/vnd.openxmlformats-officedocument.wordprocessingml.document", CONTENT_QUIET},
		{OCTETS("PK\3\4..xl/workbook.xml..xl/vbaProject.bin"),
	     "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", CONTENT_MACROS},
		{OCTETS("PK\3\4..mimetypeapplication/vnd.oasis.opendocument.textPK..Basic/x"),
	     "application/vnd.oasis.opendocument.text", CONTENT_MACROS},
		{OCTETS("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0"), "application/msword",
	     CONTENT_QUIET},
		{OCTETS("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..W\0o\0r\0k\0b\0o\0o\0k\0.._\0V\0B\0A\0_\0"), "application/vnd.ms-excel",
	     CONTENT_MACROS},
		{OCTETS("{\\rtf1{\\object\\objdata 01}}"), "application/rtf", CONTENT_EMBEDDED},
		{OCTETS("<!DOCTYPE HTML><p>plain"), "text/html", CONTENT_QUIET},
		{OCTETS("\n<HTML><ScRiPt>x()</script>"), "text/html", CONTENT_SCRIPT},
		{OCTETS("<html><img src=\"http://tracker/\">"), "text/html", CONTENT_SCRIPT},
		{OCTETS("<?xml version='1.0'?><svg onload='x()'/>"), "image/svg+xml", CONTENT_SCRIPT},
	};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		Content content;
		content_sniff(rows[i].octets, rows[i].size, &content);
		g_assert_cmpstr(content.type, ==, rows[i].type);
		g_assert_cmpint(content.danger, ==, rows[i].danger);
		g_assert_true((content_warning(&content) == NULL) == (rows[i].danger == CONTENT_QUIET));
		g_assert_cmpuint(strspn(content.extension, "abcdefghijklmnopqrstuvwxyz0123456789"), ==, strlen(content.extension));
	}
}

static void the_first_viewer_that_fits_is_taken(void)
{
	static const char viewers[] = "application/pdf: mupdf -r 90 %f; image/*: feh; *: 'a b'";
	static const char *const rows[][2] = {
		{"application/pdf", "mupdf -r 90 %f"}, {"image/png", "feh"}, {"text/html", "'a b'"}, {"application/pdfx", "'a b'"}};
	for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
		g_autofree char *command = viewer_command(viewers, rows[i][0]);
		g_assert_cmpstr(command, ==, rows[i][1]);
	}
	g_assert_null(viewer_command("image/*: feh", "text/plain"));
	g_assert_true(viewer_check(viewers));
	g_assert_true(viewer_check("image/*: feh;"));
	g_assert_false(viewer_check("mupdf"));
	g_assert_false(viewer_check("image/*: "));
	g_assert_false(viewer_check("image/*: feh 'unfinished"));
}

static void a_printer_elsewhere_is_not_taken_for_one_of_this_machine(void)
{
	static const char *const here[] = {"usb://HP/LaserJet", "ipp://localhost:60000/ipp/print", "socket://127.0.0.1",
	                                   "ipps://[::1]/ipp/print", "file:///dev/lp0", "hp:/usb/LaserJet?serial=1"};
	static const char *const elsewhere[] = {"socket://10.0.0.7",          "ipp://printer.kmo.kz/ipp/print",
	                                        "lpd://localhost.kmo.kz/q",   "hp:/net/LaserJet?ip=10.0.0.7",
	                                        "dnssd://Printer._ipp._tcp.local/", "nonsense", "smb://host/share"};
	for (gsize i = 0; i < G_N_ELEMENTS(here); i++)
		g_assert_true(printer_is_local(here[i]));
	for (gsize i = 0; i < G_N_ELEMENTS(elsewhere); i++)
		g_assert_false(printer_is_local(elsewhere[i]));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/cli/content/what could act is named whatever the letter calls it",
	                what_could_act_is_named_whatever_the_letter_calls_it);
	g_test_add_func("/cli/content/the first viewer that fits is taken", the_first_viewer_that_fits_is_taken);
	g_test_add_func("/cli/content/a printer elsewhere is not taken for one of this machine",
	                a_printer_elsewhere_is_not_taken_for_one_of_this_machine);
	return g_test_run();
}
