/* SPDX-License-Identifier: ISC */
/* The second opinion of the screening: the same text, the same score; bad weights are refused; nothing costs without bounds. */
#include <string.h>

#include "policy/model.h"

static Model *shipped(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;
	gsize size;
	g_assert_true(g_file_get_contents(WEIGHTS, &text, &size, &error));
	Model *model = model_read(text, size, &error);
	g_assert_no_error(error);
	return model;
}

static double score(const Model *model, const char *sentence)
{
	g_autoptr(ModelScorer) scorer = model_scorer_new(model);
	return model_score(scorer, sentence, strlen(sentence));
}

static void no_sentence_leaves_a_trace_in_the_score_of_the_next(void)
{
	static const char threat[] = "Зарежу тебя, тварь, сожгу твой дом.", plain[] = "Прошу проверить закупку угля.";
	g_autoptr(Model) model = shipped();
	g_autoptr(ModelScorer) scorer = model_scorer_new(model);
	double alone = model_score(scorer, plain, sizeof plain - 1);
	model_score(scorer, threat, sizeof threat - 1);
	g_assert_cmpfloat(model_score(scorer, plain, sizeof plain - 1), ==, alone);
}

static void threats_of_three_languages_ask_for_a_review(void)
{
	static const char *const sentences[] = {
		"Зарежу тебя вместе с твоей семьёй, тварь.", "Сожгу твой дом ночью, и не пожалею.",
		"Балаларыңды аямаймын, үйіңді өртеймін.",   "Сені тауып алып өлтіремін, ит.",
		"Сени олтиремин, ит, уакытын аз калды.",     "I will kill you and burn your house down, bastard.",
	};
	g_autoptr(Model) model = shipped();
	for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++) {
		g_test_message("%s", sentences[i]);
		g_assert_cmpfloat(score(model, sentences[i]), >, 0);
	}
}

static void plain_reports_ask_for_nothing(void)
{
	static const char *const sentences[] = {
		"Прошу проверить закупку угля в нашей котельной за прошлый год.",
		"Мастер участка требует деньги за подпись акта выполненных работ.",
		"Бас бухгалтер сыйақыны өз туыстарына аударып отыр, тексеруді сұраймын.",
		"Мектеп директоры ата-аналардан ақша жинайды.",
		"The foreman takes fuel home every week and signs it off as used.",
		"Please tell me when I can expect an answer to my report.",
	};
	g_autoptr(Model) model = shipped();
	for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++) {
		g_test_message("%s", sentences[i]);
		g_assert_cmpfloat(score(model, sentences[i]), <=, 0);
	}
}

static void one_word_alone_says_too_little(void)
{
	g_autoptr(Model) model = shipped();
	g_assert_cmpfloat(score(model, ""), <, -100);
	g_assert_cmpfloat(score(model, "тварь"), <, -100);
	g_assert_cmpfloat(score(model, "  … убью — тебя, тварь!"), >, -100);
}

static void dressed_up_letters_change_no_feature(void)
{
	static const char plain[] = "Я тебя убью", dressed[] = "я ТЕБЯ у\xe2\x80\x8bбью!!!";
	g_autoptr(GArray) one = model_features(16, plain, sizeof plain - 1), other = model_features(16, dressed, sizeof dressed - 1);
	g_assert_cmpmem(one->data, one->len * sizeof(guint32), other->data, other->len * sizeof(guint32));
}

static void features_are_each_there_once_in_order_and_bounded(void)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (guint i = 0; i < 20000; i++)
		g_string_append_printf(text, "слово%u ", i * 7919u);
	g_autoptr(GArray) features = model_features(20, text->str, text->len);
	g_assert_cmpuint(features->len, ==, MODEL_FEATURES_MAX);
	for (guint i = 1; i < features->len; i++)
		g_assert_cmpuint(g_array_index(features, guint32, i - 1), <, g_array_index(features, guint32, i));
}

static void octets_that_are_no_text_are_scored_all_the_same(void)
{
	static const char octets[] = "\xff\xfe убью\0тебя \xd0";
	g_autoptr(Model) model = shipped();
	g_autoptr(ModelScorer) scorer = model_scorer_new(model);
	double first = model_score(scorer, octets, sizeof octets - 1);
	g_assert_cmpfloat(first, ==, model_score(scorer, octets, sizeof octets - 1));
}

static void weights_of_another_form_are_refused(void)
{
	static const char *const texts[] = {
		"", "senim-model: 1\n\n", "senim-model: 2\nbits: 10\nscale: 1\nbias: 0\nthreshold: 0\n\nAAAA\n",
		"senim-model: 1\nbits: 30\nscale: 1\nbias: 0\nthreshold: 0\n\nAAAA\n",
		"senim-model: 1\nbits: 10\nscale: inf\nbias: 0\nthreshold: 0\n\nAAAA\n",
		"senim-model: 1\nbits: 10\nscale: 1\nbias: 0\nthreshold: 0\n\nAAAA\n",
	};
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		g_autoptr(GError) error = NULL;
		g_assert_null(model_read(texts[i], strlen(texts[i]), &error));
		g_assert_error(error, MODEL_ERROR, 0);
	}
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define TEST(name) g_test_add_func("/model/" #name, name)
	TEST(threats_of_three_languages_ask_for_a_review);
	TEST(plain_reports_ask_for_nothing);
	TEST(no_sentence_leaves_a_trace_in_the_score_of_the_next);
	TEST(one_word_alone_says_too_little);
	TEST(dressed_up_letters_change_no_feature);
	TEST(features_are_each_there_once_in_order_and_bounded);
	TEST(octets_that_are_no_text_are_scored_all_the_same);
	TEST(weights_of_another_form_are_refused);
	return g_test_run();
}
