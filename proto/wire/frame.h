/*
 * Frames between agents and brokers, as plain structs and as bytes (frame.proto; protocol.md, "Frames").
 * Decoding a frame checks its canonical form, counts and sizes; statements, acks, leaves and views inside
 * stay bytes.
 */
#ifndef NRM_WIRE_FRAME_H
#define NRM_WIRE_FRAME_H

#include "proto/wire/envelope.h"

struct nrm_document {
	struct nrm_slice document, signature; /* both empty: absent */
};

enum nrm_to_broker_kind {
	NRM_HELLO = 1,
	NRM_SUBMIT,
	NRM_ACKNOWLEDGE,
	NRM_CREDIT,
	NRM_ASK,
	NRM_COSIGNATURE,
	NRM_AGGREGATE
};

enum nrm_ask_kind { NRM_ASK_PROOFS = 1, NRM_ASK_STATUS, NRM_ASK_DIRECTORY, NRM_ASK_CASE };

struct nrm_message_ref {
	struct nrm_slice message_id, case_id;
};

struct nrm_to_broker {
	enum nrm_to_broker_kind kind;
	union {
		struct {
			uint32_t min_version, max_version;
			uint64_t directory_version;
			struct nrm_slice checkpoint;
			uint32_t credit;
			struct nrm_slice policy_digest; /* 32 bytes or empty */
		} hello;
		struct {
			const struct nrm_envelope *envelope; /* 1-256 */
			size_t n;
			struct nrm_slice signature; /* empty: each envelope has its proof */
		} submit;
		struct {
			struct nrm_slices ack; /* 1-256 serialized Acks */
			struct nrm_slice signature;
		} acknowledge;
		uint32_t credit;
		struct {
			enum nrm_ask_kind kind;
			uint64_t from_size;    /* proofs */
			const uint64_t *index; /* proofs: strictly ascending, ≤ 256 */
			size_t n_indexes;
			const struct nrm_message_ref *message; /* status: ≤ 256 */
			size_t n_messages;
			struct nrm_slice case_id; /* case */
		} ask;
		struct nrm_slice cosignature;  /* a note */
		struct nrm_document aggregate; /* of an AggregateStatement */
	} is;
};

struct nrm_ack_body {
	struct nrm_slice statement_digest; /* 32 bytes */
	nrm_mask forwarded;
	struct nrm_slice leaf_hash; /* 32 bytes */
	uint64_t time_ms;
	enum nrm_ack status;
};

struct nrm_receipt_item {
	struct nrm_slice message_id;
	uint64_t index;
	struct nrm_slice leaf, salt, view;
};

struct nrm_delivery {
	uint64_t index;
	struct nrm_slice leaf, salt, view;
	struct nrm_envelope envelope;
	nrm_mask keep; /* for encoding: fields of `envelope` to send */
	/* for encoding: the envelope as nrm_envelope_encode() made it, sent as it is; empty: made of the two above */
	struct nrm_slice encoded;
};

struct nrm_message_status {
	struct nrm_slice message_id;
	bool known, waiting;
};

/* A consent as the broker keeps it. */
struct nrm_consent_on_file {
	struct nrm_consent_grant grant; /* its interpreter, language and mode are not kept */
	enum nrm_phase phase;
	struct nrm_slices
		recorder; /* who granted it, then who confirmed it; ≤ NRM_MAX_CONSENT_RECORDERS */
	uint64_t withdrawn_at_ms; /* 0: it was not */
	bool guardian_unknown;	  /* it names a guardian that no directory knew */
};

/* What a participant may know of a case. Not known: nothing but the first two of these members. */
struct nrm_case_answer {
	struct nrm_slice case_id;
	uint64_t time_ms; /* the broker's, when it looked */
	bool known;
	struct nrm_case_card card;		   /* what counts now; ≤ NRM_MAX_CASE_FACTS */
	nrm_mask contributed;			   /* roles */
	const struct nrm_consent_on_file *consent; /* ≤ NRM_MAX_CASE_CONSENTS, of different ids */
	size_t n_consents;
	bool manages; /* the asker is one of the case's managers */
};

enum nrm_to_agent_kind {
	NRM_WELCOME = 1,
	NRM_RECEIPT,
	NRM_DELIVER,
	NRM_PROOFS,
	NRM_ANSWER_STATUS,
	NRM_ANSWER_DIRECTORY,
	NRM_ANSWER_CASE,
	NRM_REFUSED,
	NRM_POLICY
};

struct nrm_to_agent {
	enum nrm_to_agent_kind kind;
	union {
		struct {
			uint32_t version;
			uint64_t time_ms;
			uint32_t submit_credit;
			struct nrm_document directory, policy;
			struct nrm_slice checkpoint;
		} welcome;
		struct {
			const struct nrm_receipt_item *item;
			size_t n;
		} receipt;
		struct {
			const struct nrm_delivery *item;
			size_t n;
		} deliver;
		struct {
			struct nrm_slice checkpoint;
			uint64_t from_size;
			struct nrm_slices consistency;
			const uint64_t *index;
			size_t n_indexes;
			struct nrm_slices node;
		} proofs;
		struct {
			const struct nrm_message_status *message;
			size_t n;
		} status;
		struct nrm_document directory, policy;
		struct nrm_case_answer case_file;
		struct {
			enum nrm_refusal code;
			struct nrm_slice text;
			struct nrm_slice message_id;
			uint32_t item;
		} refused;
	} is;
};

/*
 * Decoding: ≤ NRM_MAX_FRAME bytes, canonical, 1-256 items, each envelope ≤ NRM_MAX_ENVELOPE with ≤ 64 fields in strictly
 * ascending order, statements ≤ 16 KiB, a Submit signed in just one of its two ways. Results point into `bytes` or `arena`.
 * NRM_ERR_LIMIT, NRM_ERR_FORMAT, NRM_ERR_CANONICAL, NRM_ERR_UNKNOWN_ELEMENT, NRM_ERR_UNKNOWN_CODE, NRM_ERR_DUPLICATE,
 * NRM_ERR_ID, NRM_ERR_NOMEM. A frame of the other direction is refused with whichever of them it meets first.
 */
enum nrm_err nrm_to_broker_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_to_broker *ret_frame) NRM_MUST_USE;
enum nrm_err nrm_to_agent_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				 struct nrm_to_agent *ret_frame) NRM_MUST_USE;
/* Appends one frame; NRM_ERR_LIMIT when it is over NRM_MAX_FRAME. Deliveries keep only the fields of their `keep`. */
enum nrm_err nrm_to_broker_encode(const struct nrm_to_broker *frame,
				  struct nrm_buf *out) NRM_MUST_USE;
enum nrm_err nrm_to_agent_encode(const struct nrm_to_agent *frame,
				 struct nrm_buf *out) NRM_MUST_USE;

/*
 * One Ack, with both digests, a status and its fields ascending; errors of decoding a frame. NRM_ERR_LIMIT over
 * NRM_MAX_STATEMENT. Encoding appends.
 */
enum nrm_err nrm_ack_decode(struct nrm_slice bytes, struct nrm_arena *arena,
			    struct nrm_ack_body *ret_ack) NRM_MUST_USE;
enum nrm_err nrm_ack_encode(const struct nrm_ack_body *ack, struct nrm_buf *out) NRM_MUST_USE;

/*
 * Verifies an Acknowledge: the signature over the tree of its acks. ret_proof[i] (array of ack.n) is the proof of ack i by
 * itself, from `arena`. NRM_ERR_SIGNATURE.
 */
enum nrm_err nrm_acks_verify(struct nrm_slices ack, struct nrm_slice signature,
			     const struct nrm_verifying_key *recipient, struct nrm_arena *arena,
			     struct nrm_proof *ret_proof) NRM_MUST_USE;

/*
 * Verifies the envelopes of a Deliver, each as nrm_envelope_verify() does, with one Ed25519 check for each distinct (sender,
 * size, root, signature) among them. sender[i] is the key of envelope i's sender, the same pointer for the same key, or NULL
 * when it is unknown (NRM_ERR_KEY). ret_verified[i] is NULL where ret_err[i] is not NRM_OK (arrays of n).
 */
void nrm_deliver_verify(const struct nrm_delivery *item, size_t n,
			const struct nrm_verifying_key *const *sender, struct nrm_arena *arena,
			const struct nrm_verified **ret_verified, enum nrm_err *ret_err);

/* The refusal code that tells a peer of an error of decoding or verification. */
enum nrm_refusal nrm_refusal_of(enum nrm_err err);

#endif
