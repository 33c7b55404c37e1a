/*
 * Writing messages straight into a buffer, for those that the broker writes for every referral: leaves, views,
 * envelopes, receipts and deliveries. protobuf-c visits each of their members twice, which costs more than sealing
 * them. Only the canonical encoding can be written: members in the order of their numbers, defaults left out. Decoding
 * is protobuf-c's, and `canonical.h` holds these bytes to the same encoding. Internal to proto/wire.
 */
#ifndef NRM_WIRE_PACK_H
#define NRM_WIRE_PACK_H

#include "proto/wire/envelope.h"

/* What a member takes, tag included; nothing when it has its default. */
size_t nrm_number_size(unsigned member, uint64_t v);
size_t nrm_bytes_size(unsigned member, struct nrm_slice bytes);
/* A list of codes, each below 64, packed. */
size_t nrm_mask_size(unsigned member, nrm_mask mask);
/* A message of `len` bytes: never left out. */
size_t nrm_message_size(unsigned member, size_t len);

void nrm_pack_number(struct nrm_buf *out, unsigned member, uint64_t v);
void nrm_pack_bytes(struct nrm_buf *out, unsigned member, struct nrm_slice bytes);
void nrm_pack_mask(struct nrm_buf *out, unsigned member, nrm_mask mask);
/* The tag and length of a message that the caller writes next, or of one element of a list of bytes. */
void nrm_pack_head(struct nrm_buf *out, unsigned member, size_t len);

/* A Proof as a member. */
void nrm_pack_proof(struct nrm_buf *out, unsigned member, const struct nrm_proof *proof);

#endif
