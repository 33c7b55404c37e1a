/*
 * The directory and signed documents, as plain structs and as bytes (directory.proto, frame.proto;
 * protocol.md, "Participants, keys, directory"). Here is only form; what a directory has to fulfil
 * is in proto/directory.
 */
#ifndef NRM_WIRE_DIRECTORY_WIRE_H
#define NRM_WIRE_DIRECTORY_WIRE_H

#include "proto/wire/frame.h"

#define NRM_DIRECTORY_FORMAT 1u

struct nrm_offer_entry {
	enum nrm_service service;
	struct nrm_slices region; /* none: everywhere */
};

struct nrm_key_entry {
	enum nrm_key_kind kind;
	struct nrm_slice key;		 /* 32 bytes when acceptable, as those below 64 */
	struct nrm_slice possession;	 /* by the signing key */
	struct nrm_slice own_possession; /* witness key only: by itself */
};

struct nrm_participant_entry {
	struct nrm_slice id, name;
	enum nrm_org_kind kind;
	struct nrm_codes role;
	const struct nrm_offer_entry *offer;
	size_t n_offers;
	struct nrm_slice country;
	const struct nrm_key_entry *key;
	size_t n_keys;
	bool detention;
	enum nrm_status status;
	uint64_t valid_from_ms, valid_until_ms;
	uint32_t max_version;
};

/* One directory as written; absent strings are empty, absent codes zero. */
struct nrm_directory_body {
	uint64_t version;
	struct nrm_slice country;
	uint64_t valid_from_ms, valid_until_ms;
	struct {
		struct nrm_slice id, transport_key, endpoint;
	} broker;
	struct {
		struct nrm_slice origin;
		struct nrm_slices verifier_key;
		struct nrm_slice old_head;
	} trail;
	uint32_t witness_quorum;
	struct nrm_slice successor_authority;
	const struct nrm_participant_entry *participant;
	size_t n_participants;
};

/*
 * Appends the canonical encoding, with format NRM_DIRECTORY_FORMAT; NRM_ERR_LIMIT over
 * NRM_MAX_DIRECTORY.
 */
enum nrm_err nrm_directory_encode(const struct nrm_directory_body *body,
				  struct nrm_buf *out) NRM_MUST_USE;

/*
 * Its inverse: canonical, known elements and codes only, broker and trail present. Slices live as
 * long as `bytes` and `arena`. NRM_ERR_LIMIT, NRM_ERR_FORMAT, NRM_ERR_CANONICAL,
 * NRM_ERR_UNKNOWN_ELEMENT, NRM_ERR_UNKNOWN_CODE, NRM_ERR_VERSION (another format), NRM_ERR_NOMEM.
 */
enum nrm_err nrm_directory_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				  struct nrm_directory_body *ret_body) NRM_MUST_USE;

/*
 * A document with its signature, as a file holds it. Appends; the inverse has the errors above and
 * the same lifetimes.
 */
enum nrm_err nrm_document_encode(const struct nrm_document *document,
				 struct nrm_buf *out) NRM_MUST_USE;
enum nrm_err nrm_document_decode(struct nrm_slice bytes, struct nrm_arena *arena,
				 struct nrm_document *ret_document) NRM_MUST_USE;

#endif
