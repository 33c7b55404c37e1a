#include "proto/crypto/sign.h"

#include <assert.h>
#include <string.h>

#include "proto/base/buf.h"
#include "proto/base/limits.h"

#define MAX_DOMAIN	  31
#define DOMAIN_POSSESSION "nrm/v1/possession"

/* A short signed string, on the stack: signatures over batches are the busiest of all. */
struct preimage {
	uint8_t bytes[MAX_DOMAIN + 1 + 1 + NRM_MAX_ID + 1 + NRM_KEY_LEN];
	size_t len;
};

static void put(struct preimage *p, const void *bytes, size_t len)
{
	assert(len <= sizeof(p->bytes) - p->len);
	memcpy(p->bytes + p->len, bytes, len);
	p->len += len;
}

static enum nrm_err batch_preimage(const char *domain, uint32_t size,
				   const uint8_t root[static NRM_HASH_LEN], struct preimage *p)
{
	uint8_t count[4];

	if (size < 1 || size > NRM_MAX_SIGNED_ITEMS)
		return NRM_ERR_LIMIT;
	p->len = 0;
	nrm_store_u32(count, size);
	put(p, domain, strlen(domain) + 1);
	put(p, count, sizeof(count));
	put(p, root, NRM_HASH_LEN);
	return NRM_OK;
}

enum nrm_err nrm_batch_sign(const struct nrm_signing_key *key, const char *domain, uint32_t size,
			    const uint8_t root[static NRM_HASH_LEN],
			    uint8_t signature[static NRM_SIGNATURE_LEN])
{
	struct preimage p;
	enum nrm_err err = batch_preimage(domain, size, root, &p);

	return err == NRM_OK ? nrm_sign(key, nrm_slice(p.bytes, p.len), signature) : err;
}

enum nrm_err nrm_batch_verify(const struct nrm_verifying_key *key, const char *domain,
			      uint32_t size, const uint8_t root[static NRM_HASH_LEN],
			      struct nrm_slice signature)
{
	struct preimage p;
	enum nrm_err err = batch_preimage(domain, size, root, &p);

	return err == NRM_OK ? nrm_verify(key, nrm_slice(p.bytes, p.len), signature) : err;
}

/* Ed25519 takes a message in one piece, so a document is copied behind its domain string. */
static enum nrm_err document_preimage(const char *domain, struct nrm_slice document,
				      struct nrm_buf *out)
{
	nrm_buf_init(out);
	nrm_buf_put_domain(out, domain);
	nrm_buf_put(out, document.data, document.len);
	return out->err;
}

enum nrm_err nrm_document_sign(const struct nrm_signing_key *key, const char *domain,
			       struct nrm_slice document,
			       uint8_t signature[static NRM_SIGNATURE_LEN])
{
	struct nrm_buf preimage;
	enum nrm_err err = document_preimage(domain, document, &preimage);

	if (err == NRM_OK)
		err = nrm_sign(key, nrm_buf_slice(&preimage), signature);
	nrm_buf_done(&preimage);
	return err;
}

enum nrm_err nrm_document_verify(const struct nrm_verifying_key *key, const char *domain,
				 struct nrm_slice document, struct nrm_slice signature)
{
	struct nrm_buf preimage;
	enum nrm_err err = document_preimage(domain, document, &preimage);

	if (err == NRM_OK)
		err = nrm_verify(key, nrm_buf_slice(&preimage), signature);
	nrm_buf_done(&preimage);
	return err;
}

void nrm_document_digest(const char *domain, struct nrm_slice document,
			 uint8_t out[static NRM_HASH_LEN])
{
	nrm_sha256((struct nrm_slice[]){nrm_slice(domain, strlen(domain) + 1), document}, 2, out);
}

static enum nrm_err possession_preimage(struct nrm_slice id, uint8_t kind,
					const uint8_t key[static NRM_KEY_LEN], struct preimage *p)
{
	if (id.len < 1 || id.len > NRM_MAX_ID)
		return NRM_ERR_ID;
	p->len = 0;
	put(p, DOMAIN_POSSESSION, sizeof(DOMAIN_POSSESSION));
	put(p, (uint8_t[]){(uint8_t)id.len}, 1);
	put(p, id.data, id.len);
	put(p, &kind, 1);
	put(p, key, NRM_KEY_LEN);
	return NRM_OK;
}

enum nrm_err nrm_possession_sign(const struct nrm_signing_key *signer, struct nrm_slice id,
				 uint8_t kind, const uint8_t key[static NRM_KEY_LEN],
				 uint8_t signature[static NRM_SIGNATURE_LEN])
{
	struct preimage p;
	enum nrm_err err = possession_preimage(id, kind, key, &p);

	return err == NRM_OK ? nrm_sign(signer, nrm_slice(p.bytes, p.len), signature) : err;
}

enum nrm_err nrm_possession_verify(const struct nrm_verifying_key *signer, struct nrm_slice id,
				   uint8_t kind, const uint8_t key[static NRM_KEY_LEN],
				   struct nrm_slice signature)
{
	struct preimage p;
	enum nrm_err err = possession_preimage(id, kind, key, &p);

	return err == NRM_OK ? nrm_verify(signer, nrm_slice(p.bytes, p.len), signature) : err;
}
