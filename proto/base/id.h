/*
 * Identifiers: participants (protocol.md, "Participants, keys, directory"), message ids (UUIDv7,
 * RFC 9562 section 5.7), short codes.
 */
#ifndef NRM_BASE_ID_H
#define NRM_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/slice.h"

#define NRM_MESSAGE_ID_LEN 16
#define NRM_CASE_ID_LEN	   16
#define NRM_CONSENT_ID_LEN 16

/* [A-Z]{2}\.[a-z0-9-]{1,60} */
bool nrm_participant_id_ok(struct nrm_slice id);

/* [A-Z]{2} */
bool nrm_country_ok(struct nrm_slice country);

/* [A-Z0-9-]{0,16} */
bool nrm_region_ok(struct nrm_slice region);

/* Sixteen bytes with version 7 and variant 10. */
bool nrm_message_id_ok(struct nrm_slice id);

/* Makes a UUIDv7 of a time in Unix milliseconds and ten random bytes. */
void nrm_message_id_make(uint64_t now_ms, const uint8_t random[static 10], uint8_t out[static 16]);

/* Two letters as a number, for masks and comparisons; 0 for anything else. "TH" is 'T' << 8 | 'H'. */
uint16_t nrm_country_code(struct nrm_slice country);

#endif
