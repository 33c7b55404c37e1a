#include "agents/page/columns.h"

#include <stdlib.h>
#include <string.h>

void nrm_columns_done(struct nrm_columns *columns)
{
	for (size_t i = 0; i < columns->n_chunks; i++)
		free(columns->chunk[i]);
	free(columns->chunk);
	nrm_parties_done(&columns->parties);
	*columns = (struct nrm_columns){.n = 0};
}

static enum nrm_err add_chunk(struct nrm_columns *c)
{
	if (c->n_chunks == c->room) {
		const size_t room = c->room ? 2 * c->room : 16;
		void *grown = reallocarray(c->chunk, room, sizeof(void *));
		if (!grown)
			return NRM_ERR_NOMEM;
		c->chunk = grown;
		c->room = room;
	}
	c->chunk[c->n_chunks] = calloc(1, sizeof(*c->chunk[0]));
	if (!c->chunk[c->n_chunks])
		return NRM_ERR_NOMEM;
	c->n_chunks++;
	return NRM_OK;
}

/* Leaves are found by time through halving: one that is dated before the one it follows, a fault of the trail, takes that one's. */
static uint32_t in_order(const struct nrm_columns *c, uint64_t minute)
{
	const uint32_t m = minute < UINT32_MAX ? (uint32_t)minute : UINT32_MAX;
	const uint64_t last = c->n - 1;
	const uint32_t before =
		c->n ? c->chunk[last / NRM_COLUMN_CHUNK]->minute[last % NRM_COLUMN_CHUNK] : 0;

	return m > before ? m : before;
}

enum nrm_err nrm_columns_add(struct nrm_columns *c, const struct nrm_column_row *row)
{
	const uint32_t at = c->n % NRM_COLUMN_CHUNK;
	uint16_t sender, recipient;
	enum nrm_err err = nrm_parties_number(&c->parties, row->sender, &sender);

	if (err == NRM_OK)
		err = nrm_parties_number(&c->parties, row->recipient, &recipient);
	if (err == NRM_OK && c->n / NRM_COLUMN_CHUNK == c->n_chunks)
		err = add_chunk(c);
	if (err != NRM_OK)
		return err;
	struct nrm_column_chunk *chunk = c->chunk[c->n / NRM_COLUMN_CHUNK];
	chunk->minute[at] = in_order(c, row->minute);
	chunk->sender[at] = sender;
	chunk->recipient[at] = recipient;
	chunk->service[at] = (uint8_t)row->service;
	chunk->reason[at] = (uint8_t)row->reason;
	chunk->kind[at] = (uint8_t)row->kind;
	chunk->marks[at] = (uint8_t)row->outcome & NRM_MARK_OUTCOME;
	c->n++;
	return NRM_OK;
}

void nrm_columns_tell(struct nrm_columns *c, uint64_t index, uint32_t slot, uint8_t marks)
{
	struct nrm_column_chunk *chunk = c->chunk[index / NRM_COLUMN_CHUNK];
	const uint32_t at = index % NRM_COLUMN_CHUNK;

	chunk->slot[at] = slot + 1;
	chunk->marks[at] = (chunk->marks[at] & NRM_MARK_OUTCOME) |
			   (uint8_t)(marks & ~NRM_MARK_OUTCOME);
}

int64_t nrm_columns_slot(const struct nrm_columns *c, uint64_t index)
{
	return (int64_t)c->chunk[index / NRM_COLUMN_CHUNK]->slot[index % NRM_COLUMN_CHUNK] - 1;
}

uint8_t nrm_columns_marks(const struct nrm_columns *c, uint64_t index)
{
	return c->chunk[index / NRM_COLUMN_CHUNK]->marks[index % NRM_COLUMN_CHUNK];
}

void nrm_columns_forget(struct nrm_columns *c, uint32_t slot)
{
	for (size_t i = 0; i < c->n_chunks; i++) {
		struct nrm_column_chunk *chunk = c->chunk[i];
		for (uint32_t at = 0; at < NRM_COLUMN_CHUNK; at++) {
			if (chunk->slot[at] != slot + 1)
				continue;
			chunk->slot[at] = 0;
			chunk->marks[at] &= NRM_MARK_OUTCOME;
		}
	}
}

/* --- looking --- */

/* hit[i] &= column[i] == value, for a whole block: its length is fixed so that the compiler takes many at once. */
#define KEEP_EQUAL(hit, column, value)                                   \
	do {                                                             \
		for (uint32_t i_ = 0; i_ < NRM_COLUMN_BLOCK; i_++)       \
			(hit)[i_] &= (uint8_t)((column)[i_] == (value)); \
	} while (0)

static void keep_either(uint8_t *hit, const uint16_t *one, const uint16_t *other, uint16_t value)
{
	for (uint32_t i = 0; i < NRM_COLUMN_BLOCK; i++)
		hit[i] &= (uint8_t)((one[i] == value) | (other[i] == value));
}

static void keep_marks(uint8_t *hit, const uint8_t *marks, uint8_t of, uint8_t value)
{
	for (uint32_t i = 0; i < NRM_COLUMN_BLOCK; i++)
		hit[i] &= (uint8_t)((marks[i] & of) == value);
}

static void keep_decided(uint8_t *hit, const uint8_t *reason)
{
	for (uint32_t i = 0; i < NRM_COLUMN_BLOCK; i++)
		hit[i] &= (uint8_t)(reason[i] != 0);
}

/* Which leaves of the block that begins at `at` of a chunk pass; time and place excepted. */
static void match(const struct nrm_column_chunk *c, uint32_t at, const struct nrm_column_filter *f,
		  uint8_t hit[static NRM_COLUMN_BLOCK])
{
	memset(hit, 1, NRM_COLUMN_BLOCK);
	if (f->has_participant)
		keep_either(hit, c->sender + at, c->recipient + at, f->participant);
	if (f->has_sender)
		KEEP_EQUAL(hit, c->sender + at, f->sender);
	if (f->has_recipient)
		KEEP_EQUAL(hit, c->recipient + at, f->recipient);
	if (f->has_case)
		KEEP_EQUAL(hit, c->slot + at, f->slot + 1);
	if (f->service)
		KEEP_EQUAL(hit, c->service + at, (uint8_t)f->service);
	if (f->reason)
		KEEP_EQUAL(hit, c->reason + at, (uint8_t)f->reason);
	if (f->kind)
		KEEP_EQUAL(hit, c->kind + at, (uint8_t)f->kind);
	if (f->has_outcome) {
		keep_decided(hit, c->reason + at);
		keep_marks(hit, c->marks + at, NRM_MARK_OUTCOME, (uint8_t)f->outcome);
	}
	if (f->of_marks)
		keep_marks(hit, c->marks + at, f->of_marks, f->marks);
}

/* The first leaf that is of `minute` or later. */
static uint64_t at_minute(const struct nrm_columns *c, uint64_t minute)
{
	uint64_t low = 0, high = c->n;

	while (low < high) {
		const uint64_t middle = low + (high - low) / 2;
		if (c->chunk[middle / NRM_COLUMN_CHUNK]->minute[middle % NRM_COLUMN_CHUNK] < minute)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Part of a block that is asked for, as leaf numbers. */
struct part {
	uint64_t first, end;
};

static struct part asked(const struct nrm_columns *c, const struct nrm_column_filter *f)
{
	const uint64_t from = at_minute(c, f->from_minute);
	const uint64_t until = f->until_minute ? at_minute(c, f->until_minute) : c->n;

	return (struct part){.first = from > f->from ? from : f->from,
			     .end = f->before ? smaller(until, f->before) : until};
}

/* The visitor sees the leaves of a block that passed, the newest first; false: enough. */
static bool visit_hits(const struct nrm_columns *c, const uint8_t *hit, uint64_t block,
		       struct part part, nrm_column_visit visit, void *context, uint64_t *visited)
{
	const uint8_t *first = hit + (part.first - block), *end = hit + (part.end - block);

	while ((end = memrchr(first, 1, (size_t)(end - first)))) {
		const uint64_t i = block + (uint64_t)(end - hit);
		++*visited;
		if (!visit(context, c->chunk[i / NRM_COLUMN_CHUNK], i % NRM_COLUMN_CHUNK, i))
			return false;
	}
	return true;
}

uint64_t nrm_columns_scan(const struct nrm_columns *c, const struct nrm_column_filter *filter,
			  nrm_column_visit visit, void *context)
{
	const struct part all = asked(c, filter);
	uint8_t hit[NRM_COLUMN_BLOCK];
	uint64_t visited = 0;

	for (uint64_t end = all.end; end > all.first;) {
		const uint64_t block = (end - 1) / NRM_COLUMN_BLOCK * NRM_COLUMN_BLOCK;
		const struct part part = {block > all.first ? block : all.first, end};

		match(c->chunk[block / NRM_COLUMN_CHUNK], block % NRM_COLUMN_CHUNK, filter, hit);
		if (!visit_hits(c, hit, block, part, visit, context, &visited))
			break;
		end = part.first;
	}
	return visited;
}

uint64_t nrm_columns_next(const struct nrm_columns *c, uint64_t from, uint32_t slot,
			  enum nrm_event kind)
{
	uint64_t i = from;

	for (; i < c->n; i++) {
		const struct nrm_column_chunk *chunk = c->chunk[i / NRM_COLUMN_CHUNK];
		const uint32_t at = i % NRM_COLUMN_CHUNK;
		if (chunk->slot[at] == slot + 1 && chunk->kind[at] == kind)
			break;
	}
	return i;
}

uint64_t nrm_columns_count(const struct nrm_columns *c, const struct nrm_column_filter *filter)
{
	const struct part all = asked(c, filter);
	uint8_t hit[NRM_COLUMN_BLOCK];
	uint64_t n = 0;

	for (uint64_t end = all.end; end > all.first;) {
		const uint64_t block = (end - 1) / NRM_COLUMN_BLOCK * NRM_COLUMN_BLOCK;
		const uint64_t first = block > all.first ? block : all.first;
		uint32_t of_block = 0;

		match(c->chunk[block / NRM_COLUMN_CHUNK], block % NRM_COLUMN_CHUNK, filter, hit);
		for (uint64_t i = first - block; i < end - block; i++)
			of_block += hit[i];
		n += of_block;
		end = first;
	}
	return n;
}
