/*
 * One good frame of each kind, for tests of the wire. See messages.h.
 */
#ifndef NRM_TESTS_FRAMES_H
#define NRM_TESTS_FRAMES_H

#include "tests/unit/messages.h"

static const uint8_t hash[NRM_HASH_LEN] = "a hash of thirty-two bytes here";
static const uint8_t signature[NRM_SIGNATURE_LEN] = "a signature";
static const struct nrm_slice a_hash = {hash, sizeof(hash)};
static const struct nrm_slice a_signature = {signature, sizeof(signature)};

/* Fails with the name of the case. */
static inline void expect(const char *what, enum nrm_err got, enum nrm_err want)
{
	if (got != want)
		fail_msg("%s: %s", what, nrm_err_text(got));
}

static inline struct nrm_slice to_broker(const struct nrm_to_broker *frame)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_to_broker_encode(frame, &buf), NRM_OK);
	return messages_keep(&buf);
}

static inline struct nrm_slice to_agent(const struct nrm_to_agent *frame)
{
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_to_agent_encode(frame, &buf), NRM_OK);
	return messages_keep(&buf);
}

static inline enum nrm_err at_broker(struct nrm_to_broker frame)
{
	struct nrm_to_broker got;

	return nrm_to_broker_decode(to_broker(&frame), &messages_arena, &got);
}

static inline enum nrm_err at_agent(struct nrm_to_agent frame)
{
	struct nrm_to_agent got;

	return nrm_to_agent_decode(to_agent(&frame), &messages_arena, &got);
}

/* One good frame of each kind. */
static inline struct nrm_to_broker hello(void)
{
	return (struct nrm_to_broker){
		NRM_HELLO, {.hello = {1, 2, 3, nrm_slice_str("checkpoint"), 64, a_hash}}};
}

static inline struct nrm_to_broker submit(size_t n, bool shared)
{
	struct nrm_envelope *e = nrm_arena_alloc(&messages_arena, n * sizeof(*e));

	assert_non_null(e);
	for (size_t i = 0; i < n; i++) {
		e[i] = messages_envelope((uint8_t)i, 1 + i % 3);
		if (!shared)
			e[i] = messages_signed(e[i]);
	}
	return (struct nrm_to_broker){
		NRM_SUBMIT,
		{.submit = {e, n, shared ? messages_batch_signature(e, n) : nrm_slice(NULL, 0)}}};
}

static inline struct nrm_slice an_ack(enum nrm_ack status)
{
	struct nrm_ack_body ack = {a_hash, nrm_bit(NRM_FIELD_GENDER) | nrm_bit(NRM_FIELD_WISHES),
				   a_hash, MESSAGES_NOW, status};
	struct nrm_buf buf = {0};

	assert_int_equal(nrm_ack_encode(&ack, &buf), NRM_OK);
	return messages_keep(&buf);
}

static inline struct nrm_to_broker acknowledge(void)
{
	static struct nrm_slice ack[2];

	ack[0] = an_ack(NRM_ACK_OK);
	ack[1] = an_ack(NRM_ACK_CANNOT_OPEN);
	return (struct nrm_to_broker){
		NRM_ACKNOWLEDGE,
		{.acknowledge = {{ack, 2}, messages_signature(NRM_DOMAIN_ACKS, ack, 2)}}};
}

static inline struct nrm_to_broker ask_proofs(void)
{
	static const uint64_t index[] = {0, 7, 300};

	return (struct nrm_to_broker){
		NRM_ASK,
		{.ask = {.kind = NRM_ASK_PROOFS, .from_size = 5, .index = index, .n_indexes = 3}}};
}

static inline struct nrm_to_broker ask_status(void)
{
	static struct nrm_message_ref ref[2];

	for (uint8_t i = 0; i < 2; i++)
		ref[i] = (struct nrm_message_ref){messages_id(i), nrm_slice(hash, 16)};
	return (struct nrm_to_broker){
		NRM_ASK, {.ask = {.kind = NRM_ASK_STATUS, .message = ref, .n_messages = 2}}};
}

static inline struct nrm_to_agent welcome(void)
{
	const struct nrm_document document = {nrm_slice_str("document"), a_signature};

	return (struct nrm_to_agent){NRM_WELCOME,
				     {.welcome = {1, MESSAGES_NOW, 1024, document, document,
						  nrm_slice_str("checkpoint")}}};
}

static inline struct nrm_to_agent receipt(size_t n)
{
	struct nrm_receipt_item *item = nrm_arena_alloc(&messages_arena, n * sizeof(*item));

	assert_non_null(item);
	for (size_t i = 0; i < n; i++)
		item[i] = (struct nrm_receipt_item){messages_id((uint8_t)i), i,
						    nrm_slice_str("leaf"), a_hash,
						    nrm_slice_str("view")};
	return (struct nrm_to_agent){NRM_RECEIPT, {.receipt = {item, n}}};
}

static inline struct nrm_to_agent deliver(size_t n)
{
	struct nrm_delivery *item = nrm_arena_alloc(&messages_arena, n * sizeof(*item));

	assert_non_null(item);
	for (size_t i = 0; i < n; i++)
		item[i] = (struct nrm_delivery){
			.index = i + 1,
			.leaf = nrm_slice_str("leaf"),
			.salt = a_hash,
			.view = nrm_slice_str("view"),
			.envelope = messages_signed(messages_envelope((uint8_t)i, 3)),
			.keep = ~(nrm_mask)0,
		};
	return (struct nrm_to_agent){NRM_DELIVER, {.deliver = {item, n}}};
}

static inline struct nrm_to_agent proofs(void)
{
	static const uint64_t index[] = {1, 2, UINT64_MAX};
	static struct nrm_slice list[2];

	list[0] = list[1] = a_hash;
	return (struct nrm_to_agent){
		NRM_PROOFS,
		{.proofs = {nrm_slice_str("checkpoint"), 9, {list, 2}, index, 3, {list, 1}}}};
}

static inline struct nrm_to_agent statuses(void)
{
	static struct nrm_message_status status[2];

	status[0] = (struct nrm_message_status){messages_id(0), true, true};
	status[1] = (struct nrm_message_status){messages_id(1), false, false};
	return (struct nrm_to_agent){NRM_ANSWER_STATUS, {.status = {status, 2}}};
}

/* One fact of each kind, three of them named thrice over; and two consents, one of everything and one of nothing. */
static inline struct nrm_to_agent case_file(void)
{
	static const uint32_t codes[] = {1, 3, 4};
	static const struct nrm_codes some = {codes, 3};
	static struct nrm_slice who[2], country[2];
	static struct nrm_stated_fact fact[14];
	static struct nrm_consent_on_file consent[2];

	who[0] = nrm_slice_str("TH.police-1"), who[1] = nrm_slice_str("TH.shelter-1");
	country[0] = nrm_slice_str("KH"), country[1] = nrm_slice_str("LA");
	for (uint32_t kind = 1; kind < NRM_FACT_END_; kind++)
		fact[kind - 1] = (struct nrm_stated_fact){.kind = kind, .is.time_ms = kind};
	fact[NRM_FACT_AGE_CLASS - 1].is.age_class = NRM_AGE_CLASS_CHILD;
	fact[NRM_FACT_GUARDIAN - 1].is.guardian.kind = NRM_GUARDIAN_PARTICIPANT;
	fact[NRM_FACT_GUARDIAN - 1].is.guardian.participant = who[0];
	fact[NRM_FACT_COMPLICIT_PARENT - 1].is.yes = true;
	fact[NRM_FACT_ASYLUM_SEEKER - 1].is.yes = false;
	fact[NRM_FACT_CONSULATE_WISHED - 1].is.yes = true;
	fact[NRM_FACT_EXCLUDED - 1].is.participant = who[0];
	fact[NRM_FACT_REFUSED - 1].is.codes = some;
	fact[NRM_FACT_CONTACT - 1].is.codes = some;
	fact[NRM_FACT_ASSESSMENT - 1].is.assessment.kind = NRM_ASSESSMENT_SECURITY_RISK;
	fact[NRM_FACT_RECEIVING_MANAGER - 1].is.participant = who[1];
	fact[13] = (struct nrm_stated_fact){.kind = NRM_FACT_EXCLUDED, .is.participant = who[1]};
	consent[0] =
		(struct nrm_consent_on_file){.grant = {.consent_id = nrm_slice(hash, 16),
						       .given_by = NRM_GIVEN_BY_CHILD_AND_GUARDIAN,
						       .service = some,
						       .any_service = true,
						       .recipient = {who, 2},
						       .recipient_role = some,
						       .any_recipient = true,
						       .field = some,
						       .category = some,
						       .any_field = true,
						       .country = {country, 2},
						       .purpose = NRM_PURPOSE_ASSISTANCE,
						       .from_ms = 5,
						       .until_ms = 6,
						       .heard = NRM_HEARD_HEARD,
						       .understood = true,
						       .interpreter_conflict = true,
						       .guardian = who[1]},
					     .phase = NRM_PHASE_RECOVERY,
					     .recorder = {who, 2},
					     .withdrawn_at_ms = MESSAGES_NOW,
					     .guardian_unknown = true};
	consent[1] = (struct nrm_consent_on_file){.grant = {.consent_id = nrm_slice(hash + 1, 16)},
						  .recorder = {who, 1}};
	return (struct nrm_to_agent){
		NRM_ANSWER_CASE,
		{.case_file = {nrm_slice(hash, 16),
			       MESSAGES_NOW,
			       true,
			       {fact, 14},
			       nrm_bit(NRM_ROLE_POLICE) | nrm_bit(NRM_ROLE_SHELTER),
			       consent,
			       2,
			       true}}};
}

static inline struct nrm_to_agent case_unknown(void)
{
	return (struct nrm_to_agent){
		NRM_ANSWER_CASE,
		{.case_file = {.case_id = nrm_slice(hash, 16), .time_ms = MESSAGES_NOW}}};
}

static inline struct nrm_to_broker ask_case(void)
{
	return (struct nrm_to_broker){
		NRM_ASK, {.ask = {.kind = NRM_ASK_CASE, .case_id = nrm_slice(hash, 16)}}};
}

static inline struct nrm_to_agent refused_item(void)
{
	return (struct nrm_to_agent){
		NRM_REFUSED,
		{.refused = {NRM_REFUSAL_ID_REUSED, nrm_slice_str("why"), messages_id(3), 4}}};
}

#define TO_BROKER                                                                              \
	hello(), submit(2, true), submit(2, false), acknowledge(), ask_proofs(), ask_status(), \
		ask_case(), (struct nrm_to_broker){NRM_CREDIT, {.credit = 64}},                \
		(struct nrm_to_broker){NRM_CREDIT, {.credit = 0}},                             \
		(struct nrm_to_broker){NRM_ASK, {.ask = {.kind = NRM_ASK_DIRECTORY}}},         \
		(struct nrm_to_broker){NRM_ASK, {.ask = {.kind = NRM_ASK_PROOFS}}},            \
		(struct nrm_to_broker)                                                         \
	{                                                                                      \
		NRM_COSIGNATURE,                                                               \
		{                                                                              \
			.cosignature = nrm_slice_str("note")                                   \
		}                                                                              \
	}
#define TO_AGENT                                                                                 \
	welcome(), (struct nrm_to_agent){NRM_WELCOME, {.welcome = {.version = 1}}}, receipt(2),  \
		deliver(2), proofs(), statuses(), case_file(), case_unknown(),                   \
		(struct nrm_to_agent){NRM_ANSWER_STATUS, {.status = {NULL, 0}}},                 \
		(struct nrm_to_agent){NRM_ANSWER_DIRECTORY,                                      \
				      {.directory = {nrm_slice_str("directory"), a_signature}}}, \
		(struct nrm_to_agent){NRM_POLICY,                                                \
				      {.policy = {nrm_slice_str("policy"), a_signature}}},       \
		refused_item(), (struct nrm_to_agent)                                            \
	{                                                                                        \
		NRM_REFUSED,                                                                     \
		{                                                                                \
			.refused = {.code = NRM_REFUSAL_BUSY }                                   \
		}                                                                                \
	}

#endif
