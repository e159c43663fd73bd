/* SPDX-License-Identifier: ISC */
#include "policy/model.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "policy/fold.h"
#include "policy/utf8.h"

#define BITS_MIN 10
#define BITS_MAX 20
#define TOO_SHORT (-1000.0)
#define GRAM_MIN 2
#define GRAM_MAX 5
#define WORD_LEAST 4 /* letters: и т. д. says nothing */
#define BEGINNING 4
#define EDGE ' ' /* before and behind each word: no letter has this code */

struct Model {
	guint bits;
	double scale, bias, threshold;
	gint8 *weights;
};

G_DEFINE_QUARK(senim-model-error, model_error)

/* --- features --------------------------------------------------------------------------------- */

struct ModelScorer {
	const Model *model; /* NULL: features alone */
	guint bits;
	GByteArray *codes;  /* EDGE word EDGE word EDGE */
	guint words, in_word, longest; /* letters of the word under way, and of the longest */
	guint32 *set;       /* a bit for each bucket; all clear between two sentences */
	guint32 found[MODEL_FEATURES_MAX]; /* the buckets */
	guint n_found;
};

static ModelScorer *scorer_new(const Model *model, guint bits)
{
	ModelScorer *scorer = g_new0(ModelScorer, 1);
	scorer->model = model;
	scorer->bits = bits;
	scorer->codes = g_byte_array_new();
	scorer->set = g_new0(guint32, (1u << bits) / 32);
	return scorer;
}

ModelScorer *model_scorer_new(const Model *model)
{
	return scorer_new(model, model->bits);
}

void model_scorer_free(ModelScorer *scorer)
{
	if (scorer == NULL)
		return;
	if (scorer->codes->len > 0)
		explicit_bzero(scorer->codes->data, scorer->codes->len);
	g_byte_array_unref(scorer->codes);
	g_free(scorer->set);
	g_free(scorer);
}

/* Its words as codes, with an edge before and behind each. */
static void begin_sentence(ModelScorer *scorer)
{
	static const guint8 edge = EDGE;
	g_byte_array_set_size(scorer->codes, 0);
	g_byte_array_append(scorer->codes, &edge, 1);
	scorer->words = scorer->in_word = scorer->longest = 0;
}

static void add_code(ModelScorer *scorer, guint8 code)
{
	static const guint8 edge = EDGE;
	const gboolean inside = scorer->codes->data[scorer->codes->len - 1] != EDGE;
	const gboolean letter = code > FOLD_OTHER && code != '\'' && code != EDGE;
	scorer->words += letter && !inside;
	scorer->in_word = letter ? scorer->in_word + 1 : 0;
	scorer->longest = MAX(scorer->longest, scorer->in_word);
	if (letter || inside)
		g_byte_array_append(scorer->codes, letter ? &code : &edge, 1);
}

static void fold_sentence(ModelScorer *scorer, const char *sentence, gsize size)
{
	const char *end = sentence + size;
	const FoldLetter *letters;
	FoldLetter own[FOLD_PARTS_MAX];
	begin_sentence(scorer);
	for (const char *at = sentence; at < end && scorer->codes->len < MODEL_FEATURES_MAX;) {
		const gunichar c = utf8_next(at, end, &at);
		guint n = c != UTF8_BAD ? fold_letters(c, &letters, own) : 0;
		for (guint i = 0; i < n; i++)
			add_code(scorer, letters[i].code);
	}
	add_code(scorer, EDGE);
}

/* FNV-1a of octets, with a kind that keeps runs, words and pairs apart. */
static guint32 hash(guint8 kind, const guint8 *octets, gsize n)
{
	guint32 h = (2166136261u ^ kind) * 16777619u;
	for (gsize i = 0; i < n; i++)
		h = (h ^ octets[i]) * 16777619u;
	return h ^ (h >> 15);
}

static void add(ModelScorer *scorer, guint32 h)
{
	guint32 bucket = h & ((1u << scorer->bits) - 1), bit = 1u << (bucket & 31);
	if (scorer->n_found == MODEL_FEATURES_MAX || (scorer->set[bucket >> 5] & bit) != 0)
		return;
	scorer->set[bucket >> 5] |= bit;
	scorer->found[scorer->n_found++] = bucket;
}

/* One word with its edges. */
static void add_word(ModelScorer *scorer, const guint8 *word, gsize n)
{
	for (gsize length = GRAM_MIN; length <= GRAM_MAX; length++)
		for (gsize i = 0; i + length <= n; i++)
			add(scorer, hash((guint8)length, word + i, length));
	add(scorer, hash('w', word, n));
}

/* How two words begin, whatever their endings: BEGINNING letters of each, or all. */
static void add_beginnings(ModelScorer *scorer, guint8 kind, gsize one, gsize other)
{
	const guint8 *codes = scorer->codes->data;
	guint8 both[2 * (BEGINNING + 1)];
	gsize n = 0;
	for (gsize word = one, next = other;; word = next) {
		for (gsize i = 1; i <= BEGINNING && codes[word + i] != EDGE; i++)
			both[n++] = codes[word + i];
		both[n++] = EDGE;
		if (word == next)
			break;
	}
	add(scorer, hash(kind, both, n));
}

/* Fills `found`, and leaves no bit set behind it. */
static void find_features(ModelScorer *scorer)
{
	const guint8 *codes = scorer->codes->data;
	const gsize n = scorer->codes->len;
	scorer->n_found = 0;
	gsize before = n, earlier = n; /* where the word before begins, and the one before it; n: there is none */
	for (gsize from = 0, to = 1; to < n; to++) {
		if (codes[to] != EDGE)
			continue;
		add_word(scorer, codes + from, to - from + 1);
		if (before < n) {
			add(scorer, hash('p', codes + before, to - before + 1));
			add_beginnings(scorer, 'b', before, from);
		}
		if (earlier < n)
			add_beginnings(scorer, 's', earlier, from);
		earlier = before;
		before = from;
		from = to;
	}
	for (guint i = 0; i < scorer->n_found; i++)
		scorer->set[scorer->found[i] >> 5] = 0;
}

static gint compare(gconstpointer a, gconstpointer b)
{
	guint32 one = *(const guint32 *)a, other = *(const guint32 *)b;
	return one < other ? -1 : one > other;
}

static GArray *sorted_features(ModelScorer *scorer)
{
	find_features(scorer);
	GArray *found = g_array_new(FALSE, FALSE, sizeof(guint32));
	g_array_append_vals(found, scorer->found, scorer->n_found);
	g_array_sort(found, compare);
	return found;
}

GArray *model_features(guint bits, const char *sentence, gsize size)
{
	g_autoptr(ModelScorer) scorer = scorer_new(NULL, bits);
	fold_sentence(scorer, sentence, size);
	return sorted_features(scorer);
}

static void take_codes(ModelScorer *scorer, const guint8 *codes, gsize n)
{
	begin_sentence(scorer);
	for (gsize i = 0; i < n && scorer->codes->len < MODEL_FEATURES_MAX; i++)
		add_code(scorer, codes[i]);
	add_code(scorer, EDGE);
}

static gboolean is_too_short(const ModelScorer *scorer)
{
	return scorer->words < MODEL_WORDS_LEAST || scorer->longest < WORD_LEAST;
}

GArray *model_features_codes(guint bits, const guint8 *codes, gsize n)
{
	g_autoptr(ModelScorer) scorer = scorer_new(NULL, bits);
	take_codes(scorer, codes, n);
	return is_too_short(scorer) ? NULL : sorted_features(scorer);
}

static double score(ModelScorer *scorer)
{
	const Model *model = scorer->model;
	if (is_too_short(scorer))
		return TOO_SHORT;
	find_features(scorer);
	gint64 sum = 0; /* of whole numbers: the order does not matter, nor the machine */
	for (guint i = 0; i < scorer->n_found; i++)
		sum += model->weights[scorer->found[i]];
	return (double)sum * model->scale / sqrt((double)MAX(scorer->n_found, 1)) + model->bias - model->threshold;
}

double model_score(ModelScorer *scorer, const char *sentence, gsize size)
{
	fold_sentence(scorer, sentence, size);
	return score(scorer);
}

double model_score_codes(ModelScorer *scorer, const guint8 *codes, gsize n)
{
	take_codes(scorer, codes, n);
	return score(scorer);
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
