/*
 * Sums of cells (tally.h), in memory and as rows of NRM_TABLE_TALLIES: one row a month and participant, key u16(month) u32(number of
 * the participant, 0: nobody's), sealed under the key that the state row NRM_STATE_TALLIES names; its plaintext is the cells, ascending: u8 tally,
 * u8 service, u16 detail, u32 amount.
 */
#ifndef NRM_TRAIL_SUMS_H
#define NRM_TRAIL_SUMS_H

#include "proto/base/buf.h"
#include "proto/trail/rows.h"
#include "proto/trail/tally.h"

#define NRM_TALLY_KEY_LEN  6
#define NRM_TALLY_CELL_LEN 8

struct nrm_sum {
	uint64_t row;  /* month << 32 | participant: the number of its row */
	uint32_t cell; /* tally << 24 | service << 16 | detail */
	uint32_t amount;
};

/* Zeroed: none. */
struct nrm_sums {
	struct nrm_sum *sum;
	uint32_t n, cap;
	uint32_t *place; /* open addressing: index + 1 */
	uint32_t n_places;
};

static inline uint64_t nrm_sum_row(uint16_t month, uint32_t participant)
{
	return (uint64_t)month << 32 | participant;
}
static inline uint32_t nrm_sum_cell(enum nrm_tally tally, enum nrm_service service, uint16_t detail)
{
	return (uint32_t)tally << 24 | (uint32_t)service << 16 | detail;
}
static inline enum nrm_tally nrm_sum_tally(const struct nrm_sum *sum)
{
	return (enum nrm_tally)(sum->cell >> 24);
}
static inline enum nrm_service nrm_sum_service(const struct nrm_sum *sum)
{
	return (enum nrm_service)(sum->cell >> 16 & 0xff);
}

/* Adds to a sum, which stops at UINT32_MAX. NRM_ERR_NOMEM. */
enum nrm_err nrm_sums_add(struct nrm_sums *sums, uint64_t row, uint32_t cell,
			  uint64_t amount) NRM_MUST_USE;
/* The amount of a cell; 0 when there is none. */
uint32_t nrm_sums_amount(const struct nrm_sums *sums, uint64_t row, uint32_t cell);
/* Brings them into the order of rows and cells. Afterwards nothing is added or looked up until they are cleared. */
void nrm_sums_sort(struct nrm_sums *sums);
/* Empties, keeping the memory; and frees it. */
void nrm_sums_clear(struct nrm_sums *sums);
void nrm_sums_done(struct nrm_sums *sums);

/* A row's key in the table; and the row's number from its key, NRM_ERR_CORRUPT. */
void nrm_tally_key(uint64_t row, uint8_t key[static NRM_TALLY_KEY_LEN]);
enum nrm_err nrm_tally_key_read(struct nrm_slice key, uint64_t *ret_row) NRM_MUST_USE;
/* Appends the plaintext `before` with `n` sorted sums of one row added to it. NRM_ERR_CORRUPT when `before` is no row's. */
enum nrm_err nrm_tally_row_merge(struct nrm_slice before, const struct nrm_sum *sum, uint32_t n,
				 struct nrm_buf *out) NRM_MUST_USE;
/* Adds a row's plaintext to sums. NRM_ERR_CORRUPT, NRM_ERR_NOMEM. */
enum nrm_err nrm_tally_row_read(uint64_t row, struct nrm_slice plaintext,
				struct nrm_sums *sums) NRM_MUST_USE;

#endif
