#include "tests/live/load.h"

#include <string.h>

#include "proto/crypto/sign.h"
#include "proto/merkle/merkle.h"
#include "proto/wire/leaf.h"
#include "proto/wire/seal.h"
#include "tests/live/must.h"

#define WEEK_MS	     (7ull * 24 * 3600 * 1000)
#define SERIAL_AT    12 /* the random end of a UUIDv7 */
#define FRAME_MEMORY (16u * 1024 * 1024)

static struct nrm_slice id_new(uint32_t serial, uint64_t now_ms, struct nrm_arena *arena)
{
	uint8_t random[10], *id = nrm_arena_alloc(arena, NRM_MESSAGE_ID_LEN);

	nrm_random(random, sizeof(random));
	nrm_message_id_make(now_ms, random, id);
	nrm_store_u32(id + SERIAL_AT, serial);
	return nrm_slice(id, NRM_MESSAGE_ID_LEN);
}

uint32_t load_serial(struct nrm_slice message_id)
{
	struct nrm_reader r = nrm_reader(message_id);

	nrm_take(&r, SERIAL_AT);
	return nrm_take_u32(&r);
}

static struct nrm_statement statement(const struct nrm_identity *police, const char *to,
				      const struct load_case *of, enum nrm_message_type type,
				      uint32_t serial, uint64_t now_ms, struct nrm_arena *arena)
{
	return (struct nrm_statement){
		.version = NRM_PROTOCOL_VERSION,
		.message_id = id_new(serial, now_ms, arena),
		.case_id = nrm_slice(of->id, sizeof(of->id)),
		.sender = nrm_slice_str(police->id),
		.recipient = nrm_slice_str(to),
		.type = type,
		.phase = NRM_PHASE_RECOVERY,
		.issued_at_ms = now_ms,
		.expires_at_ms = now_ms + WEEK_MS,
		.basis = NRM_BASIS_NONE,
	};
}

static struct nrm_slice encoded(const struct nrm_statement *st, struct nrm_arena *arena)
{
	struct nrm_buf bytes = {0};

	must(nrm_statement_encode(st, &bytes), "encoding a statement");
	const struct nrm_slice copy =
		nrm_slice(nrm_arena_copy(arena, bytes.data, bytes.len), bytes.len);
	nrm_buf_done(&bytes);
	return copy;
}

static struct nrm_envelope adult(const struct nrm_identity *police, const struct load_case *of,
				 uint64_t now_ms, struct nrm_arena *arena)
{
	static const struct nrm_stated_fact fact = {.kind = NRM_FACT_AGE_CLASS,
						    .is.age_class = NRM_AGE_CLASS_ADULT};
	struct nrm_statement st = statement(police, COUNTRY_BROKER, of, NRM_MESSAGE_TYPE_CASE_CARD,
					    LOAD_FACT, now_ms, arena);

	st.body.case_card = (struct nrm_case_card){&fact, 1};
	return (struct nrm_envelope){.statement = encoded(&st, arena)};
}

static struct nrm_envelope consent(const struct nrm_identity *police, const struct load_case *of,
				   uint64_t now_ms, struct nrm_arena *arena)
{
	static const uint32_t service = NRM_SERVICE_EMERGENCY_SHELTER;
	struct nrm_statement st = statement(police, COUNTRY_BROKER, of,
					    NRM_MESSAGE_TYPE_CONSENT_GRANT, LOAD_FACT, now_ms,
					    arena);

	st.body.consent_grant = (struct nrm_consent_grant){
		.consent_id = id_new(LOAD_FACT, now_ms, arena),
		.given_by = NRM_GIVEN_BY_ADULT,
		.service = {&service, 1},
		.any_recipient = true,
		.any_field = true,
		.purpose = NRM_PURPOSE_ASSISTANCE,
		.from_ms = now_ms - 1000,
		.until_ms = now_ms + 12 * WEEK_MS,
		.heard = NRM_HEARD_HEARD,
		.understood = true,
		.language = nrm_slice_str("km"),
		.mode = NRM_MODE_ORAL,
	};
	return (struct nrm_envelope){.statement = encoded(&st, arena)};
}

void load_facts(const struct nrm_identity *police, struct load_case *cases, size_t n,
		uint64_t now_ms, struct nrm_buf *ret_frame)
{
	struct nrm_envelope envelope[2 * LOAD_FACT_CASES];
	struct nrm_arena arena;

	nrm_arena_init(&arena, FRAME_MEMORY);
	for (size_t i = 0; i < n; i++) {
		nrm_random(cases[i].id, sizeof(cases[i].id));
		envelope[2 * i] = adult(police, &cases[i], now_ms, &arena);
		envelope[2 * i + 1] = consent(police, &cases[i], now_ms, &arena);
	}
	load_submit(police, envelope, 2 * n, true, ret_frame);
	nrm_arena_done(&arena);
}

struct nrm_envelope load_referral(const struct nrm_identity *police,
				  const struct nrm_identity *shelter, const struct load_case *of,
				  size_t fields, uint32_t serial, uint64_t now_ms,
				  struct nrm_arena *arena)
{
	static const uint8_t text[62] =
		"an invented value of sixty-two bytes, to fill its 64-byte box";
	static const enum nrm_field field[LOAD_FIELDS] = {
		NRM_FIELD_GIVEN_NAME,	     NRM_FIELD_FAMILY_NAME,   NRM_FIELD_PREFERRED_NAME,
		NRM_FIELD_AGE_YEARS,	     NRM_FIELD_GENDER,	      NRM_FIELD_LANGUAGES,
		NRM_FIELD_INTERPRETER_NEEDS, NRM_FIELD_SAFE_CONTACT,  NRM_FIELD_DEPENDANTS,
		NRM_FIELD_HOUSING_NEEDS,     NRM_FIELD_SUPPORT_NEEDS, NRM_FIELD_IMMEDIATE_NEEDS,
	};
	struct nrm_field_value value[LOAD_FIELDS];
	struct nrm_envelope envelope = {.n_fields = fields};
	struct nrm_statement st = statement(police, shelter->id, of, NRM_MESSAGE_TYPE_REFERRAL,
					    serial, now_ms, arena);

	st.service = NRM_SERVICE_EMERGENCY_SHELTER;
	st.purpose = NRM_PURPOSE_ASSISTANCE;
	st.basis = NRM_BASIS_CONSENT;
	st.body.referral = (struct nrm_referral){.urgency = NRM_URGENCY_URGENT};
	for (size_t i = 0; i < fields; i++)
		value[i] = (struct nrm_field_value){field[i], nrm_slice(text, sizeof(text))};
	must(nrm_statement_seal(&st, value, fields, shelter->sealing_public[0], arena,
				&envelope.field),
	     "sealing");
	envelope.statement = encoded(&st, arena);
	return envelope;
}

static void sign(const struct nrm_signing_key *key, const char *domain, const struct nrm_hash *leaf,
		 size_t n, uint8_t signature[static NRM_SIGNATURE_LEN])
{
	const struct nrm_hash root = nrm_tree_root(leaf, n);

	must(nrm_batch_sign(key, domain, (uint32_t)n, root.bytes, signature), "signing");
}

void load_submit(const struct nrm_identity *police, struct nrm_envelope *envelope, size_t n,
		 bool together, struct nrm_buf *ret_frame)
{
	struct nrm_to_broker frame = {.kind = NRM_SUBMIT,
				      .is.submit = {.envelope = envelope, .n = n}};
	uint8_t signature[NRM_MAX_FRAME_ITEMS][NRM_SIGNATURE_LEN];
	struct nrm_hash leaf[NRM_MAX_FRAME_ITEMS];

	for (size_t i = 0; i < n; i++) {
		leaf[i] = nrm_leaf_hash(envelope[i].statement);
		if (together)
			continue;
		sign(police->signing, NRM_DOMAIN_STATEMENTS, &leaf[i], 1, signature[i]);
		envelope[i].has_proof = true;
		envelope[i].proof = (struct nrm_proof){
			.size = 1, .signature = nrm_slice(signature[i], NRM_SIGNATURE_LEN)};
	}
	if (together) {
		sign(police->signing, NRM_DOMAIN_STATEMENTS, leaf, n, signature[0]);
		frame.is.submit.signature = nrm_slice(signature[0], NRM_SIGNATURE_LEN);
	}
	must(nrm_to_broker_encode(&frame, ret_frame), "encoding a Submit");
}

void load_acknowledge(const struct nrm_identity *shelter, const struct nrm_delivery *delivery,
		      size_t n, uint64_t now_ms, struct nrm_buf *ret_frame)
{
	struct nrm_to_broker frame = {.kind = NRM_ACKNOWLEDGE};
	struct nrm_buf bytes[NRM_MAX_FRAME_ITEMS];
	struct nrm_slice item[NRM_MAX_FRAME_ITEMS];
	struct nrm_hash leaf[NRM_MAX_FRAME_ITEMS] = {{{0}}};
	uint8_t signature[NRM_SIGNATURE_LEN];

	for (size_t i = 0; i < n; i++) {
		const struct nrm_delivery *d = &delivery[i];
		const struct nrm_hash digest = nrm_leaf_hash(d->envelope.statement),
				      told = nrm_leaf_hash(d->leaf);
		struct nrm_ack_body ack = {
			.statement_digest = nrm_slice(digest.bytes, NRM_HASH_LEN),
			.leaf_hash = nrm_slice(told.bytes, NRM_HASH_LEN),
			.time_ms = now_ms,
			.status = NRM_ACK_OK,
		};

		for (size_t f = 0; f < d->envelope.n_fields; f++)
			ack.forwarded |= nrm_bit(d->envelope.field[f].field);
		nrm_buf_init(&bytes[i]);
		must(nrm_ack_encode(&ack, &bytes[i]), "encoding an ack");
		item[i] = nrm_buf_slice(&bytes[i]);
		leaf[i] = nrm_leaf_hash(item[i]);
	}
	sign(shelter->signing, NRM_DOMAIN_ACKS, leaf, n, signature);
	frame.is.acknowledge.ack = (struct nrm_slices){item, n};
	frame.is.acknowledge.signature = nrm_slice(signature, sizeof(signature));
	must(nrm_to_broker_encode(&frame, ret_frame), "encoding an Acknowledge");
	for (size_t i = 0; i < n; i++)
		nrm_buf_done(&bytes[i]);
}

void load_hello(uint32_t credit, struct nrm_buf *ret_frame)
{
	const struct nrm_to_broker frame = {
		.kind = NRM_HELLO,
		.is.hello = {.min_version = NRM_PROTOCOL_VERSION,
			     .max_version = NRM_PROTOCOL_VERSION,
			     .directory_version = 1,
			     .credit = credit},
	};

	must(nrm_to_broker_encode(&frame, ret_frame), "encoding a Hello");
}

void load_credit(uint32_t credit, struct nrm_buf *ret_frame)
{
	const struct nrm_to_broker frame = {.kind = NRM_CREDIT, .is.credit = credit};

	must(nrm_to_broker_encode(&frame, ret_frame), "encoding a Credit");
}
