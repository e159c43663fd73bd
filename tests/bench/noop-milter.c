/* SPDX-License-Identifier: ISC */
/* tests/bench/noop-milter.c - a milter that reads all of a message, keeps nothing and discards it: the bench's floor.
 *
 * noop-milter SOCKET      SOCKET as libmilter takes it (unix:/path)
 * It answers every step, as libmilter does by default. */
#include <libmilter/mfapi.h>
#include <stdio.h>

static sfsistat header(SMFICTX *ctx, char *name, char *value)
{
	(void)ctx, (void)name, (void)value;
	return SMFIS_CONTINUE;
}

static sfsistat body(SMFICTX *ctx, unsigned char *data, size_t size)
{
	(void)ctx, (void)data, (void)size;
	return SMFIS_CONTINUE;
}

static sfsistat end(SMFICTX *ctx)
{
	(void)ctx;
	return SMFIS_DISCARD;
}

int main(int argc, char **argv)
{
	static char name[] = "noop-milter";
	struct smfiDesc milter = {
		.xxfi_name = name,
		.xxfi_version = SMFI_VERSION,
		.xxfi_header = header,
		.xxfi_body = body,
		.xxfi_eom = end,
	};
	if (argc != 2) {
		fprintf(stderr, "usage: noop-milter SOCKET\n");
		return 2;
	}
	if (smfi_register(milter) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS ||
	    smfi_opensocket(1) != MI_SUCCESS) {
		fprintf(stderr, "noop-milter: %s cannot be listened on\n", argv[1]);
		return 1;
	}
	return smfi_main() == MI_SUCCESS ? 0 : 1;
}
