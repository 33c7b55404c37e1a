/*
 * Small counts cannot be computed from what is shown: held against a solver that knows nothing of how they were hidden. It goes
 * through all tables that agree with what is shown, and finds for each hidden figure one in which it differs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "agents/auditor/suppress.h"
#include "tests/unit/draw.h"

#define MAX_LINES   5
#define MAX_COLUMNS 6
#define MAX_TABLES  3

static struct nrm_figure figures[MAX_TABLES][MAX_LINES * MAX_COLUMNS];
static struct nrm_suppress_table table[MAX_TABLES];

static struct nrm_figure *at(size_t t, uint32_t line, uint32_t column)
{
	return &table[t].figure[line * (table[t].n_columns + 1) + column];
}

static void set_table(size_t t, uint32_t n_columns)
{
	memset(figures[t], 0, sizeof(figures[t]));
	table[t] = (struct nrm_suppress_table){n_columns, figures[t]};
}

/* --- the solver --- */

/* Unknowns: the figures inside of all tables. Totals follow from them. */
static struct solver {
	size_t n;
	uint32_t n_details;
	uint64_t value[MAX_TABLES][MAX_LINES * MAX_COLUMNS];
	bool differs[MAX_TABLES][MAX_LINES * MAX_COLUMNS];
	uint64_t most, steps;
	uint32_t left; /* hidden figures that were not seen to differ yet */
} s;
#define MAX_STEPS 20000000

static uint64_t *value(size_t t, uint32_t line, uint32_t column)
{
	return &s.value[t][line * (table[t].n_columns + 1) + column];
}

/* Whether a number agrees with what is shown of a figure. */
static bool agrees(const struct nrm_figure *f, uint64_t number)
{
	switch (f->shown) {
	case NRM_SHOWN:
		return number == f->count;
	case NRM_SHOWN_SMALL:
		return number >= 1 && number < NRM_SUPPRESS_BELOW;
	default:
		return number >= 1;
	}
}

static void found(void)
{
	for (size_t t = 0; t < s.n; t++)
		for (uint32_t l = 0; l <= s.n_details; l++)
			for (uint32_t c = 0; c <= table[t].n_columns; c++)
				if (*value(t, l, c) != at(t, l, c)->count &&
				    !s.differs[t][l * (table[t].n_columns + 1) + c]) {
					s.differs[t][l * (table[t].n_columns + 1) + c] = true;
					s.left--;
				}
}

static void solve(size_t t, uint32_t line, uint32_t column);

/* A line is whole: its total must agree, and be that of the other tables. */
static void line_done(size_t t, uint32_t line)
{
	uint64_t total = 0;

	for (uint32_t c = 0; c < table[t].n_columns; c++)
		total += *value(t, line, c);
	*value(t, line, table[t].n_columns) = total;
	if (!agrees(at(t, line, table[t].n_columns), total) ||
	    (t > 0 && total != *value(0, line, table[0].n_columns)))
		return;
	solve(t, line + 1, 0);
}

static void table_done(size_t t)
{
	uint64_t all = 0;

	for (uint32_t c = 0; c < table[t].n_columns; c++) {
		uint64_t total = 0;

		for (uint32_t l = 0; l < s.n_details; l++)
			total += *value(t, l, c);
		*value(t, s.n_details, c) = total;
		all += total;
		if (!agrees(at(t, s.n_details, c), total))
			return;
	}
	*value(t, s.n_details, table[t].n_columns) = all;
	if (!agrees(at(t, s.n_details, table[t].n_columns), all))
		return;
	if (t + 1 < s.n)
		solve(t + 1, 0, 0);
	else
		found();
}

static void solve(size_t t, uint32_t line, uint32_t column)
{
	if (s.left == 0 || s.steps++ > MAX_STEPS)
		return;
	if (line == s.n_details) {
		table_done(t);
		return;
	}
	if (column == table[t].n_columns) {
		line_done(t, line);
		return;
	}
	const struct nrm_figure *f = at(t, line, column);
	const uint64_t low = f->shown == NRM_SHOWN ? f->count : 1;
	const uint64_t high = f->shown == NRM_SHOWN	    ? f->count
			      : f->shown == NRM_SHOWN_SMALL ? NRM_SUPPRESS_BELOW - 1
							    : f->count + s.most;
	for (uint64_t v = low; v <= high; v++) {
		*value(t, line, column) = v;
		solve(t, line, column + 1);
	}
}

/*
 * Whether every hidden figure may be another; `most`: how much more than itself one that is not said to be small is tried
 * with. What would take too long counts as not protected.
 */
static bool protected(size_t n, uint32_t n_details, uint64_t most)
{
	s = (struct solver){.n = n, .n_details = n_details, .most = most};
	for (size_t t = 0; t < n; t++)
		for (uint32_t l = 0; l <= n_details; l++)
			for (uint32_t c = 0; c <= table[t].n_columns; c++)
				s.left += at(t, l, c)->shown != NRM_SHOWN;
	solve(0, 0, 0);
	return s.left == 0;
}

/* --- what is tested --- */

static void check_shown(size_t n, uint32_t n_details)
{
	for (size_t t = 0; t < n; t++)
		for (uint32_t l = 0; l <= n_details; l++)
			for (uint32_t c = 0; c <= table[t].n_columns; c++) {
				const struct nrm_figure *f = at(t, l, c);

				if (f->count == 0)
					assert_int_equal(f->shown, NRM_SHOWN);
				else if (f->count < NRM_SUPPRESS_BELOW)
					assert_int_not_equal(f->shown, NRM_SHOWN);
				else
					assert_int_not_equal(f->shown, NRM_SHOWN_SMALL);
				if (c == table[t].n_columns)
					assert_int_equal(f->shown,
							 at(0, l, table[0].n_columns)->shown);
			}
}

static void put_line(uint32_t line, const uint64_t *count)
{
	for (uint32_t c = 0; c < table[0].n_columns; c++)
		at(0, line, c)->count = count[c];
}

static void nothing_small_hides_nothing(void **state)
{
	(void)state;
	set_table(0, 3);
	put_line(0, (const uint64_t[]){5, 0, 12});
	put_line(1, (const uint64_t[]){7, 9, 0});
	assert_int_equal(nrm_suppress(table, 1, 2), NRM_OK);
	for (uint32_t l = 0; l <= 2; l++)
		for (uint32_t c = 0; c <= 3; c++)
			assert_int_equal(at(0, l, c)->shown, NRM_SHOWN);
	assert_int_equal(at(0, 2, 3)->count, 33);
	assert_int_equal(at(0, 1, 3)->count, 16);
	assert_int_equal(at(0, 2, 0)->count, 12);
}

/* One small figure: a rectangle of four is hidden, the smallest ones. */
static void a_small_one_hides_three_more(void **state)
{
	(void)state;
	set_table(0, 3);
	put_line(0, (const uint64_t[]){3, 20, 30});
	put_line(1, (const uint64_t[]){40, 50, 60});
	put_line(2, (const uint64_t[]){70, 80, 90});
	assert_int_equal(nrm_suppress(table, 1, 3), NRM_OK);
	check_shown(1, 3);
	assert_int_equal(at(0, 0, 0)->shown, NRM_SHOWN_SMALL);
	assert_int_equal(at(0, 0, 1)->shown, NRM_SHOWN_NOTHING);
	assert_int_equal(at(0, 1, 0)->shown, NRM_SHOWN_NOTHING);
	assert_int_equal(at(0, 1, 1)->shown, NRM_SHOWN_NOTHING);
	assert_int_equal(at(0, 0, 2)->shown, NRM_SHOWN);
	assert_int_equal(at(0, 0, 3)->shown, NRM_SHOWN);
	assert_int_equal(at(0, 3, 3)->shown, NRM_SHOWN);
	assert_true(protected(1, 3, 8));
}

/* Two of one each, whose sum is shown: that they are small would give them away. */
static void bounds_alone_tell_nothing(void **state)
{
	(void)state;
	set_table(0, 3);
	put_line(0, (const uint64_t[]){1, 1, 20});
	put_line(1, (const uint64_t[]){1, 1, 30});
	assert_int_equal(nrm_suppress(table, 1, 2), NRM_OK);
	check_shown(1, 2);
	assert_true(protected(1, 2, 8));
}

/* What is small alone in everything hides all totals with it. */
static void one_alone(void **state)
{
	(void)state;
	set_table(0, 2);
	at(0, 0, 1)->count = 2;
	assert_int_equal(nrm_suppress(table, 1, 1), NRM_OK);
	check_shown(1, 1);
	assert_int_equal(at(0, 1, 2)->shown, NRM_SHOWN_SMALL);
	assert_true(protected(1, 1, 8));
}

static void none_at_all(void **state)
{
	(void)state;
	set_table(0, 2);
	assert_int_equal(nrm_suppress(table, 1, 2), NRM_OK);
	check_shown(1, 2);
	assert_int_equal(nrm_suppress(table, 1, 0), NRM_OK);
	assert_int_equal(nrm_suppress(table, 0, 1), NRM_ERR_ARGUMENT);
}

/* The solver finds what is not protected: the same table with only the small figure hidden. */
static void the_solver_sees(void **state)
{
	(void)state;
	set_table(0, 3);
	put_line(0, (const uint64_t[]){3, 20, 30});
	put_line(1, (const uint64_t[]){40, 50, 60});
	assert_int_equal(nrm_suppress(table, 1, 2), NRM_OK);
	assert_true(protected(1, 2, 8));
	for (uint32_t l = 0; l <= 2; l++)
		for (uint32_t c = 0; c <= 3; c++)
			if (l != 0 || c != 0)
				at(0, l, c)->shown = NRM_SHOWN;
	assert_false(protected(1, 2, 8));
	at(0, 0, 1)->shown = NRM_SHOWN_NOTHING;
	assert_false(protected(1, 2, 8));
}

static void other_totals_are_refused(void **state)
{
	(void)state;
	set_table(0, 2);
	set_table(1, 2);
	at(0, 0, 0)->count = 7;
	at(1, 0, 1)->count = 8;
	assert_int_equal(nrm_suppress(table, 2, 1), NRM_ERR_ARGUMENT);
	at(1, 0, 1)->count = 7;
	assert_int_equal(nrm_suppress(table, 2, 1), NRM_OK);
}

/* Small more often than not, and often nothing. */
static uint64_t some(void)
{
	const uint32_t which = below(10);

	return which < 3 ? 0 : which < 8 ? 1 + below(4) : 5 + below(6);
}

static void random_tables(void **state)
{
	(void)state;
	draw_seed = 1;
	for (int round = 0; round < 3000; round++) {
		const uint32_t n_details = 1 + below(3);

		set_table(0, 1 + below(3));
		for (uint32_t l = 0; l < n_details; l++)
			for (uint32_t c = 0; c < table[0].n_columns; c++)
				at(0, l, c)->count = some();
		assert_int_equal(nrm_suppress(table, 1, n_details), NRM_OK);
		check_shown(1, n_details);
		if (!protected(1, n_details, 2))
			fail_msg("round %d", round);
	}
}

/* The same happenings by month, by agency and by service. */
static void random_tables_together(void **state)
{
	(void)state;
	draw_seed = 2;
	for (int round = 0; round < 1500; round++) {
		const uint32_t n_details = 1 + below(2);
		const size_t n = 2 + below(2);

		for (size_t t = 0; t < n; t++)
			set_table(t, 1 + below(3));
		for (uint32_t l = 0; l < n_details; l++)
			for (uint64_t i = below(4) ? below(14) : 0; i > 0; i--)
				for (size_t t = 0; t < n; t++)
					at(t, l, below(table[t].n_columns))->count++;
		assert_int_equal(nrm_suppress(table, n, n_details), NRM_OK);
		check_shown(n, n_details);
		if (!protected(n, n_details, 1))
			fail_msg("round %d", round);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_small_hides_nothing),
		cmocka_unit_test(a_small_one_hides_three_more),
		cmocka_unit_test(bounds_alone_tell_nothing),
		cmocka_unit_test(one_alone),
		cmocka_unit_test(none_at_all),
		cmocka_unit_test(the_solver_sees),
		cmocka_unit_test(other_totals_are_refused),
		cmocka_unit_test(random_tables),
		cmocka_unit_test(random_tables_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
