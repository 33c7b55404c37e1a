/*
 * Differences for people. One line tells the fields of one service that reach one or more roles in
 * the same way:
 *
 *     newly let through: shelter x emergency_shelter, transit_shelter: finances (from: every role)
 */
#include "agents/cli/policy_diff.h"

#include <stdio.h>
#include <string.h>

#define SHORT_LINES 60u /* without --all */

static const char *const kind_words[NRM_SPACE_KINDS] = {
	[NRM_SPACE_REFERRAL] = "referral",	   [NRM_SPACE_UPDATE] = "update",
	[NRM_SPACE_RESPONSE] = "response",	   [NRM_SPACE_NOTICE] = "notice",
	[NRM_SPACE_COMPLAINT] = "complaint",	   [NRM_SPACE_NOTIFICATION] = "notification",
	[NRM_SPACE_PLAIN_ANSWER] = "plain answer",
};

static const char *const ground_words[NRM_SPACE_EMERGENCY] = {
	[NRM_SPACE_NO_GROUND] = "none",
	[NRM_SPACE_CONSENT_TO_ANYTHING] = "consent",
	[NRM_SPACE_CONSENT_BY_NAME] = "consent by name",
	[NRM_SPACE_CHILD_PROTECTION] = "child protection",
	[NRM_SPACE_LEGAL_DUTY] = "legal duty",
};

const char *nrm_diff_kind(uint32_t bit)
{
	return bit < NRM_SPACE_KINDS ? kind_words[bit] : "";
}

const char *nrm_diff_ground(uint32_t bit)
{
	return bit < NRM_SPACE_EMERGENCY
		       ? ground_words[bit]
		       : nrm_code_name(NRM_VOCABULARY_EMERGENCY, bit - NRM_SPACE_EMERGENCY + 1);
}

/*
 * What is told in one line: fields that reach a role for a service, all when and from whom alike.
 */
struct group {
	nrm_mask fields;
	struct nrm_change change;
};

static bool alike(const struct nrm_change *a, const struct nrm_change *b, bool all)
{
	return a->senders == b->senders &&
	       (!all || (a->kinds == b->kinds && a->grounds == b->grounds && a->ages == b->ages &&
			 a->offering == b->offering));
}

/*
 * Fields of one role and service, in groups. That the message itself goes on is told only where no
 * field is.
 */
static uint32_t group_fields(const struct nrm_change change[NRM_FIELD_END_], bool all,
			     struct group group[NRM_FIELD_END_])
{
	uint32_t n = 0, g;

	for (uint32_t f = 1; f <= NRM_FIELD_END_; f++) {
		const uint32_t field = f % NRM_FIELD_END_; /* the message last */
		if (change[field].senders == 0 || (field == NRM_THE_MESSAGE && n > 0))
			continue;
		for (g = 0; g < n && !alike(&group[g].change, &change[field], all); g++)
			;
		if (g == n)
			group[n++] = (struct group){.change = change[field]};
		group[g].fields |= nrm_bit(field);
		group[g].change.kinds |= change[field].kinds;
		group[g].change.grounds |= change[field].grounds;
	}
	return n;
}

static void print_each(enum nrm_vocabulary kind, nrm_mask mask)
{
	const char *separator = "";

	for (uint32_t code = 1; code <= nrm_code_count(kind); code++)
		if (nrm_has(mask, code)) {
			printf("%s%s", separator, nrm_code_name(kind, code));
			separator = ", ";
		}
	if (!*separator)
		fputs("none", stdout);
}

/* Of roles, where they are most of all, those that are missing. */
static void print_names(enum nrm_vocabulary kind, nrm_mask mask)
{
	const nrm_mask missing = ~mask & (nrm_bit(NRM_ROLE_END_) - 2);

	if (kind != NRM_VOCABULARY_ROLE || 2 * __builtin_popcountll(missing) >= NRM_ROLE_END_ - 1) {
		print_each(kind, mask);
		return;
	}
	fputs(missing ? "every role but " : "every role", stdout);
	if (missing)
		print_each(kind, missing);
}

static void print_bits(const char *title, uint32_t bits, const char *(*word)(uint32_t))
{
	const char *separator = title;

	for (uint32_t bit = 0; bit < 32; bit++)
		if (bits >> bit & 1) {
			printf("%s%s", separator, word(bit));
			separator = ", ";
		}
}

static void print_group(const char *title, nrm_mask roles, nrm_mask services, const struct group *g,
			bool all)
{
	static const char *const ages[] = {"", "; adults only", "; children only", ""};
	static const char *const offering[] = {"", "; only where it does not offer the service",
					       "; only where it offers the service", ""};

	printf("%s: ", title);
	print_names(NRM_VOCABULARY_ROLE, roles);
	fputs(" x ", stdout);
	print_names(NRM_VOCABULARY_SERVICE, services);
	fputs(": ", stdout);
	if (g->fields == nrm_bit(NRM_THE_MESSAGE))
		fputs("the message itself, without a field", stdout);
	else
		print_names(NRM_VOCABULARY_FIELD, g->fields);
	fputs(" (from: ", stdout);
	print_names(NRM_VOCABULARY_ROLE, g->change.senders);
	if (all) {
		print_bits("; by: ", g->change.kinds, nrm_diff_kind);
		print_bits("; ground: ", g->change.grounds, nrm_diff_ground);
		fputs(ages[g->change.ages & 3], stdout);
		fputs(offering[g->change.offering & 3], stdout);
	}
	puts(")");
}

static bool same_groups(const struct group *a, uint32_t n_a, const struct group *b, uint32_t n_b,
			bool all)
{
	if (n_a != n_b)
		return false;
	for (uint32_t i = 0; i < n_a; i++)
		if (a[i].fields != b[i].fields || !alike(&a[i].change, &b[i].change, all))
			return false;
	return true;
}

/* Services of a role that fare as `service` does, itself included. */
static nrm_mask services_like(const nrm_changes *changes, uint32_t role, uint32_t service,
			      const struct group *groups, uint32_t n, bool all)
{
	struct group other[NRM_FIELD_END_];
	nrm_mask services = nrm_bit(service);

	for (uint32_t s = service + 1; s < NRM_SERVICE_END_; s++)
		if (same_groups(groups, n, other, group_fields((*changes)[role][s], all, other),
				all))
			services |= nrm_bit(s);
	return services;
}

/* Roles that fare as `role` does for exactly these services. */
static nrm_mask roles_like(const nrm_changes *changes, uint32_t role, uint32_t service,
			   nrm_mask services, const struct group *groups, uint32_t n, bool all)
{
	struct group other[NRM_FIELD_END_];
	nrm_mask roles = nrm_bit(role);

	for (uint32_t r = role + 1; r < NRM_ROLE_END_; r++) {
		const uint32_t m = group_fields((*changes)[r][service], all, other);
		if (same_groups(groups, n, other, m, all) &&
		    services_like(changes, r, service, other, m, all) == services)
			roles |= nrm_bit(r);
	}
	return roles;
}

/* Prints lines until `*left` is used up, and returns how many there would have been. */
static uint32_t print_changes(const char *title, const nrm_changes *changes, bool all,
			      uint32_t *left)
{
	nrm_mask told[NRM_ROLE_END_] = {0}; /* services, by role */
	struct group groups[NRM_FIELD_END_];
	uint32_t lines = 0;

	for (uint32_t r = 1; r < NRM_ROLE_END_; r++)
		for (uint32_t s = 1; s < NRM_SERVICE_END_; s++) {
			const uint32_t n = group_fields((*changes)[r][s], all, groups);
			if (n == 0 || nrm_has(told[r], s))
				continue;
			const nrm_mask services = services_like(changes, r, s, groups, n, all) &
						  ~told[r];
			const nrm_mask roles = roles_like(changes, r, s, services, groups, n, all);
			for (uint32_t i = r; i < NRM_ROLE_END_; i++)
				told[i] |= nrm_has(roles, i) ? services : 0;
			for (uint32_t g = 0; g < n; g++, lines++)
				if (*left > 0) {
					print_group(title, roles, services, &groups[g], all);
					(*left)--;
				}
		}
	return lines;
}

static void print_value(const struct nrm_value_change *c, uint64_t value)
{
	switch (c->kind) {
	case NRM_VALUE_CODES:
		if (value == NRM_ANYONE)
			fputs("any", stdout);
		else
			print_names(c->values, value);
		break;
	case NRM_VALUE_YES:
		fputs(value ? "yes" : "no", stdout);
		break;
	default:
		printf("%llu %s", (unsigned long long)value,
		       c->kind == NRM_VALUE_DAYS ? "days" : "hours");
	}
}

struct sides {
	const char *old, *new;
};

static void print_value_change(void *of, const struct nrm_value_change *c)
{
	const struct sides *sides = of;

	printf("changed: %s", c->what);
	if (c->codes) {
		fputs(" of ", stdout);
		print_names(c->about, c->codes);
	}
	fputs(": ", stdout);
	print_value(c, c->before);
	fputs(" -> ", stdout);
	print_value(c, c->after);
	printf(" (%s:%u, %s:%u)\n", sides->old, c->old_line, sides->new, c->new_line);
}

uint32_t nrm_diff_print(const struct nrm_policy_diff *diff, struct nrm_policy_source *old,
			struct nrm_policy_source *new, bool all)
{
	struct sides sides = {nrm_policy_source_name(old), nrm_policy_source_name(new)};
	uint32_t left = all ? UINT32_MAX : SHORT_LINES, lines, values;
	const uint32_t room = left;

	lines = print_changes("newly let through", &diff->through, all, &left);
	lines += print_changes("newly stopped", &diff->stopped, all, &left);
	if (lines > room - left)
		printf("... and %u lines more: --all\n", lines - (room - left));
	values = nrm_policy_compare_values(old, new, print_value_change, &sides);
	printf("role x service x field: %u newly let through, %u newly stopped; %u values "
	       "changed\n",
	       diff->n_through, diff->n_stopped, values);
	printf("examined %llu combinations\n", (unsigned long long)diff->examined);
	return diff->n_through + diff->n_stopped + values;
}
