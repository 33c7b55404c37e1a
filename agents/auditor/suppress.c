/*
 * Each table is a network: a node for every line, that of the totals too, and one for every column; a figure is an edge between
 * them. What is shown is fixed; what is not may be one more or one less where that agrees with what is said of it. A circle of such
 * steps, up and down in turn, leaves all sums as they are (steps of totals go the other way, but in the corner): it leads to
 * another table with the same figures shown. So a figure is safe if a circle leads through it, and in one table only if.
 *
 * The tables share the column of their lines' totals. A circle in one may go through that column once, from line to line, if every
 * other table has a path that closes the same circle: then all of them change alike.
 *
 * Where nothing is shown but zeros every figure is safe, for all may be one more: so hiding one after the other comes to an end.
 */
#include "agents/auditor/suppress.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MAX_TABLES 8
#define WORDS	   (NRM_SUPPRESS_MAX_DETAILS / 64 + 1) /* of a set of lines */

struct lines {
	uint64_t word[WORDS];
};

struct work {
	struct nrm_suppress_table *table;
	size_t n;
	uint32_t n_lines; /* with that of the totals */
	/* by table and column: lines from which a step leads into the column, and into which one leads from it */
	struct lines *up[MAX_TABLES], *down[MAX_TABLES];
	struct lines *path
		[MAX_TABLES]; /* by table and line: lines that can be reached without the column of totals */
	bool loose;	      /* as if every figure not shown could be anything */
};

static bool has(const struct lines *lines, uint32_t line)
{
	return lines->word[line / 64] >> (line % 64) & 1;
}

static void put(struct lines *lines, uint32_t line)
{
	lines->word[line / 64] |= 1ull << (line % 64);
}

static void drop(struct lines *lines, uint32_t line)
{
	lines->word[line / 64] &= ~(1ull << (line % 64));
}

static bool meet(const struct lines *a, const struct lines *b)
{
	uint64_t common = 0;

	for (size_t i = 0; i < WORDS; i++)
		common |= a->word[i] & b->word[i];
	return common != 0;
}

/* Whether `more` had any that `lines` had not. */
static bool join(struct lines *lines, const struct lines *more)
{
	uint64_t fresh = 0;

	for (size_t i = 0; i < WORDS; i++) {
		fresh |= more->word[i] & ~lines->word[i];
		lines->word[i] |= more->word[i];
	}
	return fresh != 0;
}

static struct nrm_figure *figure(const struct nrm_suppress_table *t, uint32_t line, uint32_t column)
{
	return &t->figure[(size_t)line * (t->n_columns + 1) + column];
}

/* Whether a step from line to column (up), or from column to line, agrees with what is said of the figure. */
static bool may_step(const struct work *w, const struct nrm_suppress_table *t, uint32_t line,
		     uint32_t column, bool up)
{
	const struct nrm_figure *f = figure(t, line, column);
	const bool more = up != ((line == w->n_lines - 1) != (column == t->n_columns));

	if (f->shown == NRM_SHOWN || w->loose)
		return f->shown != NRM_SHOWN;
	if (more)
		return f->shown == NRM_SHOWN_NOTHING || f->count + 1 < NRM_SUPPRESS_BELOW;
	return f->count > 1;
}

/* --- ways through a table --- */

/* All lines that can be reached from `lines`, but not by the edge of one line and column. */
static void spread(const struct work *w, size_t table, struct lines *lines, uint32_t but_line,
		   uint32_t but_column)
{
	bool more = true;

	while (more) {
		more = false;
		for (uint32_t c = 0; c < w->table[table].n_columns; c++) {
			struct lines from = w->up[table][c], to = w->down[table][c];

			if (c == but_column) {
				drop(&from, but_line);
				drop(&to, but_line);
			}
			if (meet(lines, &from))
				more |= join(lines, &to);
		}
	}
}

static void look_at_column(struct work *w, size_t table, uint32_t column)
{
	struct lines up = {{0}}, down = {{0}};

	for (uint32_t line = 0; line < w->n_lines; line++) {
		if (may_step(w, &w->table[table], line, column, true))
			put(&up, line);
		if (may_step(w, &w->table[table], line, column, false))
			put(&down, line);
	}
	w->up[table][column] = up;
	w->down[table][column] = down;
}

static void look_at_paths(struct work *w, size_t table)
{
	for (uint32_t line = 0; line < w->n_lines; line++) {
		struct lines reached = {{0}};

		put(&reached, line);
		spread(w, table, &reached, UINT32_MAX, UINT32_MAX);
		w->path[table][line] = reached;
	}
}

static void look_at_all(struct work *w)
{
	for (size_t t = 0; t < w->n; t++) {
		for (uint32_t c = 0; c < w->table[t].n_columns; c++)
			look_at_column(w, t, c);
		look_at_paths(w, t);
	}
}

/* Whether a circle may go from line `a` through the totals to `b`, as far as tables other than `mine` are concerned. */
static bool through_totals(const struct work *w, size_t mine, uint32_t a, uint32_t b)
{
	const uint32_t totals = w->table[0].n_columns;

	if (a == b || !may_step(w, &w->table[0], a, totals, true) ||
	    !may_step(w, &w->table[0], b, totals, false))
		return false;
	for (size_t t = 0; t < w->n; t++)
		if (t != mine && !has(&w->path[t][b], a))
			return false;
	return true;
}

/* Lines that can be reached from `lines` through the totals. */
static struct lines across(const struct work *w, size_t table, const struct lines *lines)
{
	struct lines to = {{0}};

	for (uint32_t a = 0; a < w->n_lines; a++)
		for (uint32_t b = 0; has(lines, a) && b < w->n_lines; b++)
			if (through_totals(w, table, a, b))
				put(&to, b);
	return to;
}

/* --- whether a figure is safe --- */

/* One of the shared column. */
static bool total_is_safe(const struct work *w, uint32_t line)
{
	for (uint32_t other = 0; other < w->n_lines; other++)
		if (through_totals(w, w->n, line, other) || through_totals(w, w->n, other, line))
			return true;
	return false;
}

/* A circle through the figure that steps into its column and comes back to its line by another way; or the other way round. */
static bool circle(const struct work *w, size_t table, uint32_t line, uint32_t column, bool up)
{
	struct lines reached = {{0}}, goal = {{0}};

	if (!may_step(w, &w->table[table], line, column, up))
		return false;
	if (up) {
		reached = w->down[table][column];
		drop(&reached, line);
		put(&goal, line);
	} else {
		put(&reached, line);
		goal = w->up[table][column];
		drop(&goal, line);
	}
	spread(w, table, &reached, line, column);
	if (meet(&reached, &goal))
		return true;
	reached = across(w, table, &reached);
	spread(w, table, &reached, line, column);
	return meet(&reached, &goal);
}

static bool is_safe(const struct work *w, size_t table, uint32_t line, uint32_t column)
{
	if (figure(&w->table[table], line, column)->shown == NRM_SHOWN)
		return true;
	if (column == w->table[table].n_columns)
		return total_is_safe(w, line);
	return circle(w, table, line, column, true) || circle(w, table, line, column, false);
}

/* --- hiding more --- */

static void hide(struct work *w, size_t table, uint32_t line, uint32_t column)
{
	if (column < w->table[table].n_columns) {
		figure(&w->table[table], line, column)->shown = NRM_SHOWN_NOTHING;
		look_at_column(w, table, column);
		look_at_paths(w, table);
		return;
	}
	for (size_t t = 0; t < w->n; t++)
		figure(&w->table[t], line, w->table[t].n_columns)->shown = NRM_SHOWN_NOTHING;
}

struct candidate {
	size_t table;
	uint32_t line, column;
	const struct nrm_figure *figure; /* NULL: none */
};

/* Keeps the smallest that is still shown as `shown`; zeros are shown for good. */
static void consider(const struct work *w, struct candidate *best, size_t table, uint32_t line,
		     uint32_t column, enum nrm_shown shown)
{
	const struct nrm_figure *f = figure(&w->table[table], line, column);

	if (f->shown == shown && f->count != 0 && (!best->figure || f->count < best->figure->count))
		*best = (struct candidate){table, line, column, f};
}

static bool line_has_another(const struct work *w, size_t table, uint32_t line, uint32_t column)
{
	for (uint32_t c = 0; c <= w->table[table].n_columns; c++)
		if (c != column && figure(&w->table[table], line, c)->shown != NRM_SHOWN)
			return true;
	return false;
}

static bool column_has_another(const struct work *w, size_t table, uint32_t line, uint32_t column)
{
	for (uint32_t l = 0; l < w->n_lines; l++)
		if (l != line && figure(&w->table[table], l, column)->shown != NRM_SHOWN)
			return true;
	return false;
}

/* The smallest in the figure's line and column; with `lacking` only where no other is hidden yet. Of a total's line in all tables. */
static struct candidate choose(const struct work *w, size_t table, uint32_t line, uint32_t column,
			       enum nrm_shown shown, bool lacking)
{
	const bool is_total = column == w->table[table].n_columns;
	struct candidate best = {0};

	for (size_t t = is_total ? 0 : table; t < (is_total ? w->n : table + 1); t++) {
		const uint32_t own = is_total ? w->table[t].n_columns : column;

		for (uint32_t c = 0; c <= w->table[t].n_columns; c++)
			if (!lacking || !line_has_another(w, t, line, own))
				consider(w, &best, t, line, c, shown);
	}
	for (uint32_t l = 0; l < w->n_lines; l++)
		if (!lacking || !column_has_another(w, table, line, column))
			consider(w, &best, table, l, column, shown);
	return best;
}

/* The smallest of all. */
static struct candidate choose_any(const struct work *w, enum nrm_shown shown)
{
	struct candidate best = {0};

	for (size_t t = 0; t < w->n; t++)
		for (uint32_t l = 0; l < w->n_lines; l++)
			for (uint32_t c = 0; c <= w->table[t].n_columns; c++)
				consider(w, &best, t, l, c, shown);
	return best;
}

/* Whether only the bounds of small figures are in the way. */
static bool is_bound(struct work *w, size_t table, uint32_t line, uint32_t column)
{
	bool safe;

	w->loose = true;
	look_at_all(w);
	safe = is_safe(w, table, line, column);
	w->loose = false;
	look_at_all(w);
	return safe;
}

/*
 * Hides one more figure for the sake of one that is not safe. First only where its line or column has no other hidden one, for what
 * is hidden there asks for its own; not at all when there is no such place.
 */
static bool hide_for(struct work *w, size_t table, uint32_t line, uint32_t column, bool lacking)
{
	struct candidate c = choose(w, table, line, column, NRM_SHOWN, true);

	if (!c.figure && !lacking) {
		if (is_bound(w, table, line, column))
			c = choose(w, table, line, column, NRM_SHOWN_SMALL, false);
		if (!c.figure)
			c = choose(w, table, line, column, NRM_SHOWN, false);
		if (!c.figure)
			c = choose_any(w, NRM_SHOWN);
		if (!c.figure)
			c = choose_any(w, NRM_SHOWN_SMALL);
	}
	if (c.figure)
		hide(w, c.table, c.line, c.column);
	return c.figure != NULL;
}

/* Goes through all figures once. With `lacking` false it stops at the first that it hid another for. */
static void go_through(struct work *w, bool lacking, bool *ret_safe, bool *ret_changed)
{
	*ret_safe = true;
	*ret_changed = false;
	for (size_t t = 0; t < w->n; t++)
		for (uint32_t l = 0; l < w->n_lines; l++)
			for (uint32_t c = 0; c <= w->table[t].n_columns; c++) {
				if (is_safe(w, t, l, c))
					continue;
				*ret_safe = false;
				*ret_changed |= hide_for(w, t, l, c, lacking);
				if (*ret_changed && !lacking)
					return;
			}
}

/* Hides what has to be, until all is safe. */
static bool protect(struct work *w)
{
	bool safe = false, changed = true;

	look_at_all(w);
	while (!safe && changed) {
		go_through(w, true, &safe, &changed);
		if (!safe && !changed)
			go_through(w, false, &safe, &changed);
	}
	return safe;
}

/* --- totals --- */

static void add_up(struct nrm_suppress_table *t, uint32_t n_details)
{
	for (uint32_t c = 0; c <= t->n_columns; c++)
		*figure(t, n_details, c) = (struct nrm_figure){0};
	for (uint32_t l = 0; l < n_details; l++) {
		struct nrm_figure *total = figure(t, l, t->n_columns);

		total->count = 0;
		for (uint32_t c = 0; c < t->n_columns; c++) {
			total->count += figure(t, l, c)->count;
			figure(t, n_details, c)->count += figure(t, l, c)->count;
		}
		figure(t, n_details, t->n_columns)->count += total->count;
	}
	for (uint32_t l = 0; l <= n_details; l++)
		for (uint32_t c = 0; c <= t->n_columns; c++) {
			struct nrm_figure *f = figure(t, l, c);

			f->shown = f->count != 0 && f->count < NRM_SUPPRESS_BELOW ? NRM_SHOWN_SMALL
										  : NRM_SHOWN;
		}
}

static bool same_totals(const struct work *w)
{
	for (size_t t = 1; t < w->n; t++)
		for (uint32_t l = 0; l < w->n_lines; l++)
			if (figure(&w->table[t], l, w->table[t].n_columns)->count !=
			    figure(&w->table[0], l, w->table[0].n_columns)->count)
				return false;
	return true;
}

enum nrm_err nrm_suppress(struct nrm_suppress_table *table, size_t n, uint32_t n_details)
{
	struct work w = {.table = table, .n = n, .n_lines = n_details + 1};
	enum nrm_err err = NRM_OK;

	if (n == 0 || n > MAX_TABLES || n_details > NRM_SUPPRESS_MAX_DETAILS)
		return NRM_ERR_ARGUMENT;
	for (size_t t = 0; t < n; t++) {
		add_up(&table[t], n_details);
		w.up[t] = calloc((size_t)table[t].n_columns * 2 + w.n_lines, sizeof(struct lines));
		w.down[t] = w.up[t] ? w.up[t] + table[t].n_columns : NULL;
		w.path[t] = w.up[t] ? w.down[t] + table[t].n_columns : NULL;
		if (!w.up[t])
			err = NRM_ERR_NOMEM;
	}
	if (err == NRM_OK && !same_totals(&w))
		err = NRM_ERR_ARGUMENT;
	if (err == NRM_OK && !protect(&w))
		err = NRM_ERR_ARGUMENT; /* it cannot come to this: nothing is shown then */
	for (size_t t = 0; t < n; t++)
		free(w.up[t]);
	return err;
}
