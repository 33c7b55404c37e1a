/* A person's own record, out of the small trail: who received what, and what was withheld; in words, as text and as HTML. */
#include "tests/unit/small_trail.h"

#include "agents/auditor/person.h"

static const uint8_t *the_case = (const uint8_t *)case_id;

static struct nrm_person_record read_record(struct trail *t)
{
	struct nrm_person_record record;

	put_case_row(t, 1); /* leaves 2, 8, 14 are decisions, 5, 11, 17 acknowledgements */
	assert_int_equal(nrm_person_read(t->store, t->keys, the_case, NULL, &record), NRM_OK);
	return record;
}

static void reads_each_message_once(void **state)
{
	struct nrm_person_record record = read_record(*state);

	assert_int_equal(record.n, 3);
	const struct nrm_person_message *m = record.message;
	assert_int_equal(m[0].leaf, 2);
	assert_int_equal(m[0].outcome, NRM_OUTCOME_FORWARD);
	assert_int_equal(m[0].forwarded,
			 nrm_bit(NRM_FIELD_GIVEN_NAME) | nrm_bit(NRM_FIELD_LANGUAGES));
	assert_int_equal(m[0].withheld[0], nrm_bit(NRM_FIELD_OFFENCE_RECORD));
	assert_int_equal(m[0].ack, NRM_ACK_OK);
	assert_int_equal(m[0].acknowledged_ms, (MINUTE + 2) * 60000 + 5);
	assert_int_equal(m[0].consent_id.n, 1);
	assert_int_equal(m[1].leaf, 8);
	assert_int_equal(m[1].outcome, NRM_OUTCOME_REFUSE);
	assert_int_equal(m[1].reason, NRM_REASON_EXCLUDED); /* the true one: it is her own record */
	assert_int_equal(m[1].forwarded, 0);
	assert_int_equal(m[2].leaf, 14);
	assert_int_equal(m[2].ack, NRM_ACK_OK);
	assert_int_equal(record.n_recipients, 1);
	assert_int_equal(record.recipient[0].received, m[0].forwarded);
	assert_int_equal(record.recipient[0].passed_on, 0);
	nrm_person_done(&record);
}

static void tells_what_is_on_its_way_apart(void **state)
{
	struct trail *t = *state;

	append(t, 1, MINUTE + LEAVES); /* leaf 20: a referral that nobody acknowledged */
	struct nrm_person_record record = read_record(t);
	assert_int_equal(record.n, 4);
	assert_int_equal(record.message[3].ack, NRM_ACK_ABSENT);
	assert_int_equal(record.recipient[0].passed_on, record.message[3].forwarded);
	nrm_person_done(&record);
}

/* A later leaf about the message of leaf `about`. */
static void follow_up(struct trail *t, uint64_t about, enum nrm_event kind,
		      enum nrm_outcome outcome, enum nrm_reason reason, enum nrm_ack ack)
{
	struct nrm_buf bytes = ack_of(t, about, ack);
	struct nrm_view view = {.time_ms = (MINUTE + LEAVES) * 60000,
				.type = NRM_MESSAGE_TYPE_REFERRAL,
				.outcome = outcome,
				.reason = reason,
				.earlier = about + 1};
	const struct nrm_leaf leaf = {.minute = MINUTE + LEAVES,
				      .kind = kind,
				      .sender = nrm_slice_str("XX.agency-000"),
				      .recipient = nrm_slice_str("XX.agency-001"),
				      .outcome = outcome,
				      .reason = reason};

	if (kind == NRM_EVENT_ACKNOWLEDGEMENT)
		view.ack = nrm_buf_slice(&bytes);
	if (kind == NRM_EVENT_RETURN)
		view.forwarded = nrm_bit(NRM_FIELD_LANGUAGES); /* which then went nowhere */
	if (kind == NRM_EVENT_REDECISION && outcome == NRM_OUTCOME_FORWARD) {
		view.forwarded = nrm_bit(NRM_FIELD_LANGUAGES);
		view.withheld[0].reason = NRM_REASON_NOT_CONSENTED;
		view.withheld[0].fields = nrm_bit(NRM_FIELD_GIVEN_NAME);
		view.withheld_count = 1;
	}
	append_as(t, 1, leaf, &view);
	nrm_buf_done(&bytes);
}

/* What was decided anew while the message waited is what counts, with what was withheld at first. */
static void tells_what_came_of_it_in_the_end(void **state)
{
	struct trail *t = *state;

	append(t, 1, MINUTE + LEAVES); /* leaf 20 */
	follow_up(t, 20, NRM_EVENT_REDECISION, NRM_OUTCOME_FORWARD, NRM_REASON_OK, NRM_ACK_OK);
	follow_up(t, 21, NRM_EVENT_ACKNOWLEDGEMENT, NRM_OUTCOME_FORWARD, NRM_REASON_OK, NRM_ACK_OK);
	struct nrm_person_record record = read_record(t);
	assert_int_equal(record.n, 4);
	const struct nrm_person_message *m = &record.message[3];
	assert_int_equal(m->leaf, 20);
	assert_int_equal(m->latest, 21);
	assert_int_equal(m->forwarded, nrm_bit(NRM_FIELD_LANGUAGES));
	assert_int_equal(m->withheld[0], nrm_bit(NRM_FIELD_OFFENCE_RECORD));
	assert_int_equal(m->withheld[2], nrm_bit(NRM_FIELD_GIVEN_NAME));
	assert_int_equal(m->ack, NRM_ACK_OK);
	assert_int_equal(record.recipient[0].passed_on, 0);
	nrm_person_done(&record);
}

static void tells_what_was_returned_and_what_could_not_be_opened(void **state)
{
	struct trail *t = *state;

	append(t, 1, MINUTE + LEAVES); /* leaf 20 */
	follow_up(t, 20, NRM_EVENT_RETURN, NRM_OUTCOME_REFUSE, NRM_REASON_EXPIRED, NRM_ACK_OK);
	follow_up(t, 14, NRM_EVENT_ACKNOWLEDGEMENT, NRM_OUTCOME_REFUSE, NRM_REASON_ABSENT,
		  NRM_ACK_CANNOT_OPEN); /* after all */
	struct nrm_person_record record = read_record(t);
	assert_int_equal(record.message[3].outcome, NRM_OUTCOME_REFUSE);
	assert_int_equal(record.message[3].reason, NRM_REASON_EXPIRED);
	assert_int_equal(record.message[3].forwarded, 0);
	assert_int_equal(record.message[2].ack, NRM_ACK_CANNOT_OPEN);
	assert_int_equal(record.recipient[0].received, record.message[0].forwarded);
	assert_int_equal(record.recipient[0].passed_on, 0);
	nrm_person_done(&record);
}

static void knows_no_other_case(void **state)
{
	static const uint8_t other[16] = {7};
	struct nrm_person_record record;
	struct trail *t = *state;

	put_case_row(t, 1);
	assert_int_equal(nrm_person_read(t->store, t->keys, other, NULL, &record),
			 NRM_ERR_NOT_FOUND);
	assert_int_equal(nrm_case_keys_forget(t->keys, 1), NRM_OK);
	assert_int_equal(nrm_person_read(t->store, t->keys, the_case, NULL, &record),
			 NRM_ERR_NOT_FOUND);
}

/* The index says where the case is; only where there is none, or its key is not at hand, are the cases searched. */
static void finds_the_case_by_the_index(void **state)
{
	enum { KEY_SLOT = 9, EMPTY_SLOT = 4 };
	static const uint32_t named[] = {1, 2, EMPTY_SLOT, UINT32_MAX};
	uint8_t index_key[NRM_KEY_LEN], row_key[NRM_INDEX_ROW_KEY_LEN], slot[4];
	struct nrm_person_record record;
	struct trail *t = *state;
	const struct nrm_slice row = nrm_slice(row_key, sizeof(row_key));

	put_case_row(t, 1);
	assert_int_equal(nrm_case_keys_get(t->keys, KEY_SLOT, index_key), NRM_OK);
	nrm_index_row_key(index_key, the_case, row_key);
	nrm_store_u32(slot, KEY_SLOT);
	put(t, NRM_TABLE_STATE, nrm_slice_str(NRM_STATE_CASE_INDEX), nrm_slice(slot, 4));
	assert_int_equal(nrm_person_read(t->store, t->keys, the_case, NULL, &record),
			 NRM_ERR_NOT_FOUND);
	for (size_t i = 0; i < 4; i++) {
		nrm_store_u32(slot, named[i]);
		put(t, NRM_TABLE_CASE_INDEX, row, nrm_slice(slot, 4));
		assert_int_equal(nrm_person_read(t->store, t->keys, the_case, NULL, &record),
				 i == 0 ? NRM_OK : NRM_ERR_NOT_FOUND);
		if (i == 0)
			nrm_person_done(&record);
	}
	put(t, NRM_TABLE_CASE_INDEX, row, nrm_slice(slot, 3));
	assert_int_equal(nrm_person_read(t->store, t->keys, the_case, NULL, &record),
			 NRM_ERR_CORRUPT);
	assert_int_equal(nrm_case_keys_forget(t->keys, KEY_SLOT), NRM_OK);
	assert_int_equal(nrm_person_read(t->store, t->keys, the_case, NULL, &record), NRM_OK);
	nrm_person_done(&record);
}

static void says_when_it_is_not_whole(void **state)
{
	struct nrm_person_record record;
	struct trail *t = *state;

	put_case_row(t, 1);
	delete_row(t, 8);
	assert_int_equal(nrm_person_read(t->store, t->keys, the_case, NULL, &record),
			 NRM_ERR_CORRUPT);
}

/* --- in words --- */

static char *tell(struct trail *t, const char *tag, bool html)
{
	char error[NRM_GLOSSARY_ERROR_LEN], *text;
	struct nrm_person_record record = read_record(t);
	struct nrm_glossary *glossary;
	size_t len;

	assert_int_equal(nrm_glossary_load(NRM_SOURCE "/config/vocabulary.yaml", &glossary, error),
			 NRM_OK);
	const struct nrm_person_telling telling = {.glossary = glossary,
						   .language = nrm_glossary_language(glossary, tag),
						   .now_ms = MINUTE * 60000};
	FILE *out = open_memstream(&text, &len);
	(html ? nrm_person_html : nrm_person_text)(&record, &telling, out);
	fclose(out);
	nrm_glossary_free(glossary);
	nrm_person_done(&record);
	return text;
}

static void tells_it_in_words(void **state)
{
	char *text = tell(*state, "en", false);

	assert_non_null(strstr(text, "Who received which information about you"));
	assert_non_null(strstr(text, "Given name, Languages"));
	assert_non_null(strstr(text, "The recipient confirmed it on 2025-"));
	assert_non_null(strstr(text, "What was not passed on, and why"));
	assert_non_null(strstr(text, "Under consent number: 74686520636f6e73656e742773206964"));
	assert_non_null(strstr(text, "XX.agency-001"));
	assert_null(strstr(text, "No native speaker"));
	free(text);
}

/* A grant of the consent with `letters`, 16 of them, in leaf 20. */
static void grant(struct trail *t, const char *letters, enum nrm_outcome outcome)
{
	struct nrm_slice id = nrm_slice_str(letters);
	const struct nrm_view view = {.time_ms = (MINUTE + LEAVES) * 60000,
				      .type = NRM_MESSAGE_TYPE_CONSENT_GRANT,
				      .outcome = outcome,
				      .consent_id = {&id, 1}};
	const struct nrm_leaf leaf = {.minute = MINUTE + LEAVES,
				      .kind = NRM_EVENT_CONSENT_GRANT,
				      .sender = nrm_slice_str("XX.agency-007"),
				      .recipient = nrm_slice_str("XX.nrm"),
				      .outcome = outcome};

	append_as(t, 1, leaf, &view);
}

static void tells_when_a_consent_was_given(void **state)
{
	for (int html = 0; html < 2; html++) {
		grant(*state, "the consent's id", NRM_OUTCOME_FORWARD);
		char *text = tell(*state, "en", html);
		assert_non_null(strstr(text, html ? "<span class=\"why\">2025-" : "6964 (2025-"));
		assert_non_null(strstr(text, html ? ", XX.agency-007</span>" : ", XX.agency-007)"));
		free(text);
	}
}

static void tells_nothing_of_a_consent_that_is_another_or_was_not_taken(void **state)
{
	grant(*state, "another consents", NRM_OUTCOME_FORWARD);
	grant(*state, "the consent's id", NRM_OUTCOME_REFUSE);
	char *text = tell(*state, "en", false);
	assert_null(strstr(text, ", XX.agency-007)"));
	free(text);
}

static void tells_it_in_every_language(void **state)
{
	static const char *const tags[] = {"es", "fr", "km"};
	static const char *const titles[] = {"Quién recibió qué información sobre usted",
					     "Qui a reçu quelles informations vous concernant",
					     "អ្នកណាបានទទួលព័ត៌មានអ្វីខ្លះអំពីអ្នក"};

	for (size_t i = 0; i < 3; i++) {
		for (int html = 0; html < 2; html++) {
			char *text = tell(*state, tags[i], html), lang[32];
			assert_non_null(strstr(text, titles[i]));
			assert_null(strstr(text, "What was passed on"));
			snprintf(lang, sizeof(lang), "<html lang=\"%s\">", tags[i]);
			assert_int_equal(strstr(text, lang) != NULL, html);
			free(text);
		}
	}
}

static void is_a_page_without_scripts(void **state)
{
	char *text = tell(*state, "en", true);

	assert_int_equal(strncmp(text, "<!DOCTYPE html>", 15), 0);
	assert_non_null(strstr(text, "default-src 'none'"));
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "http://"));
	assert_null(strstr(text, "https://"));
	assert_non_null(strstr(text, "</html>\n"));
	free(text);
}

/* Names come from a directory that somebody wrote. */
static void escapes_what_others_wrote(void **state)
{
	struct nrm_person_record record = read_record(*state);
	const struct nrm_person_telling telling = {.now_ms = MINUTE * 60000};
	char *text;
	size_t len;

	for (size_t i = 0; i < record.n_names; i++)
		record.name[i].name = nrm_slice_str("<b onclick='x'>\"&");
	FILE *out = open_memstream(&text, &len);
	nrm_person_html(&record, &telling, out); /* without a glossary: codes */
	fclose(out);
	assert_null(strstr(text, "<b "));
	assert_non_null(strstr(text, "&lt;b onclick=&#39;x&#39;&gt;&quot;&amp;"));
	assert_non_null(strstr(text, "given_name, languages"));
	free(text);
	nrm_person_done(&record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON(in_memory, reads_each_message_once),
		ON(in_memory, tells_what_is_on_its_way_apart),
		ON(in_memory, tells_what_came_of_it_in_the_end),
		ON(in_memory, tells_what_was_returned_and_what_could_not_be_opened),
		ON(in_memory, knows_no_other_case),
		ON(in_memory, finds_the_case_by_the_index),
		ON(in_memory, says_when_it_is_not_whole),
		ON(in_memory, tells_it_in_words),
		ON(in_memory, tells_when_a_consent_was_given),
		ON(in_memory, tells_nothing_of_a_consent_that_is_another_or_was_not_taken),
		ON(in_memory, tells_it_in_every_language),
		ON(in_memory, is_a_page_without_scripts),
		ON(in_memory, escapes_what_others_wrote),
	};

	if (nrm_crypto_init() != NRM_OK)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
