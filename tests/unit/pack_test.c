/*
 * What is written straight into a buffer equals what protobuf-c packs, for every kind of member: leaves, views,
 * envelopes, receipts and deliveries with random contents, each made twice, as our struct and as protobuf-c's.
 */
#include "proto/frame.pb-c.h"
#include "proto/trail.pb-c.h"
#include "proto/wire/leaf.h"
#include "proto/wire/message.h"
#include "proto/wire/pack.h"
#include "tests/unit/draw.h"
#include "tests/unit/messages.h"

#define ROUNDS 3000

/* Of every magnitude, and often the default, which is left out. */
static uint64_t number(void)
{
	return below(4) == 0 ? 0 : draw() >> below(64);
}

static void *room(size_t n, size_t size)
{
	void *p = nrm_arena_alloc(&messages_arena, n * size + 1);

	assert_non_null(p);
	return p;
}

/* A list of `n` new messages of protobuf-c's. */
static void *new_list(const ProtobufCMessageDescriptor *type, size_t n)
{
	void *list = nrm_message_list(type, n, &messages_arena);

	assert_non_null(list);
	return list;
}

static struct nrm_slice bytes_of(size_t len)
{
	uint8_t *p = room(len, 1);

	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)draw();
	return nrm_slice(p, len);
}

/* Nothing, or random bytes whose length takes one, two or three bytes to say. */
static struct nrm_slice bytes(size_t most)
{
	const uint32_t kind = below(4);

	return bytes_of(kind == 0 ? 0 : kind == 1 ? below(128) : below((uint32_t)most + 1));
}

static ProtobufCBinaryData binary(struct nrm_slice s)
{
	return (ProtobufCBinaryData){s.len, (uint8_t *)s.data};
}

static char *string(struct nrm_slice s)
{
	char *p = room(s.len + 1, 1);

	memcpy(p, s.data, s.len);
	return p;
}

static struct nrm_slice id_or_none(void)
{
	static const char *const id[] = {"", "TH.a", "TH.police-bangkok"};

	return nrm_slice_str(id[below(3)]);
}

/* The members of a mask as a list of protobuf-c's, ascending. */
static size_t codes(nrm_mask mask, uint32_t **ret_code)
{
	uint32_t *code = room(64, sizeof(*code));
	size_t n = 0;

	for (uint32_t i = 0; i < 64; i++)
		if (mask >> i & 1)
			code[n++] = i;
	*ret_code = code;
	return n;
}

static nrm_mask mask_below(uint32_t end)
{
	const nrm_mask all = end == 64 ? ~0ull : (1ull << end) - 1;

	return below(4) == 0 ? 0 : below(4) == 0 ? all : draw() & draw() & all;
}

static void assert_packs_to(const ProtobufCMessage *message, const struct nrm_buf *got)
{
	const size_t len = protobuf_c_message_get_packed_size(message);
	uint8_t *want = room(len, 1);

	assert_int_equal(got->err, NRM_OK);
	assert_int_equal(protobuf_c_message_pack(message, want), len);
	assert_slices(nrm_buf_slice(got), nrm_slice(want, len));
}

static struct nrm_slices hashes(size_t n)
{
	struct nrm_slice *item = room(n, sizeof(*item));

	for (size_t i = 0; i < n; i++)
		item[i] = bytes_of(NRM_HASH_LEN);
	return (struct nrm_slices){item, n};
}

static ProtobufCBinaryData *binaries(struct nrm_slices list)
{
	ProtobufCBinaryData *item = room(list.n, sizeof(*item));

	for (size_t i = 0; i < list.n; i++)
		item[i] = binary(list.item[i]);
	return item;
}

static struct nrm_proof proof(Nrm__Proof *m)
{
	struct nrm_proof p = {
		.size = (uint32_t)number(),
		.index = (uint32_t)number(),
		.path = hashes(below(NRM_MAX_PROOF_PATH + 1)),
		.signature = bytes_of(below(2) ? NRM_SIGNATURE_LEN : 0),
	};

	*m = (Nrm__Proof)NRM__PROOF__INIT;
	m->size = p.size;
	m->index = p.index;
	m->n_path = p.path.n;
	m->path = binaries(p.path);
	m->signature = binary(p.signature);
	return p;
}

static void one_leaf(void)
{
	const struct nrm_leaf leaf = {
		.minute = number(),
		.kind = 1 + below(NRM_EVENT_END_ - 1),
		.sender = id_or_none(),
		.recipient = id_or_none(),
		.service = below(NRM_SERVICE_END_),
		.outcome = below(NRM_OUTCOME_END_),
		.reason = below(NRM_REASON_END_),
		.policy_digest = bytes_of(NRM_HASH_LEN),
		.directory_digest = bytes_of(NRM_HASH_LEN),
		.case_tag = bytes_of(below(2) ? NRM_HASH_LEN : 0),
		.sender_view = bytes_of(NRM_HASH_LEN),
		.recipient_view = bytes_of(NRM_HASH_LEN),
		.oversight_view = bytes_of(NRM_HASH_LEN),
	};
	Nrm__TrailEvent m = NRM__TRAIL_EVENT__INIT;
	struct nrm_buf out = {0};

	m.version = 1;
	m.minute = leaf.minute;
	m.kind = (Nrm__EventKind)leaf.kind;
	m.sender = string(leaf.sender);
	m.recipient = string(leaf.recipient);
	m.service = (Nrm__Service)leaf.service;
	m.outcome = (Nrm__Outcome)leaf.outcome;
	m.reason = (Nrm__Reason)leaf.reason;
	m.policy_digest = binary(leaf.policy_digest);
	m.directory_digest = binary(leaf.directory_digest);
	m.case_tag = binary(leaf.case_tag);
	m.sender_view = binary(leaf.sender_view);
	m.recipient_view = binary(leaf.recipient_view);
	m.oversight_view = binary(leaf.oversight_view);
	assert_int_equal(nrm_leaf_encode(&leaf, &out), NRM_OK);
	assert_packs_to(&m.base, &out);
	nrm_buf_done(&out);
}

/* The lists of a view: withheld fields by reason, what is missing, obligations, rules, consents. */
static void view_lists(struct nrm_view *view, Nrm__View *m)
{
	uint32_t *code;

	view->forwarded = mask_below(64);
	m->n_forwarded = codes(view->forwarded, (uint32_t **)&m->forwarded);
	m->withheld = new_list(&nrm__withheld__descriptor, 3);
	for (size_t i = 0; i < 3; i++) {
		if (below(2))
			continue;
		Nrm__Withheld *withheld = m->withheld[m->n_withheld++];
		view->withheld[i].reason = NRM_REASON_SECRET + (enum nrm_reason)i;
		view->withheld[i].fields = mask_below(64);
		withheld->reason = (Nrm__Reason)view->withheld[i].reason;
		withheld->n_field = codes(view->withheld[i].fields, (uint32_t **)&withheld->field);
	}
	view->obligations = (uint32_t)mask_below(32);
	m->n_obligation = codes(view->obligations, (uint32_t **)&m->obligation);
	view->missing = (uint32_t)mask_below(NRM_ASSESSMENT_END_);
	m->n_missing = codes(view->missing, &code);
	m->missing = new_list(&nrm__missing__descriptor, m->n_missing);
	for (size_t i = 0; i < m->n_missing; i++)
		m->missing[i]->assessment = (Nrm__Assessment)code[i];
	view->rules = (uint32_t)mask_below(32);
	m->n_rule = codes(view->rules, &m->rule);
	view->consent_id = hashes(below(4) ? below(4) : NRM_MAX_CASE_CONSENTS);
	m->n_consent_id = view->consent_id.n;
	m->consent_id = binaries(view->consent_id);
}

static void one_view(void)
{
	struct nrm_view view = {
		.message_id = bytes(16),
		.time_ms = number(),
		.type = below(NRM_MESSAGE_TYPE_END_),
		.outcome = below(NRM_OUTCOME_END_),
		.reason = below(NRM_REASON_END_),
		.withheld_count = (uint32_t)number(),
		.statement_digest = bytes(32),
		.has_signature = below(2),
		.ack = bytes(300),
		.has_ack_signature = below(2),
		.case_id = bytes(16),
		.basis = below(NRM_BASIS_END_),
		.emergency = below(NRM_EMERGENCY_END_),
		.earlier = number(),
		.document_digest = bytes(32),
		.document_version = number(),
		.subject = id_or_none(),
	};
	Nrm__View m = NRM__VIEW__INIT;
	Nrm__Proof signature, ack_signature;
	struct nrm_buf out = {0};

	view_lists(&view, &m);
	view.signature = proof(&signature);
	view.ack_signature = proof(&ack_signature);
	m.message_id = binary(view.message_id);
	m.time_ms = view.time_ms;
	m.type = (Nrm__MessageType)view.type;
	m.outcome = (Nrm__Outcome)view.outcome;
	m.reason = (Nrm__Reason)view.reason;
	m.withheld_count = view.withheld_count;
	m.statement_digest = binary(view.statement_digest);
	m.signature = view.has_signature ? &signature : NULL;
	m.ack = binary(view.ack);
	m.ack_signature = view.has_ack_signature ? &ack_signature : NULL;
	m.case_id = binary(view.case_id);
	m.basis = (Nrm__BasisKind)view.basis;
	m.emergency = (Nrm__EmergencyReason)view.emergency;
	m.earlier = view.earlier;
	m.document_digest = binary(view.document_digest);
	m.document_version = view.document_version;
	m.subject = string(view.subject);
	assert_int_equal(nrm_view_encode(&view, &out), NRM_OK);
	assert_packs_to(&m.base, &out);
	nrm_buf_done(&out);
}

/* An envelope, whose statement is never empty; only its fields in *ret_keep are to be written, and `m` has only those. */
static struct nrm_envelope envelope(Nrm__Envelope *m, nrm_mask *ret_keep)
{
	const uint32_t n = below(9);
	struct nrm_sealed_field *field = room(n, sizeof(*field));
	struct nrm_envelope e = {.statement = bytes_of(1 + below(20000)),
				 .has_proof = below(2),
				 .field = field,
				 .n_fields = n};
	Nrm__Proof *own = room(1, sizeof(*own));

	*m = (Nrm__Envelope)NRM__ENVELOPE__INIT;
	e.proof = proof(own);
	m->statement = binary(e.statement);
	m->proof = e.has_proof ? own : NULL;
	m->field = new_list(&nrm__sealed_field__descriptor, n);
	*ret_keep = below(3) ? ~0ull : draw();
	for (uint32_t i = 0; i < n; i++) {
		field[i] = (struct nrm_sealed_field){
			.field = i * 6 + below(6), .salt = bytes(16), .ciphertext = bytes(5000)};
		if (!(*ret_keep >> field[i].field & 1))
			continue;
		Nrm__SealedField *sealed = m->field[m->n_field++];
		sealed->field = (Nrm__Field)field[i].field;
		sealed->salt = binary(field[i].salt);
		sealed->ciphertext = binary(field[i].ciphertext);
	}
	return e;
}

static void one_envelope(void)
{
	struct nrm_buf out = {0};
	Nrm__Envelope m;
	nrm_mask keep;
	const struct nrm_envelope e = envelope(&m, &keep);

	assert_int_equal(nrm_envelope_encode(&e, keep, &out), NRM_OK);
	assert_packs_to(&m.base, &out);
	nrm_buf_done(&out);
}

static void one_receipt(void)
{
	struct nrm_receipt_item item[5];
	struct nrm_to_agent frame = {.kind = NRM_RECEIPT};
	Nrm__Receipt receipt = NRM__RECEIPT__INIT;
	Nrm__ToAgent m = NRM__TO_AGENT__INIT;
	struct nrm_buf out = {0};

	frame.is.receipt.item = item;
	frame.is.receipt.n = receipt.n_item = below(6);
	receipt.item = new_list(&nrm__receipt_item__descriptor, receipt.n_item);
	for (size_t i = 0; i < receipt.n_item; i++) {
		item[i] = (struct nrm_receipt_item){.message_id = bytes(16),
						    .index = number(),
						    .leaf = bytes(20000),
						    .salt = bytes(32),
						    .view = bytes(3000)};
		receipt.item[i]->message_id = binary(item[i].message_id);
		receipt.item[i]->index = item[i].index;
		receipt.item[i]->leaf = binary(item[i].leaf);
		receipt.item[i]->salt = binary(item[i].salt);
		receipt.item[i]->view = binary(item[i].view);
	}
	m.frame_case = NRM__TO_AGENT__FRAME_RECEIPT;
	m.receipt = &receipt;
	assert_int_equal(nrm_to_agent_encode(&frame, &out), NRM_OK);
	assert_packs_to(&m.base, &out);
	nrm_buf_done(&out);
}

/* With each envelope encoded beforehand, as the broker has it, or to be encoded. */
static void one_delivery(void)
{
	struct nrm_delivery item[3] = {0};
	struct nrm_to_agent frame = {.kind = NRM_DELIVER};
	Nrm__Deliver deliver = NRM__DELIVER__INIT;
	Nrm__ToAgent m = NRM__TO_AGENT__INIT;
	struct nrm_buf out = {0};

	frame.is.deliver.item = item;
	frame.is.deliver.n = deliver.n_item = below(4);
	deliver.item = new_list(&nrm__deliver_item__descriptor, deliver.n_item);
	const bool beforehand = below(2);
	for (size_t i = 0; i < deliver.n_item; i++) {
		Nrm__DeliverItem *d = deliver.item[i];
		struct nrm_buf encoded = {0};

		d->envelope = room(1, sizeof(*d->envelope));
		item[i] = (struct nrm_delivery){.index = number(),
						.leaf = bytes(2000),
						.salt = bytes(32),
						.view = bytes(3000)};
		item[i].envelope = envelope(d->envelope, &item[i].keep);
		d->index = item[i].index;
		d->leaf = binary(item[i].leaf);
		d->salt = binary(item[i].salt);
		d->view = binary(item[i].view);
		if (!beforehand)
			continue;
		assert_int_equal(nrm_envelope_encode(&item[i].envelope, item[i].keep, &encoded),
				 NRM_OK);
		item[i].encoded = messages_keep(&encoded);
	}
	m.frame_case = NRM__TO_AGENT__FRAME_DELIVER;
	m.deliver = &deliver;
	assert_int_equal(nrm_to_agent_encode(&frame, &out), NRM_OK);
	assert_packs_to(&m.base, &out);
	nrm_buf_done(&out);
}

static void many(void (*one)(void))
{
	for (int i = 0; i < ROUNDS; i++, nrm_arena_reset(&messages_arena))
		one();
}

static void leaves(void **state)
{
	(void)state;
	many(one_leaf);
}

static void views(void **state)
{
	(void)state;
	many(one_view);
}

static void envelopes(void **state)
{
	(void)state;
	many(one_envelope);
}

static void receipts(void **state)
{
	(void)state;
	many(one_receipt);
}

static void deliveries(void **state)
{
	(void)state;
	many(one_delivery);
}

/* Sizes are told beforehand: they must be what is then written. */
static void sizes_are_what_is_written(void **state)
{
	static const unsigned member[] = {1, 15, 16, 2047};
	struct nrm_buf out = {0};

	(void)state;
	for (int i = 0; i < ROUNDS; i++) {
		const unsigned k = member[below(4)];
		const uint64_t v = number();
		const nrm_mask mask = mask_below(64);
		const struct nrm_slice b = bytes(20000);

		nrm_pack_number(&out, k, v);
		assert_int_equal(out.len, nrm_number_size(k, v));
		assert_int_equal(out.len == 0, v == 0);
		nrm_buf_clear(&out);
		nrm_pack_mask(&out, k, mask);
		assert_int_equal(out.len, nrm_mask_size(k, mask));
		nrm_buf_clear(&out);
		nrm_pack_bytes(&out, k, b);
		assert_int_equal(out.len, nrm_bytes_size(k, b));
		nrm_buf_clear(&out);
		nrm_pack_head(&out, k, b.len);
		assert_int_equal(out.len + b.len, nrm_message_size(k, b.len));
		nrm_buf_clear(&out);
		nrm_arena_reset(&messages_arena);
	}
	nrm_buf_done(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leaves),     cmocka_unit_test(views),
		cmocka_unit_test(envelopes),  cmocka_unit_test(receipts),
		cmocka_unit_test(deliveries), cmocka_unit_test(sizes_are_what_is_written),
	};

	return cmocka_run_group_tests_name("pack", tests, messages_init, messages_done);
}
