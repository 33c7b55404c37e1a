#include "proto/trail/sums.h"

#include <stdlib.h>

/* --- in memory --- */

/* Where a cell is, or would be. */
static uint32_t find(const struct nrm_sums *sums, uint64_t row, uint32_t cell)
{
	const uint64_t mixed = (row * 0x9e3779b97f4a7c15u ^ cell) * 0xff51afd7ed558ccdu;
	uint32_t at = (uint32_t)(mixed >> 32) & (sums->n_places - 1);

	while (sums->place[at]) {
		const struct nrm_sum *sum = &sums->sum[sums->place[at] - 1];

		if (sum->row == row && sum->cell == cell)
			break;
		at = (at + 1) & (sums->n_places - 1);
	}
	return at;
}

static enum nrm_err grow(struct nrm_sums *sums)
{
	const uint32_t cap = sums->cap ? sums->cap * 2 : 64;
	struct nrm_sum *sum = realloc(sums->sum, cap * sizeof(*sum));

	if (!sum)
		return NRM_ERR_NOMEM;
	sums->sum = sum;
	uint32_t *place = calloc((size_t)cap * 2, sizeof(*place));
	if (!place)
		return NRM_ERR_NOMEM;
	free(sums->place);
	sums->place = place;
	sums->n_places = cap * 2;
	sums->cap = cap;
	for (uint32_t i = 0; i < sums->n; i++)
		place[find(sums, sum[i].row, sum[i].cell)] = i + 1;
	return NRM_OK;
}

static uint32_t raised(uint32_t amount, uint64_t by)
{
	return by > UINT32_MAX - amount ? UINT32_MAX : amount + (uint32_t)by;
}

enum nrm_err nrm_sums_add(struct nrm_sums *sums, uint64_t row, uint32_t cell, uint64_t amount)
{
	enum nrm_err err = sums->n < sums->cap ? NRM_OK : grow(sums);

	if (err != NRM_OK)
		return err;
	const uint32_t at = find(sums, row, cell);
	if (!sums->place[at]) {
		sums->sum[sums->n] = (struct nrm_sum){.row = row, .cell = cell};
		sums->place[at] = ++sums->n;
	}
	struct nrm_sum *sum = &sums->sum[sums->place[at] - 1];
	sum->amount = raised(sum->amount, amount);
	return NRM_OK;
}

uint32_t nrm_sums_amount(const struct nrm_sums *sums, uint64_t row, uint32_t cell)
{
	const uint32_t place = sums->n ? sums->place[find(sums, row, cell)] : 0;

	return place ? sums->sum[place - 1].amount : 0;
}

static int compare(const void *a, const void *b)
{
	const struct nrm_sum *x = a, *y = b;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	return x->cell < y->cell ? -1 : x->cell > y->cell;
}

void nrm_sums_sort(struct nrm_sums *sums)
{
	if (sums->n)
		qsort(sums->sum, sums->n, sizeof(*sums->sum), compare);
}

void nrm_sums_clear(struct nrm_sums *sums)
{
	if (sums->n)
		memset(sums->place, 0, sums->n_places * sizeof(*sums->place));
	sums->n = 0;
}

void nrm_sums_done(struct nrm_sums *sums)
{
	free(sums->sum);
	free(sums->place);
	*sums = (struct nrm_sums){0};
}

/* --- rows --- */

void nrm_tally_key(uint64_t row, uint8_t key[static NRM_TALLY_KEY_LEN])
{
	nrm_store_u16(key, (uint16_t)(row >> 32));
	nrm_store_u32(key + 2, (uint32_t)row);
}

enum nrm_err nrm_tally_key_read(struct nrm_slice key, uint64_t *ret_row)
{
	struct nrm_reader r = nrm_reader(key);
	const uint16_t month = nrm_take_u16(&r);
	const uint32_t participant = nrm_take_u32(&r);

	if (nrm_reader_end(&r) != NRM_OK)
		return NRM_ERR_CORRUPT;
	*ret_row = nrm_sum_row(month, participant);
	return NRM_OK;
}

static void put(struct nrm_buf *out, uint32_t cell, uint32_t amount)
{
	nrm_buf_put_u32(out, cell);
	nrm_buf_put_u32(out, amount);
}

enum nrm_err nrm_tally_row_merge(struct nrm_slice before, const struct nrm_sum *sum, uint32_t n,
				 struct nrm_buf *out)
{
	struct nrm_reader r = nrm_reader(before);
	uint64_t least = 0; /* that the next cell of `before` may be */
	uint32_t i = 0;

	while (r.rest.len > 0) {
		const uint32_t cell = nrm_take_u32(&r), amount = nrm_take_u32(&r);

		if (r.failed || cell < least)
			return NRM_ERR_CORRUPT;
		least = (uint64_t)cell + 1;
		for (; i < n && sum[i].cell < cell; i++)
			put(out, sum[i].cell, sum[i].amount);
		if (i < n && sum[i].cell == cell)
			put(out, cell, raised(amount, sum[i++].amount));
		else
			put(out, cell, amount);
	}
	for (; i < n; i++)
		put(out, sum[i].cell, sum[i].amount);
	return out->err;
}

enum nrm_err nrm_tally_row_read(uint64_t row, struct nrm_slice plaintext, struct nrm_sums *sums)
{
	struct nrm_reader r = nrm_reader(plaintext);
	enum nrm_err err = NRM_OK;
	uint64_t least = 0;

	while (err == NRM_OK && r.rest.len > 0) {
		const uint32_t cell = nrm_take_u32(&r), amount = nrm_take_u32(&r);

		if (r.failed || cell < least)
			return NRM_ERR_CORRUPT;
		least = (uint64_t)cell + 1;
		err = nrm_sums_add(sums, row, cell, amount);
	}
	return err;
}
