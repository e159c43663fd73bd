/* SPDX-License-Identifier: ISC */
/* policy/fold.h - one letter, however it is dressed up, as one octet.
 *
 * Codes: 128 + 0..31 for а..я, 'a'..'z', '0'..'9', '\'' and '*' as they are, FOLD_OTHER for letters of other scripts.
 * Folded away: case and compatibility forms (NFKC), accents, format and zero-width characters, the letters that Kazakh has
 * beside Russian (ә ғ қ ң ө ұ ү һ і: as they are typed where the keyboard lacks them), ё.
 * A sound key is what is left of a Cyrillic word where Latin letters are to match it: й, ы as и, no ь and ъ, я ю as
 * иа иу, ц as тс, no letter twice. Latin words have theirs by the Kazakh alphabet of 2021, the informal one and Russian translit.
 * Threads: pure. */
#ifndef SENIM_POLICY_FOLD_H
#define SENIM_POLICY_FOLD_H

#include <glib.h>

#define FOLD_OTHER 1
#define FOLD_IS_CYRILLIC(code) ((code) >= 128)
#define FOLD_KEY_MAX 64 /* octets of a key; what is longer is cut */

/* One code point as those it consists of, in lower case and without its marks (ş, й and ё keep theirs): how many of `out`
 * were filled, 0 for what cannot be seen. */
#define FOLD_PARTS_MAX 24
guint fold_parts(gunichar c, gunichar out[FOLD_PARTS_MAX]);

/* The code of such a part; 0 where it is no letter, digit, apostrophe or star. */
guint8 fold_code(gunichar part);

/* What a word is of. */
typedef struct {
	guint8 letters, digits, stars, cyrillic, latin;
	guint8 strong_cyrillic, strong_latin; /* letters that the other script has no likeness of: 2 each, a weak one: 1 */
} FoldCounts;

/* So that those of up to a hundred letters are added up as one number. */
typedef union {
	FoldCounts of;
	guint64 sum;
} FoldLook;

/* A part with all that is known of it: what it is or can be taken for in each script, then the second reading of what is
 * doubtful (digits and signs that stand for letters, Latin letters that look like two Cyrillic ones); 0 for none. */
typedef struct {
	gunichar part;
	guint8 code;
	guint8 is_letter;
	guint8 cyrillic[2], latin[2];
	FoldLook look;
} FoldLetter;

/* The parts of a code point, fold_parts(), with all that is known of them; in `own` or in memory of this room. */
guint fold_letters(gunichar c, const FoldLetter **found, FoldLetter own[FOLD_PARTS_MAX]);

/* key of codes -> key of sounds; out holds 2 * FOLD_KEY_MAX. Some Latin letters have two sounds (j: ж, й): a set bit of
 * `readings` takes the second of its kind. Returns the length; *doubtful the bits that would change something. */
#define FOLD_READINGS 4
gsize fold_sound(const guint8 *codes, gsize n, guint readings, guint8 *out, guint *doubtful);
/* key of codes -> letters: a word that Latin letters spell, as it is mostly written in Cyrillic ones; for eyes that know only
 * these. out holds FOLD_KEY_MAX. Returns the length. */
gsize fold_cyrillic(const guint8 *codes, gsize n, guint8 *out);
/* Every letter once. Returns the length. */
gsize fold_squeeze(const guint8 *codes, gsize n, guint8 *out);
/* A word of a rule file, as it stands there: its codes. Returns the length, at most FOLD_KEY_MAX. */
gsize fold_word(const char *word, gsize size, guint8 *out);

#endif
