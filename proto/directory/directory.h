/*
 * The directory of participants (protocol.md, "Participants, keys, directory"): decoded, verified
 * under the authority's key, checked whole, and looked up by id, by signing key and by transport
 * key. An immutable snapshot once made: safe to read from any thread.
 */
#ifndef NRM_DIRECTORY_DIRECTORY_H
#define NRM_DIRECTORY_DIRECTORY_H

#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/crypto/crypto.h"
#include "proto/trail/note.h"
#include "proto/vocabulary.h"
#include "proto/wire/frame.h"

struct nrm_participant {
	struct nrm_slice id;
	struct nrm_slice name; /* display name of the organisation */
	enum nrm_org_kind kind;
	nrm_mask roles;
	nrm_mask offers; /* services, in any region */
	uint16_t country;
	bool detention;
	enum nrm_status status;
	uint64_t valid_from_ms, valid_until_ms;
	uint32_t max_version;
	uint8_t signing[NRM_KEY_LEN];
	uint8_t sealing[2][NRM_KEY_LEN]; /* the first is the one to seal to */
	uint32_t n_sealing;		 /* 1 or 2 */
	uint8_t transport[NRM_KEY_LEN];
	uint8_t witness[NRM_KEY_LEN];
	const struct nrm_verifying_key *verifying; /* prepared from `signing` */
};

struct nrm_directory;

/*
 * Verifies a signed directory under the authority's key and checks it whole: format, canonical
 * encoding, ids, countries, at least one role each, all four key kinds with proofs of possession,
 * keys unique across participants, small-order and all-zero keys, validity, verifier keys and
 * origin, sizes. On failure writes one clear line to `ret_error` (256 bytes, or NULL). The snapshot
 * owns copies of everything. NRM_ERR_SIGNATURE, NRM_ERR_FORMAT, NRM_ERR_KEY, NRM_ERR_DUPLICATE, …
 */
enum nrm_err nrm_directory_open(const struct nrm_document *signed_document,
				const uint8_t authority[static NRM_KEY_LEN],
				struct nrm_directory **ret_directory, char *ret_error) NRM_MUST_USE;
void nrm_directory_free(struct nrm_directory *directory);

/* The same from a file as `nrm directory sign` writes it (a serialized SignedDocument). */
enum nrm_err nrm_directory_read(const char *path, const uint8_t authority[static NRM_KEY_LEN],
				struct nrm_directory **ret_directory, char *ret_error) NRM_MUST_USE;

/* What it says; slices and pointers live as long as it does. */
uint64_t nrm_directory_version(const struct nrm_directory *d);
uint64_t nrm_directory_valid_until(const struct nrm_directory *d); /* Unix milliseconds */
uint16_t nrm_directory_country(const struct nrm_directory *d);
const uint8_t *nrm_directory_digest(const struct nrm_directory *d); /* 32 bytes */
struct nrm_document
nrm_directory_document(const struct nrm_directory *d); /* signed bytes, to hand on */
struct nrm_slice nrm_directory_broker_id(const struct nrm_directory *d);
const uint8_t *nrm_directory_broker_key(const struct nrm_directory *d); /* 32 bytes, CURVE */
struct nrm_slice nrm_directory_broker_endpoint(const struct nrm_directory *d);
const struct nrm_note_key *
nrm_directory_log_key(const struct nrm_directory *d); /* the trail's current verifier key */
uint32_t nrm_directory_witness_quorum(const struct nrm_directory *d);

size_t nrm_directory_count(const struct nrm_directory *d);
const struct nrm_participant *nrm_directory_at(const struct nrm_directory *d,
					       size_t i); /* ascending by id */
/* NULL when there is none. O(1) or O(log n). */
const struct nrm_participant *nrm_directory_find(const struct nrm_directory *d,
						 struct nrm_slice id);
const struct nrm_participant *
nrm_directory_find_transport(const struct nrm_directory *d,
			     const uint8_t transport[static NRM_KEY_LEN]);
/* Its key as a witness of the trail, named `nrm/<id>`. NRM_ERR_KEY. */
enum nrm_err nrm_participant_witness(const struct nrm_participant *p,
				     struct nrm_note_key *ret_key) NRM_MUST_USE;
/* Whether a participant may take part at `now`: active and within its validity. */
bool nrm_participant_active(const struct nrm_participant *p, uint64_t now_ms);

#endif
