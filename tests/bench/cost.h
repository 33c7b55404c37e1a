/*
 * What a referral costs elsewhere than on the broker's way: bytes of its database, and opening at the recipient.
 */
#ifndef NRM_TESTS_BENCH_COST_H
#define NRM_TESTS_BENCH_COST_H

#include "proto/directory/identity.h"

/* Bytes that the database in a country's books uses, free pages not counted. */
double cost_of_books_bytes(const char *country);
/* Microseconds for all fields of a referral; recipients acknowledge before they open. */
double cost_of_opening_us(const struct nrm_identity *police, const struct nrm_identity *shelter);

#endif
