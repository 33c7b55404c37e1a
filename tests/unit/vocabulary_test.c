/*
 * vocabulary.h and the .proto files spell and number the same codes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "proto/statement.pb-c.h"
#include "proto/vocabulary.h"

static const ProtobufCEnumDescriptor *const descriptors[NRM_VOCABULARY_COUNT] = {
	[NRM_VOCABULARY_ROLE] = &nrm__role__descriptor,
	[NRM_VOCABULARY_AREA] = &nrm__area__descriptor,
	[NRM_VOCABULARY_SERVICE] = &nrm__service__descriptor,
	[NRM_VOCABULARY_CATEGORY] = &nrm__category__descriptor,
	[NRM_VOCABULARY_FIELD] = &nrm__field__descriptor,
	[NRM_VOCABULARY_MESSAGE_TYPE] = &nrm__message_type__descriptor,
	[NRM_VOCABULARY_PURPOSE] = &nrm__purpose__descriptor,
	[NRM_VOCABULARY_PHASE] = &nrm__phase__descriptor,
	[NRM_VOCABULARY_BASIS] = &nrm__basis_kind__descriptor,
	[NRM_VOCABULARY_EMERGENCY] = &nrm__emergency_reason__descriptor,
	[NRM_VOCABULARY_URGENCY] = &nrm__urgency__descriptor,
	[NRM_VOCABULARY_CHANNEL] = &nrm__channel__descriptor,
	[NRM_VOCABULARY_ANSWER] = &nrm__answer__descriptor,
	[NRM_VOCABULARY_DECLINE] = &nrm__decline_reason__descriptor,
	[NRM_VOCABULARY_STEP] = &nrm__step__descriptor,
	[NRM_VOCABULARY_DOMAIN] = &nrm__domain__descriptor,
	[NRM_VOCABULARY_PROGRESS] = &nrm__progress__descriptor,
	[NRM_VOCABULARY_NOTICE_KIND] = &nrm__notice_kind__descriptor,
	[NRM_VOCABULARY_AGE_CLASS] = &nrm__age_class__descriptor,
	[NRM_VOCABULARY_GUARDIAN] = &nrm__guardian_kind__descriptor,
	[NRM_VOCABULARY_ASSESSMENT] = &nrm__assessment__descriptor,
	[NRM_VOCABULARY_FACT] = &nrm__fact_kind__descriptor,
	[NRM_VOCABULARY_GIVEN_BY] = &nrm__given_by__descriptor,
	[NRM_VOCABULARY_HEARD] = &nrm__heard__descriptor,
	[NRM_VOCABULARY_MODE] = &nrm__explanation_mode__descriptor,
	[NRM_VOCABULARY_OUTCOME] = &nrm__outcome__descriptor,
	[NRM_VOCABULARY_REASON] = &nrm__reason__descriptor,
	[NRM_VOCABULARY_OBLIGATION] = &nrm__obligation__descriptor,
	[NRM_VOCABULARY_EVENT] = &nrm__event_kind__descriptor,
	[NRM_VOCABULARY_ACK] = &nrm__ack_status__descriptor,
	[NRM_VOCABULARY_REFUSAL] = &nrm__refusal_code__descriptor,
	[NRM_VOCABULARY_ORG_KIND] = &nrm__organisation_kind__descriptor,
	[NRM_VOCABULARY_STATUS] = &nrm__status__descriptor,
	[NRM_VOCABULARY_KEY_KIND] = &nrm__key_kind__descriptor,
};

/* Every value of an enum begins with what its zero value has before "UNSPECIFIED" (an outcome's: "REFUSE"). */
static size_t prefix_len(const char *zero)
{
	static const char *const absent[] = {"UNSPECIFIED", "REFUSE"};

	for (size_t i = 0; i < 2; i++) {
		const char *at = strstr(zero, absent[i]);
		if (at && strcmp(at, absent[i]) == 0)
			return (size_t)(at - zero);
	}
	fail_msg("%s is no zero value", zero);
	return 0;
}

static void test_spelling(void **state)
{
	(void)state;
	for (enum nrm_vocabulary kind = 0; kind < NRM_VOCABULARY_COUNT; kind++) {
		const ProtobufCEnumDescriptor *d = descriptors[kind];
		assert_non_null(d);
		assert_int_equal(d->n_values, nrm_code_count(kind) + 1);
		size_t prefix = prefix_len(d->values[0].name);
		for (unsigned i = 1; i < d->n_values; i++) {
			const char *code = nrm_code_name(kind, (uint32_t)d->values[i].value);
			assert_int_equal(d->values[i].value, i);
			assert_non_null(code);
			assert_memory_equal(d->values[i].name, d->values[0].name, prefix);
			if (strcasecmp(d->values[i].name + prefix, code) != 0)
				fail_msg("%s is spelled \"%s\"", d->values[i].name, code);
			assert_int_equal(nrm_code_number(kind, code, strlen(code)), i);
		}
	}
}

static void test_unknown_codes(void **state)
{
	(void)state;
	for (enum nrm_vocabulary kind = 0; kind < NRM_VOCABULARY_COUNT; kind++) {
		const char *absent = nrm_code_name(kind, 0);
		if (kind == NRM_VOCABULARY_OUTCOME)
			assert_string_equal(absent, "refuse");
		else
			assert_null(absent);
		assert_null(nrm_code_name(kind, nrm_code_count(kind) + 1));
		assert_null(nrm_code_name(kind, UINT32_MAX));
		assert_int_equal(nrm_code_number(kind, "no such code", 12), 0);
		assert_int_equal(nrm_code_number(kind, "", 0), 0);
		assert_non_null(nrm_vocabulary_name(kind));
	}
	assert_null(nrm_code_name(NRM_VOCABULARY_COUNT, 1));
	assert_int_equal(nrm_code_number(NRM_VOCABULARY_COUNT, "police", 6), 0);
	assert_int_equal(nrm_code_count(NRM_VOCABULARY_COUNT), 0);
}

/* Masks of codes have 64 bits, and bit 0 is never one of them. */
static void test_masks(void **state)
{
	(void)state;
	for (enum nrm_vocabulary kind = 0; kind < NRM_VOCABULARY_COUNT; kind++)
		assert_true(nrm_code_count(kind) < 64);
	assert_true(nrm_code_count(NRM_VOCABULARY_OBLIGATION) < 32);
	assert_true(nrm_code_count(NRM_VOCABULARY_ASSESSMENT) < 32);
	assert_true(nrm_bit(63) == UINT64_C(1) << 63);
	assert_true(nrm_bit(64) == 0);
}

/* Services have areas, fields have categories. */
static void test_groups(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= nrm_code_count(NRM_VOCABULARY_SERVICE); i++)
		assert_non_null(
			nrm_code_name(NRM_VOCABULARY_AREA, nrm_service_area((enum nrm_service)i)));
	for (uint32_t i = 1; i <= nrm_code_count(NRM_VOCABULARY_FIELD); i++)
		assert_non_null(nrm_code_name(NRM_VOCABULARY_CATEGORY,
					      nrm_field_category((enum nrm_field)i)));
	assert_int_equal(nrm_service_area(NRM_SERVICE_SAFE_RETURN), NRM_AREA_CASE_MANAGEMENT);
	assert_int_equal(nrm_field_category(NRM_FIELD_INFECTION_STATUS), NRM_CATEGORY_SENSITIVE);
	assert_int_equal(nrm_service_area(NRM_SERVICE_END_), NRM_AREA_ABSENT);
	assert_int_equal(nrm_field_category(NRM_FIELD_END_), NRM_CATEGORY_ABSENT);
}

/* A fact's kind is its member's number, a decision's leaf has the number of its message's type. */
static void test_numbers_shared(void **state)
{
	(void)state;
	for (uint32_t i = 1; i <= nrm_code_count(NRM_VOCABULARY_FACT); i++) {
		const ProtobufCFieldDescriptor *member =
			protobuf_c_message_descriptor_get_field(&nrm__fact__descriptor, i);
		const char *code = nrm_code_name(NRM_VOCABULARY_FACT, i);
		assert_non_null(member);
		assert_int_equal(strncmp(member->name, code, strlen(code)), 0);
	}
	assert_int_equal(nrm__fact__descriptor.n_fields, nrm_code_count(NRM_VOCABULARY_FACT));
	for (uint32_t i = 1; i <= nrm_code_count(NRM_VOCABULARY_MESSAGE_TYPE); i++) {
		const ProtobufCFieldDescriptor *body = protobuf_c_message_descriptor_get_field(
			&nrm__statement__descriptor, 19 + i);
		const char *code = nrm_code_name(NRM_VOCABULARY_MESSAGE_TYPE, i);
		assert_non_null(body);
		assert_non_null(strstr(body->name, code));
		assert_string_equal(nrm_code_name(NRM_VOCABULARY_EVENT, i), code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spelling),       cmocka_unit_test(test_unknown_codes),
		cmocka_unit_test(test_masks),	       cmocka_unit_test(test_groups),
		cmocka_unit_test(test_numbers_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
