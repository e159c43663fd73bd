/* SPDX-License-Identifier: ISC */
/* milter/rule-pack.h - the screening's rules as they were when they were last good.
 *
 * `senim-examine --pack-rules --rules DIRECTORY` reads the shipped rules and those of the directory, runs every rule's
 * examples and writes them all out as one text; here it lands in a sealed file in memory. Every nursery reads its rules from
 * there: what happens to the files on disk changes nothing before the next reload, however often a nursery dies. The milter
 * itself never looks into it. An examiner that has not done so in `seconds` is killed: nothing may hang the start.
 * Ownership: a pack is a descriptor, close-on-exec; the caller closes it. Threads: any.
 * Fails:     -1 and *error; senim-examine has said on our standard error which line of which file is wrong. */
#ifndef SENIM_MILTER_RULE_PACK_H
#define SENIM_MILTER_RULE_PACK_H

#include <glib.h>

#define RULE_PACK_SECONDS 30 /* the shipped rules take a tenth of one; a start packs twice at most, within systemd's 90 */

/* directory NULL: the shipped rules alone. */
int rule_pack_make(const char *examiner, const char *directory, guint seconds, GError **error);
gboolean rule_pack_same(int pack, int other);

#endif
