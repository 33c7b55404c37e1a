/*
 * Statements: what an agency signs, as a plain struct and as bytes (statement.proto; protocol.md,
 * "Envelope"). Decoding refuses whatever has not exactly one meaning: the bytes must equal their own
 * canonical re-encoding, nested messages too, with no unknown element or code and with the body that
 * belongs to the type.
 */
#ifndef NRM_WIRE_STATEMENT_H
#define NRM_WIRE_STATEMENT_H

#include <stdbool.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"
#include "proto/base/id.h"
#include "proto/vocabulary.h"

#define NRM_PROTOCOL_VERSION 1u

/* Lists of codes as they stand in a message; each element is an enum's number. */
struct nrm_codes {
	const uint32_t *code;
	size_t n;
};

struct nrm_slices {
	const struct nrm_slice *item;
	size_t n;
};

struct nrm_referral {
	enum nrm_urgency urgency;
	struct nrm_slice region;
	enum nrm_channel contact_by;
	struct nrm_slice statement_on_file; /* message id or empty */
	struct nrm_slice linked_case;	    /* case id or empty */
};

struct nrm_response {
	struct nrm_slice in_reply_to; /* message id */
	enum nrm_answer answer;
	enum nrm_decline decline;
	struct nrm_slice appeal_to; /* participant id or empty */
	uint64_t ask_again_at_ms;
};

struct nrm_domain_outcome {
	enum nrm_domain domain;
	enum nrm_progress progress;
	uint64_t date_ms;
};

struct nrm_update {
	struct nrm_slice about; /* message id */
	enum nrm_step step;
	const struct nrm_domain_outcome *outcome;
	size_t n_outcomes;
	enum nrm_channel contact_by;
};

struct nrm_consent_grant {
	struct nrm_slice consent_id;
	enum nrm_given_by given_by;
	struct nrm_codes service;
	bool any_service;
	struct nrm_slices recipient;
	struct nrm_codes recipient_role;
	bool any_recipient;
	struct nrm_codes field;
	struct nrm_codes category;
	bool any_field;
	struct nrm_slices country;
	enum nrm_purpose purpose;
	uint64_t from_ms;
	uint64_t until_ms;
	enum nrm_heard heard;
	bool understood;
	bool interpreter_conflict;
	struct nrm_slice interpreter; /* participant id or empty */
	struct nrm_slice language;
	enum nrm_mode mode;
	struct nrm_slice guardian; /* participant id or empty */
};

/* One fact of a case card; `kind` says which member counts. */
struct nrm_stated_fact {
	enum nrm_fact kind;
	union {
		enum nrm_age_class age_class;
		uint64_t time_ms; /* adult_since, last_threat, reflection_until */
		struct {
			enum nrm_guardian kind;
			struct nrm_slice participant;
		} guardian;
		bool yes; /* complicit_parent, asylum_seeker, consulate_wished */
		struct nrm_slice participant; /* excluded, receiving_manager */
		struct nrm_codes codes;	      /* refused (services), contact (channels) */
		struct {
			enum nrm_assessment kind;
			uint64_t date_ms;
		} assessment;
	} is;
};

struct nrm_case_card {
	const struct nrm_stated_fact *fact;
	size_t n;
};

struct nrm_statement {
	uint32_t version;
	struct nrm_slice message_id, case_id; /* 16 bytes each */
	struct nrm_slice sender, recipient;   /* participant ids, of valid form */
	enum nrm_message_type type;
	enum nrm_service service;
	enum nrm_purpose purpose;
	enum nrm_phase phase;
	uint64_t issued_at_ms, expires_at_ms;
	enum nrm_basis basis;
	enum nrm_emergency emergency;
	struct nrm_slice recipient_key, key_check,
		encapsulated_key;     /* all empty when nothing is sealed */
	struct nrm_slices commitment; /* 32 bytes each, strictly ascending */
	struct nrm_slice replaces;    /* message id or empty */
	union {
		struct nrm_referral referral;
		struct nrm_response response;
		struct nrm_update update;
		struct nrm_consent_grant consent_grant;
		struct nrm_slice withdrawal; /* consent id, or empty: all of the case */
		struct nrm_case_card case_card;
		struct {
			struct nrm_slice about;	    /* participant id */
			struct nrm_slice regarding; /* message id or empty */
		} complaint;
		struct {
			struct nrm_slice region;
			uint32_t persons;
		} notification;
		struct {
			struct nrm_slice consent_id;
			struct nrm_slices message_id;
		} erasure_order;
		struct {
			struct nrm_slice order; /* message id */
			struct nrm_slice legal_ground;
			uint64_t kept_until_ms;
		} erasure_confirmation;
		struct {
			enum nrm_notice_kind kind;
			struct nrm_slice about; /* message id or empty */
			uint64_t until_ms;
			enum nrm_reason reason;
		} notice;
	} body; /* the member that belongs to `type` */
};

/*
 * Decodes and checks `bytes` (≤ NRM_MAX_STATEMENT). Everything in *ret_statement points into `arena` and lives as long.
 * NRM_ERR_LIMIT, NRM_ERR_FORMAT, NRM_ERR_CANONICAL, NRM_ERR_UNKNOWN_ELEMENT, NRM_ERR_UNKNOWN_CODE, NRM_ERR_DUPLICATE
 * (a commitment, list element, fact or domain twice), NRM_ERR_BODY, NRM_ERR_ID, NRM_ERR_VERSION (version > ours), NRM_ERR_TIME (lifetime
 * over 30 days or negative), NRM_ERR_NOMEM. It does not compare with the clock: the core does.
 */
enum nrm_err nrm_statement_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_statement *ret_statement) NRM_MUST_USE;

/* Appends the canonical encoding; NRM_ERR_LIMIT over NRM_MAX_STATEMENT. It does not check what decoding checks. */
enum nrm_err nrm_statement_encode(const struct nrm_statement *statement,
				  struct nrm_buf *out) NRM_MUST_USE;

/* The statement's digest: its RFC 9162 leaf hash, SHA-256(0x00 bytes). */
void nrm_statement_digest(struct nrm_slice bytes, uint8_t out[static 32]);

#endif
