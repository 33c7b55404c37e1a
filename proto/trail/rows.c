#include "proto/trail/rows.h"

void nrm_row_key(const uint8_t case_key[static NRM_KEY_LEN], uint8_t out[static NRM_KEY_LEN])
{
	static const char domain[] = "nrm/v1/rows";
	const struct nrm_slice part = nrm_slice(domain, sizeof(domain));

	nrm_hmac(nrm_slice(case_key, NRM_KEY_LEN), &part, 1, out);
}

void nrm_index_row_key(const uint8_t index_key[static NRM_KEY_LEN],
		       const uint8_t case_id[static NRM_CASE_ID_LEN],
		       uint8_t out[static NRM_INDEX_ROW_KEY_LEN])
{
	static const char domain[] = "nrm/v1/case-index";
	const struct nrm_slice parts[] = {nrm_slice(domain, sizeof(domain)),
					  nrm_slice(case_id, NRM_CASE_ID_LEN)};
	uint8_t mac[NRM_HASH_LEN];

	nrm_hmac(nrm_slice(index_key, NRM_KEY_LEN), parts, 2, mac);
	memcpy(out, mac, NRM_INDEX_ROW_KEY_LEN);
}

static struct nrm_slice place_of(enum nrm_row_place place, uint64_t number, uint8_t aad[static 9])
{
	aad[0] = (uint8_t)place;
	nrm_store_u64(aad + 1, number);
	return nrm_slice(aad, 9);
}

enum nrm_err nrm_row_seal(const uint8_t row_key[static NRM_KEY_LEN], enum nrm_row_place place,
			  uint64_t number, const uint8_t nonce[static NRM_AEAD_NONCE_LEN],
			  struct nrm_slice plaintext, uint8_t *out)
{
	uint8_t aad[9];

	memcpy(out, nonce, NRM_AEAD_NONCE_LEN);
	return nrm_aead_seal(row_key, nonce, place_of(place, number, aad), plaintext,
			     out + NRM_AEAD_NONCE_LEN);
}

enum nrm_err nrm_row_open(const uint8_t row_key[static NRM_KEY_LEN], enum nrm_row_place place,
			  uint64_t number, struct nrm_slice row, struct nrm_buf *out)
{
	uint8_t aad[9];
	enum nrm_err err;

	if (row.len < NRM_ROW_OVERHEAD)
		return NRM_ERR_OPEN;
	uint8_t *plaintext = nrm_buf_grow(out, row.len - NRM_ROW_OVERHEAD);
	if (!plaintext)
		return out->err;
	err = nrm_aead_open(row_key, row.data, place_of(place, number, aad),
			    nrm_slice(row.data + NRM_AEAD_NONCE_LEN, row.len - NRM_AEAD_NONCE_LEN),
			    plaintext);
	if (err != NRM_OK)
		out->len -= row.len - NRM_ROW_OVERHEAD;
	return err;
}
