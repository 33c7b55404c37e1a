/* Columns against the same leaves in a plain list; participants by number. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agents/page/columns.h"
#include "tests/unit/draw.h"

#define LEAVES	(2 * NRM_COLUMN_CHUNK + 777u)
#define PARTIES 7u

struct plain {
	uint32_t minute, slot;
	uint16_t sender, recipient;
	uint8_t service, outcome, reason, kind, marks;
};

struct world {
	struct nrm_columns columns;
	struct plain *leaf;
};

static void name_of(uint32_t party, char name[static 16])
{
	snprintf(name, 16, party ? "XA.p-%u" : "", party);
}

static int make(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	draw_seed = 7;
	w->leaf = calloc(LEAVES, sizeof(*w->leaf));
	for (uint32_t i = 0; i < LEAVES; i++) {
		char sender[16], recipient[16];
		struct plain *p = &w->leaf[i];

		*p = (struct plain){.minute = 1000 + i / 50,
				    .sender = (uint16_t)below(PARTIES),
				    .recipient = (uint16_t)below(PARTIES),
				    .service = (uint8_t)below(4),
				    .outcome = (uint8_t)below(3),
				    .reason = (uint8_t)below(3),
				    .kind = (uint8_t)below(5)};
		name_of(p->sender, sender);
		name_of(p->recipient, recipient);
		const struct nrm_column_row row = {.minute = p->minute,
						   .sender = nrm_slice_str(sender),
						   .recipient = nrm_slice_str(recipient),
						   .service = p->service,
						   .outcome = p->outcome,
						   .reason = p->reason,
						   .kind = p->kind};
		assert_int_equal(nrm_columns_add(&w->columns, &row), NRM_OK);
		if (below(3)) {
			p->slot = below(9) + 1;
			p->marks = (uint8_t)(below(64) << 2);
			nrm_columns_tell(&w->columns, i, p->slot - 1, p->marks | 3);
		}
	}
	*state = w;
	return 0;
}

static int drop(void **state)
{
	struct world *w = *state;

	nrm_columns_done(&w->columns);
	free(w->leaf);
	free(w);
	return 0;
}

static uint16_t number(const struct world *w, uint32_t party)
{
	char name[16];

	name_of(party, name);
	return party ? nrm_parties_find(&w->columns.parties, nrm_slice_str(name)) : 0;
}

static bool same_party(const struct world *w, uint32_t plain, uint16_t asked)
{
	return number(w, plain) == asked;
}

static bool passes(const struct world *w, uint64_t i, const struct nrm_column_filter *f)
{
	const struct plain *p = &w->leaf[i];

	return p->minute >= f->from_minute && (!f->until_minute || p->minute < f->until_minute) &&
	       i >= f->from && (!f->before || i < f->before) &&
	       (!f->has_participant || same_party(w, p->sender, f->participant) ||
		same_party(w, p->recipient, f->participant)) &&
	       (!f->has_sender || same_party(w, p->sender, f->sender)) &&
	       (!f->has_recipient || same_party(w, p->recipient, f->recipient)) &&
	       (!f->has_case || p->slot == f->slot + 1) &&
	       (!f->service || p->service == f->service) &&
	       (!f->reason || p->reason == f->reason) && (!f->kind || p->kind == f->kind) &&
	       (!f->has_outcome || (p->reason && p->outcome == f->outcome)) &&
	       ((p->marks & f->of_marks) == f->marks);
}

/* Any combination of what can be asked. */
static struct nrm_column_filter draw_filter(const struct world *w)
{
	struct nrm_column_filter f = {
		.has_participant = below(4) == 0,
		.has_sender = below(4) == 0,
		.has_recipient = below(4) == 0,
		.has_outcome = below(4) == 0,
		.has_case = below(4) == 0,
		.participant = number(w, below(PARTIES)),
		.sender = number(w, below(PARTIES)),
		.recipient = number(w, below(PARTIES)),
		.outcome = below(3),
		.slot = below(9),
		.service = below(3) ? 0 : below(4),
		.reason = below(3) ? 0 : below(3),
		.kind = below(3) ? 0 : below(5),
		.of_marks = below(3) ? 0 : (uint8_t)(below(64) << 2),
	};

	if (below(2))
		f.from_minute = below(5000);
	if (below(2))
		f.until_minute = below(5000);
	if (below(2))
		f.before = below(LEAVES + 10);
	if (below(4) == 0)
		f.from = below(LEAVES + 10);
	f.marks = (uint8_t)(below(64) << 2) & f.of_marks;
	return f;
}

struct walk {
	const struct world *w;
	const struct nrm_column_filter *filter;
	uint64_t next; /* nothing at or above it may come */
	uint64_t n, stop_after;
};

static bool visit(void *context, const struct nrm_column_chunk *chunk, uint32_t at, uint64_t index)
{
	struct walk *walk = context;

	assert_true(index < walk->next);
	while (--walk->next > index)
		assert_false(passes(walk->w, walk->next, walk->filter));
	assert_true(passes(walk->w, index, walk->filter));
	assert_int_equal(chunk->minute[at], walk->w->leaf[index].minute);
	return ++walk->n < walk->stop_after;
}

static void test_any_filter(void **state)
{
	struct world *w = *state;

	for (int round = 0; round < 60; round++) {
		const struct nrm_column_filter f = draw_filter(w);
		struct walk all = {w, &f, LEAVES, 0, UINT64_MAX};
		const uint64_t n = nrm_columns_scan(&w->columns, &f, visit, &all);

		while (all.next > 0)
			assert_false(passes(w, --all.next, &f));
		assert_int_equal(n, all.n);
		assert_int_equal(nrm_columns_count(&w->columns, &f), n);
		struct walk some = {w, &f, LEAVES, 0, 3};
		assert_int_equal(nrm_columns_scan(&w->columns, &f, visit, &some), n < 3 ? n : 3);
	}
}

static void test_next(void **state)
{
	struct world *w = *state;

	for (int round = 0; round < 50; round++) {
		const uint64_t from = below(LEAVES);
		const uint32_t slot = below(10);
		const uint32_t kind = below(4) + 1;
		const uint64_t found = nrm_columns_next(&w->columns, from, slot, kind);
		uint64_t i = from;

		while (i < LEAVES && (w->leaf[i].slot != slot + 1 || w->leaf[i].kind != kind))
			i++;
		assert_int_equal(found, i);
	}
}

static void test_forget(void **state)
{
	struct world *w = *state;
	const struct nrm_column_filter of = {.has_case = true, .slot = 3};
	const struct nrm_column_filter other = {.has_case = true, .slot = 4};
	const uint64_t others = nrm_columns_count(&w->columns, &other);

	assert_true(nrm_columns_count(&w->columns, &of) > 0);
	nrm_columns_forget(&w->columns, 3);
	assert_int_equal(nrm_columns_count(&w->columns, &of), 0);
	assert_int_equal(nrm_columns_count(&w->columns, &other), others);
	for (uint32_t i = 0; i < LEAVES; i++) {
		if (w->leaf[i].slot != 4)
			continue;
		assert_int_equal(nrm_columns_slot(&w->columns, i), -1);
		assert_int_equal(nrm_columns_marks(&w->columns, i), w->leaf[i].outcome);
	}
}

/* Leaves are found by time through halving, whatever a damaged one says. */
static void test_time_goes_on(void **state)
{
	struct nrm_columns c = {.n = 0};
	static const uint64_t minutes[] = {5, 7, 3, UINT64_MAX, 9};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(
			nrm_columns_add(&c, &(struct nrm_column_row){.minute = minutes[i]}),
			NRM_OK);
	assert_int_equal(nrm_columns_count(&c, &(struct nrm_column_filter){.from_minute = 7}), 4);
	assert_int_equal(nrm_columns_count(&c, &(struct nrm_column_filter){.until_minute = 8}), 3);
	nrm_columns_done(&c);
}

static void test_empty(void **state)
{
	struct nrm_columns c = {.n = 0};

	(void)state;
	assert_int_equal(nrm_columns_count(&c, &(struct nrm_column_filter){.from_minute = 0}), 0);
	assert_int_equal(nrm_columns_next(&c, 0, 0, NRM_EVENT_REFERRAL), 0);
	assert_int_equal(nrm_parties_find(&c.parties, nrm_slice_str("XA.p")), NRM_PARTY_OTHERS);
	nrm_columns_done(&c);
}

/* More participants than there are numbers: the rest share one. */
static void test_many_parties(void **state)
{
	struct nrm_parties parties = {.n = 0};
	uint16_t given;
	char id[24];

	(void)state;
	for (uint32_t i = 1; i < 70000; i++) {
		snprintf(id, sizeof(id), "XA.p-%u", i);
		assert_int_equal(nrm_parties_number(&parties, nrm_slice_str(id), &given), NRM_OK);
		assert_int_equal(given, i < NRM_PARTY_OTHERS ? i : NRM_PARTY_OTHERS);
	}
	assert_int_equal(nrm_parties_find(&parties, nrm_slice_str("XA.p-65534")), 65534);
	assert_string_equal(nrm_parties_id(&parties, 65534), "XA.p-65534");
	assert_int_equal(nrm_parties_find(&parties, nrm_slice_str("XA.p-65535")), NRM_PARTY_OTHERS);
	assert_string_equal(nrm_parties_id(&parties, NRM_PARTY_OTHERS), "");
	assert_string_equal(nrm_parties_id(&parties, NRM_PARTY_NOBODY), "");
	nrm_parties_done(&parties);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_any_filter, make, drop),
		cmocka_unit_test_setup_teardown(test_next, make, drop),
		cmocka_unit_test_setup_teardown(test_forget, make, drop),
		cmocka_unit_test(test_time_goes_on),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_many_parties),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
