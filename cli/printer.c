/* SPDX-License-Identifier: ISC */
#include "cli/printer.h"

#include <cups/cups.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "cli/cli.h"

#define SECONDS 60
#define PIECE 16384

struct Printer {
	http_t *http;
	char *uri, *resource;
	gboolean queue; /* of a scheduler, which spools */
};

void printer_free(Printer *printer)
{
	if (printer == NULL)
		return;
	if (printer->http != NULL)
		httpClose(printer->http);
	g_free(printer->uri);
	g_free(printer->resource);
	g_free(printer);
}

/* --- where it is ---------------------------------------------------------------------------------------------------- */

static gboolean host_is_local(const char *host)
{
	return host[0] == '/' || strcmp(host, "localhost") == 0 || g_str_has_prefix(host, "127.") || strcmp(host, "::1") == 0;
}

gboolean printer_is_local(const char *uri)
{
	static const char *const devices[] = {"usb", "parallel", "serial", "file", "hp"};
	char scheme[HTTP_MAX_URI], user[HTTP_MAX_URI], host[HTTP_MAX_URI], resource[HTTP_MAX_URI];
	int port;
	if (httpSeparateURI(HTTP_URI_CODING_ALL, uri, scheme, sizeof scheme, user, sizeof user, host, sizeof host, &port,
	                    resource, sizeof resource) < HTTP_URI_STATUS_OK)
		return FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
		if (strcmp(scheme, devices[i]) == 0) /* hp:/net/… is a printer on the network */
			return !g_str_has_prefix(resource, "/net/");
	return host[0] != '\0' && host_is_local(host);
}

static http_t *connect_to(const char *host, int port, http_encryption_t encryption)
{
	return httpConnect2(host, port, NULL, AF_UNSPEC, encryption, 1, SECONDS * 1000, NULL);
}

static gboolean reach(Printer *printer, const char *place, GError **error)
{
	char scheme[HTTP_MAX_URI], user[HTTP_MAX_URI], host[HTTP_MAX_URI], resource[HTTP_MAX_URI], uri[HTTP_MAX_URI];
	int port;
	g_autofree char *shown = escape_text(place, -1, ESCAPE_LINE);
	printer->queue = strstr(place, "://") == NULL;
	if (printer->queue) {
		httpAssembleURIf(HTTP_URI_CODING_ALL, uri, sizeof uri, "ipp", NULL, "localhost", 0, "/printers/%s", place);
		printer->uri = g_strdup(uri);
		printer->resource = g_strdup_printf("/printers/%s", place);
		if (!host_is_local(cupsServer()))
			return cli_fail(error, CLI_ERROR_REFUSED, _("the printer %s is not one of this machine: nothing was printed"), shown);
		printer->http = connect_to(cupsServer(), ippPort(), HTTP_ENCRYPTION_IF_REQUESTED);
	} else if (httpSeparateURI(HTTP_URI_CODING_ALL, place, scheme, sizeof scheme, user, sizeof user, host, sizeof host, &port,
	                           resource, sizeof resource) < HTTP_URI_STATUS_OK ||
	           (strcmp(scheme, "ipp") != 0 && strcmp(scheme, "ipps") != 0)) {
		return cli_fail(error, CLI_ERROR_USAGE, _("“%s” is no printer: name a queue, or ipp://localhost:PORT/PATH"), shown);
	} else if (!host_is_local(host)) {
		return cli_fail(error, CLI_ERROR_REFUSED, _("the printer %s is not one of this machine: nothing was printed"), shown);
	} else {
		printer->uri = g_strdup(place);
		printer->resource = g_strdup(resource);
		printer->http = connect_to(host, port, strcmp(scheme, "ipps") == 0 ? HTTP_ENCRYPTION_ALWAYS
		                                                                    : HTTP_ENCRYPTION_IF_REQUESTED);
	}
	return printer->http != NULL ||
	       cli_fail(error, CLI_ERROR_FAILED, _("the printer %s does not answer: is it switched on, and does its service run?"), shown);
}

/* --- what it does with pages ----------------------------------------------------------------------------------------- */

static ipp_t *request_for(const Printer *printer, ipp_op_t operation)
{
	ipp_t *request = ippNewRequest(operation);
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, printer->uri);
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL, cupsUser());
	return request;
}

static gboolean is_good(const ipp_t *answer)
{
	return answer != NULL && ippGetStatusCode((ipp_t *)answer) < IPP_STATUS_REDIRECTION_OTHER_SITE;
}

static gboolean has_value(ipp_t *answer, const char *name, const char *value)
{
	ipp_attribute_t *attribute = ippFindAttribute(answer, name, IPP_TAG_ZERO);
	return attribute != NULL && ippContainsString(attribute, value);
}

static gboolean fail_printer(const Printer *printer, const char *why, GError **error)
{
	g_autofree char *shown = escape_text(printer->uri, -1, ESCAPE_LINE);
	g_autofree char *escaped = escape_text(why, -1, ESCAPE_LINE);
	return cli_fail(error, CLI_ERROR_FAILED, _("the printer %s does not take pages (%s): look at it, or choose another"), shown,
	                escaped);
}

static gboolean look_at(Printer *printer, gboolean even_so, GError **error)
{
	static const char *const wanted[] = {"device-uri", "document-format-supported", "printer-is-accepting-jobs"};
	ipp_t *request = request_for(printer, IPP_OP_GET_PRINTER_ATTRIBUTES);
	ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes", G_N_ELEMENTS(wanted), NULL, wanted);
	ipp_t *answer = cupsDoRequest(printer->http, request, printer->resource);
	g_autofree char *shown = escape_text(printer->uri, -1, ESCAPE_LINE);
	gboolean known = is_good(answer), pdf = known && has_value(answer, "document-format-supported", "application/pdf");
	ipp_attribute_t *device = known ? ippFindAttribute(answer, "device-uri", IPP_TAG_URI) : NULL;
	gboolean local = !printer->queue || (device != NULL && printer_is_local(ippGetString(device, 0, NULL)));
	ippDelete(answer);
	if (!known)
		return fail_printer(printer, cupsLastErrorString(), error);
	if (!pdf)
		return fail_printer(printer, "application/pdf", error);
	if (even_so)
		return TRUE;
	if (!local)
		return cli_fail(error, CLI_ERROR_REFUSED,
		                _("the printer %s is not one of this machine: nothing was printed; --even-so prints on it"), shown);
	return !printer->queue ||
	       cli_fail(error, CLI_ERROR_REFUSED,
	                _("the queue %s writes pages to its disk before they are printed: nothing was printed; name the printer itself (ipp://localhost…), or say --even-so"),
	                shown);
}

Printer *printer_open(const char *place, gboolean even_so, GError **error)
{
	g_autoptr(Printer) printer = g_new0(Printer, 1);
	return reach(printer, place, error) && look_at(printer, even_so, error) ? g_steal_pointer(&printer) : NULL;
}

/* --- pages ------------------------------------------------------------------------------------------------------------ */

static ipp_t *job_request(const Printer *printer, ipp_op_t operation, int job)
{
	ipp_t *request = request_for(printer, operation);
	ippAddInteger(request, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", job);
	return request;
}

static int state_of(Printer *printer, int job)
{
	ipp_t *answer = cupsDoRequest(printer->http, job_request(printer, IPP_OP_GET_JOB_ATTRIBUTES, job), printer->resource);
	ipp_attribute_t *state = is_good(answer) ? ippFindAttribute(answer, "job-state", IPP_TAG_ENUM) : NULL;
	int value = state != NULL ? ippGetInteger(state, 0) : IPP_JSTATE_COMPLETED;
	ippDelete(answer);
	return value;
}

/* Waits for the end of a queue's job, then has the scheduler remove it with its file. */
static gboolean forget(Printer *printer, int job)
{
	gint64 end = g_get_monotonic_time() + SECONDS * G_USEC_PER_SEC;
	while (state_of(printer, job) < IPP_JSTATE_CANCELED && g_get_monotonic_time() < end)
		g_usleep(G_USEC_PER_SEC / 5);
	if (state_of(printer, job) < IPP_JSTATE_CANCELED)
		return FALSE;
	ipp_t *request = job_request(printer, IPP_OP_CANCEL_JOB, job);
	ippAddBoolean(request, IPP_TAG_OPERATION, "purge-job", 1);
	ipp_t *answer = cupsDoRequest(printer->http, request, printer->resource);
	gboolean forgotten = is_good(answer);
	ippDelete(answer);
	return forgotten;
}

static ipp_t *print_request(const Printer *printer)
{
	ipp_t *request = request_for(printer, IPP_OP_PRINT_JOB);
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "job-name", NULL, "document");
	ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_MIMETYPE, "document-format", NULL, "application/pdf");
	ippAddInteger(request, IPP_TAG_JOB, IPP_TAG_INTEGER, "copies", 1);
	ippAddString(request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "sides", NULL, "one-sided");
	ippAddString(request, IPP_TAG_JOB, IPP_TAG_KEYWORD, "media", NULL, "iso_a4_210x297mm");
	return request;
}

gboolean printer_send(Printer *printer, GBytes *pdf, gboolean *forgotten, GError **error)
{
	gsize size;
	const char *data = g_bytes_get_data(pdf, &size);
	ipp_t *request = print_request(printer);
	http_status_t status = cupsSendRequest(printer->http, request, printer->resource, ippLength(request) + size);
	for (gsize at = 0; status == HTTP_STATUS_CONTINUE && at < size; at += PIECE)
		status = cupsWriteRequestData(printer->http, data + at, MIN(size - at, PIECE));
	ipp_t *answer = cupsGetResponse(printer->http, printer->resource);
	ipp_attribute_t *job = is_good(answer) ? ippFindAttribute(answer, "job-id", IPP_TAG_INTEGER) : NULL;
	int number = job != NULL ? ippGetInteger(job, 0) : 0;
	gboolean taken = status == HTTP_STATUS_CONTINUE && is_good(answer);
	ippDelete(request);
	ippDelete(answer);
	if (!taken)
		return fail_printer(printer, cupsLastErrorString(), error);
	*forgotten = !printer->queue || (number > 0 && forget(printer, number));
	return TRUE;
}
