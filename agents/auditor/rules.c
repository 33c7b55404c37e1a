#include "agents/auditor/rules.h"

#include <stdlib.h>

#include "proto/base/hex.h"
#include "proto/base/limits.h"
#include "proto/crypto/sign.h"
#include "proto/wire/directory_wire.h"

void nrm_rules_done(struct nrm_rules *rules)
{
	free(rules->digest);
	*rules = (struct nrm_rules){.n = 0};
}

enum nrm_err nrm_rules_add(struct nrm_rules *rules, char kind, struct nrm_slice signed_document,
			   bool must_be_signed, struct nrm_faults *faults)
{
	struct nrm_hash *grown = realloc(rules->digest, (rules->n + 1) * sizeof(*grown));
	struct nrm_document document;
	struct nrm_arena arena;

	if (!grown)
		return NRM_ERR_NOMEM;
	rules->digest = grown;
	nrm_arena_init(&arena, NRM_MAX_DIRECTORY_ARENA);
	enum nrm_err err = nrm_document_decode(signed_document, &arena, &document);
	if (err == NRM_OK)
		nrm_document_digest(kind == 'd' ? NRM_DOMAIN_DIRECTORY : NRM_DOMAIN_POLICY,
				    document.document, rules->digest[rules->n++].bytes);
	if (err == NRM_OK && must_be_signed && document.signature.len != NRM_SIGNATURE_LEN)
		nrm_fault(faults, NRM_NO_LEAF,
			  kind == 'd' ? "a directory carries no signature"
				      : "a policy carries no signature");
	if (err != NRM_OK && err != NRM_ERR_NOMEM)
		nrm_fault(faults, NRM_NO_LEAF,
			  kind == 'd' ? "a directory is malformed" : "a policy is malformed");
	nrm_arena_done(&arena);
	return err == NRM_ERR_NOMEM ? err : NRM_OK;
}

/* Those of neighbouring leaves are the same: the one found is put first. */
static bool at_hand(struct nrm_rules *rules, struct nrm_slice digest)
{
	for (size_t i = 0; i < rules->n; i++) {
		if (memcmp(digest.data, rules->digest[i].bytes, NRM_HASH_LEN) != 0)
			continue;
		if (i > 1) {
			struct nrm_hash found = rules->digest[i];
			rules->digest[i] = rules->digest[0];
			rules->digest[0] = found;
		}
		return true;
	}
	return false;
}

static void missing(struct nrm_faults *faults, uint64_t index, const char *what,
		    struct nrm_slice digest)
{
	char hex[2 * NRM_HASH_LEN + 1];

	nrm_hex(digest.data, NRM_HASH_LEN, hex);
	nrm_fault_text(faults, index, what, nrm_slice_str(hex), nrm_slice_str("no such document"));
}

void nrm_rules_check(struct nrm_rules *rules, uint64_t index, const struct nrm_leaf *leaf,
		     struct nrm_faults *faults)
{
	if (!at_hand(rules, leaf->directory_digest))
		missing(faults, index, "the directory that the leaf was written under is not there",
			leaf->directory_digest);
	if (!at_hand(rules, leaf->policy_digest))
		missing(faults, index, "the policy that the leaf was written under is not there",
			leaf->policy_digest);
}
