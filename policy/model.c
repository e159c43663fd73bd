/* SPDX-License-Identifier: ISC */
#include "policy/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policy/fold.h"

#define BITS_MIN 10
#define BITS_MAX 20
#define TOO_SHORT (-1000.0)
#define GRAM_MIN 2
#define GRAM_MAX 5
#define EDGE ' ' /* before and behind each word: no letter has this code */

struct Model {
	guint bits;
	double scale, bias, threshold;
	gint8 *weights;
};

G_DEFINE_QUARK(senim-model-error, model_error)

/* --- features --------------------------------------------------------------------------------- */

/* The words of a sentence, as codes. */
typedef struct {
	GByteArray *codes; /* EDGE word EDGE word EDGE */
	guint words;
} Folded;

static void fold_sentence(const char *sentence, gsize size, Folded *folded)
{
	static const guint8 edge = EDGE;
	folded->codes = g_byte_array_new();
	folded->words = 0;
	g_byte_array_append(folded->codes, &edge, 1);
	const char *end = sentence + size;
	gboolean inside = FALSE;
	for (const char *at = sentence; at < end && folded->codes->len < MODEL_FEATURES_MAX;) {
		gunichar c = g_utf8_get_char_validated(at, end - at), parts[FOLD_PARTS_MAX];
		gboolean whole = c != (gunichar)-1 && c != (gunichar)-2;
		guint n = whole ? fold_parts(c, parts) : 0;
		at = whole ? g_utf8_next_char(at) : at + 1;
		for (guint i = 0; i < n; i++) {
			guint8 code = fold_code(parts[i]);
			gboolean letter = code > FOLD_OTHER && code != '\'';
			if (letter && !inside)
				folded->words++;
			if (letter || inside)
				g_byte_array_append(folded->codes, letter ? &code : &edge, 1);
			inside = letter;
		}
	}
	if (inside)
		g_byte_array_append(folded->codes, &edge, 1);
}

/* FNV-1a of octets, with a kind that keeps runs, words and pairs apart. */
static guint32 hash(guint8 kind, const guint8 *octets, gsize n)
{
	guint32 h = (2166136261u ^ kind) * 16777619u;
	for (gsize i = 0; i < n; i++)
		h = (h ^ octets[i]) * 16777619u;
	return h ^ (h >> 15);
}

typedef struct {
	guint bits;
	guint32 *set; /* a bit for each bucket */
	GArray *found;
} Buckets;

static void add(Buckets *buckets, guint32 h)
{
	guint32 bucket = h & ((1u << buckets->bits) - 1), bit = 1u << (bucket & 31);
	if (buckets->found->len >= MODEL_FEATURES_MAX || (buckets->set[bucket >> 5] & bit) != 0)
		return;
	buckets->set[bucket >> 5] |= bit;
	g_array_append_val(buckets->found, bucket);
}

/* One word with its edges. */
static void add_word(Buckets *buckets, const guint8 *word, gsize n)
{
	for (gsize length = GRAM_MIN; length <= GRAM_MAX; length++)
		for (gsize i = 0; i + length <= n; i++)
			add(buckets, hash((guint8)length, word + i, length));
	add(buckets, hash('w', word, n));
}

static void add_all(Buckets *buckets, const guint8 *codes, gsize n)
{
	gsize before = n; /* where the word before begins; n: there is none */
	for (gsize from = 0, to = 1; to < n; to++) {
		if (codes[to] != EDGE)
			continue;
		add_word(buckets, codes + from, to - from + 1);
		if (before < n)
			add(buckets, hash('p', codes + before, to - before + 1));
		before = from;
		from = to;
	}
}

static gint compare(gconstpointer a, gconstpointer b)
{
	guint32 one = *(const guint32 *)a, other = *(const guint32 *)b;
	return one < other ? -1 : one > other;
}

GArray *model_features(guint bits, const char *sentence, gsize size)
{
	Folded folded;
	g_autofree guint32 *set = g_new0(guint32, (1u << bits) / 32);
	Buckets buckets = {bits, set, g_array_new(FALSE, FALSE, sizeof(guint32))};
	fold_sentence(sentence, size, &folded);
	add_all(&buckets, folded.codes->data, folded.codes->len);
	explicit_bzero(folded.codes->data, folded.codes->len);
	g_byte_array_unref(folded.codes);
	g_array_sort(buckets.found, compare);
	return buckets.found;
}

guint model_words(const char *sentence, gsize size)
{
	Folded folded;
	fold_sentence(sentence, size, &folded);
	g_byte_array_unref(folded.codes);
	return folded.words;
}

double model_score(const Model *model, const char *sentence, gsize size)
{
	if (model_words(sentence, size) < MODEL_WORDS_LEAST)
		return TOO_SHORT;
	g_autoptr(GArray) features = model_features(model->bits, sentence, size);
	gint64 sum = 0; /* of whole numbers: the order does not matter, nor the machine */
	for (guint i = 0; i < features->len; i++)
		sum += model->weights[g_array_index(features, guint32, i)];
	return (double)sum * model->scale / sqrt((double)MAX(features->len, 1)) + model->bias - model->threshold;
}

/* --- weights ---------------------------------------------------------------------------------- */

static gboolean fail(GError **error, const char *what)
{
	g_set_error(error, MODEL_ERROR, 0, "the model's weights are not readable: %s: put back those of the release", what);
	return FALSE;
}

static gboolean read_number(const char *text, double *value)
{
	char *end;
	*value = g_ascii_strtod(text, &end);
	return end != text && *end == '\0' && isfinite(*value);
}

/* Up to the empty line; *rest is what follows it. */
static gboolean read_head(Model *model, char *text, char **rest, GError **error)
{
	double format = 0, bits = 0;
	const struct {
		const char *key;
		double *value;
	} keys[] = {{"senim-model: ", &format}, {"bits: ", &bits}, {"scale: ", &model->scale}, {"bias: ", &model->bias},
	            {"threshold: ", &model->threshold}};
	guint seen = 0;
	for (char *line = text, *next; (next = strchr(line, '\n')) != NULL; line = next + 1) {
		*next = '\0';
		*rest = next + 1;
		if (line[0] == '\0')
			break;
		for (gsize i = 0; i < G_N_ELEMENTS(keys); i++)
			if (g_str_has_prefix(line, keys[i].key)) {
				if (!read_number(line + strlen(keys[i].key), keys[i].value))
					return fail(error, "a number is none");
				seen++;
			}
	}
	if (seen != G_N_ELEMENTS(keys) || format != 1)
		return fail(error, "a line of its head is missing, stands twice or is of another release");
	model->bits = (guint)bits;
	return (bits >= BITS_MIN && bits <= BITS_MAX && bits == model->bits) || fail(error, "bits is out of its range");
}

Model *model_read(const char *text, gsize size, GError **error)
{
	g_autoptr(Model) model = g_new0(Model, 1);
	g_autofree char *copy = g_strndup(text, size);
	char *rest = copy;
	gsize n;
	if (!read_head(model, copy, &rest, error))
		return NULL;
	model->weights = (gint8 *)g_base64_decode(rest, &n);
	if (n == (gsize)1 << model->bits)
		return g_steal_pointer(&model);
	fail(error, "there are more or fewer of them than bits says");
	return NULL;
}

void model_free(Model *model)
{
	if (model == NULL)
		return;
	g_free(model->weights);
	g_free(model);
}
