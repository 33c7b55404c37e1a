/* The row of a case: every member comes back, and nothing but a whole row is taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "broker/books/cases.h"
#include "tests/unit/draw.h"

/* Never zero, so that a member that is left out shows. */
static uint32_t number(void)
{
	return (uint32_t)draw() | 1;
}

static uint32_t code(uint32_t end)
{
	return 1 + below(end - 1);
}

static void card_fill(struct nrm_card *card)
{
	card->age_class = code(NRM_AGE_CLASS_END_);
	card->age_decided = card->complicit_parent = card->contact_stated = true;
	card->asylum_seeker = card->consulate_wished = true;
	card->adult_since = draw() | 1;
	card->guardian = code(NRM_GUARDIAN_END_);
	card->guardian_party = number();
	for (card->n_excluded = 0; card->n_excluded < NRM_MAX_CASE_EXCLUDED;)
		card->excluded[card->n_excluded++] = number();
	card->refused = draw() | 1;
	card->contact = number();
	card->reflection_until = draw() | 1;
	card->last_threat = draw() | 1;
	card->receiving_manager = number();
	card->contributed = draw() | 1;
	for (int i = 0; i < NRM_ASSESSMENT_END_; i++) {
		card->assessed[i] = draw() | 1;
		card->assessed_stated[i] = draw() | 1;
	}
	for (int i = 0; i < NRM_FACT_END_; i++)
		card->stated[i] = draw() | 1;
}

static void consent_fill(struct nrm_consent *c)
{
	c->given_by = code(NRM_GIVEN_BY_END_);
	c->services = draw() | 1;
	c->any_service = c->any_recipient = c->any_field = true;
	for (c->n_recipients = 0; c->n_recipients < NRM_MAX_CONSENT_RECIPIENTS;)
		c->recipient[c->n_recipients++] = number();
	c->recipient_roles = draw() | 1;
	c->named_fields = draw() | 1;
	c->categories = draw() | 1;
	for (c->n_countries = 0; c->n_countries < NRM_MAX_CONSENT_COUNTRIES;)
		c->country[c->n_countries++] = (uint16_t)number();
	c->purpose = code(NRM_PURPOSE_END_);
	c->phase = code(NRM_PHASE_END_);
	c->from = draw() | 1;
	c->until = draw() | 1;
	c->withdrawn_at = draw() | 1;
	c->heard = code(NRM_HEARD_END_);
	c->understood = c->interpreter_conflict = c->guardian_unknown = true;
	c->guardian = number();
	for (c->n_recorders = 0; c->n_recorders < NRM_MAX_CONSENT_RECORDERS;)
		c->recorder[c->n_recorders++] = number();
}

/* A case with every member set: whoever adds one sets it above. */
static struct nrm_case *full_case(uint64_t from_seed, uint32_t parties, uint32_t consents)
{
	struct nrm_case *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	assert_int_equal(sizeof(struct nrm_card), 472);
	assert_int_equal(sizeof(struct nrm_consent), 232);
	draw_seed = from_seed;
	for (size_t i = 0; i < sizeof(c->id); i++)
		c->id[i] = (uint8_t)number();
	c->opened_at = draw() | 1;
	card_fill(&c->card);
	for (uint32_t i = 0; i < parties; i++)
		assert_int_equal(nrm_case_join(c, 100 + i, number()), NRM_OK);
	for (uint32_t i = 0; i < consents; i++) {
		uint32_t place;

		assert_int_equal(nrm_case_add_consent(c, &place), NRM_OK);
		consent_fill(&c->consent[place]);
		for (size_t j = 0; j < NRM_CONSENT_ID_LEN; j++)
			c->consent_on_file[place].id[j] = (uint8_t)number();
		for (size_t j = 0; j < NRM_HASH_LEN; j++)
			c->consent_on_file[place].digest[j] = (uint8_t)number();
	}
	return c;
}

static void case_free(struct nrm_case *c)
{
	free(c->party);
	free(c->consent);
	free(c->consent_on_file);
	free(c);
}

static enum nrm_err decode(struct nrm_slice row, struct nrm_case **ret_case)
{
	*ret_case = calloc(1, sizeof(struct nrm_case));
	assert_non_null(*ret_case);
	return nrm_case_row_decode(row, *ret_case);
}

static void assert_decodes_to(struct nrm_slice row, const struct nrm_case *want)
{
	struct nrm_case *got;

	assert_int_equal(decode(row, &got), NRM_OK);
	assert_memory_equal(got->id, want->id, sizeof(got->id));
	assert_int_equal(got->opened_at, want->opened_at);
	assert_memory_equal(&got->card, &want->card, sizeof(got->card));
	assert_int_equal(got->n_parties, want->n_parties);
	if (want->n_parties)
		assert_memory_equal(got->party, want->party, want->n_parties * sizeof(*got->party));
	assert_int_equal(got->n_consents, want->n_consents);
	for (uint32_t i = 0; i < want->n_consents; i++) {
		assert_memory_equal(&got->consent[i], &want->consent[i], sizeof(got->consent[i]));
		assert_memory_equal(&got->consent_on_file[i], &want->consent_on_file[i],
				    sizeof(got->consent_on_file[i]));
	}
	case_free(got);
}

static void every_member_comes_back(void **state)
{
	static const uint32_t size[][2] = {
		{1, 0}, {0, 1}, {3, 2}, {NRM_MAX_CASE_PARTIES, NRM_MAX_CASE_CONSENTS}};

	(void)state;
	for (size_t i = 0; i < sizeof(size) / sizeof(size[0]); i++) {
		struct nrm_case *c = full_case(i, size[i][0], size[i][1]);
		struct nrm_buf row = {0};

		nrm_case_row_encode(c, &row);
		assert_int_equal(row.err, NRM_OK);
		assert_memory_equal(row.data, c->id, NRM_CASE_ID_LEN); /* first, for auditors */
		assert_decodes_to(nrm_buf_slice(&row), c);
		nrm_buf_done(&row);
		case_free(c);
	}
}

static void a_case_of_which_nothing_is_known_comes_back_so(void **state)
{
	const struct nrm_case nothing = {.slot = 3};
	struct nrm_buf row = {0};

	(void)state;
	nrm_case_row_encode(&nothing, &row);
	assert_decodes_to(nrm_buf_slice(&row), &nothing);
	nrm_buf_done(&row);
}

static void every_truncation_is_refused_and_every_byte_too_many(void **state)
{
	struct nrm_case *c = full_case(7, 2, 2), *got;
	struct nrm_buf row = {0};

	(void)state;
	nrm_case_row_encode(c, &row);
	for (size_t len = 0; len < row.len; len++) {
		uint8_t *copy = malloc(len ? len : 1);
		assert_non_null(copy);
		memcpy(copy, row.data, len);
		assert_int_equal(decode(nrm_slice(copy, len), &got), NRM_ERR_CORRUPT);
		case_free(got);
		free(copy);
	}
	nrm_buf_put_u8(&row, 0);
	assert_int_equal(decode(nrm_buf_slice(&row), &got), NRM_ERR_CORRUPT);
	case_free(got);
	nrm_buf_done(&row);
	case_free(c);
}

/* What a flipped bit gives is a case within its bounds, of a row of the same length, or none. */
static void no_flipped_bit_leads_out_of_bounds(void **state)
{
	struct nrm_case *c = full_case(8, 1, 1);
	struct nrm_buf row = {0}, again = {0};

	(void)state;
	nrm_case_row_encode(c, &row);
	for (size_t bit = 0; bit < row.len * 8; bit++) {
		struct nrm_case *got;

		row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (decode(nrm_buf_slice(&row), &got) == NRM_OK) {
			assert_true(got->n_parties <= NRM_MAX_CASE_PARTIES &&
				    got->n_consents <= NRM_MAX_CASE_CONSENTS &&
				    got->card.n_excluded <= NRM_MAX_CASE_EXCLUDED);
			nrm_buf_clear(&again);
			nrm_case_row_encode(got, &again);
			assert_int_equal(again.len, row.len);
		}
		case_free(got);
		row.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	nrm_buf_done(&row);
	nrm_buf_done(&again);
	case_free(c);
}

static void another_version_is_refused(void **state)
{
	struct nrm_case *c = full_case(9, 1, 1), *got;
	struct nrm_buf row = {0};

	(void)state;
	nrm_case_row_encode(c, &row);
	row.data[NRM_CASE_ID_LEN]++;
	assert_int_equal(decode(nrm_buf_slice(&row), &got), NRM_ERR_CORRUPT);
	case_free(got);
	nrm_buf_done(&row);
	case_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_member_comes_back),
		cmocka_unit_test(a_case_of_which_nothing_is_known_comes_back_so),
		cmocka_unit_test(every_truncation_is_refused_and_every_byte_too_many),
		cmocka_unit_test(no_flipped_bit_leads_out_of_bounds),
		cmocka_unit_test(another_version_is_refused),
	};

	return cmocka_run_group_tests_name("a case's row", tests, NULL, NULL);
}
