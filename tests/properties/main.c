/*
 * Tries every property of the decision on random inputs, in several threads. Each input and its verdict serve all
 * properties. A failure is made plain and printed as a scenario; the run goes on with the other properties.
 */
#include <argp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "broker/policy/policy_file.h"
#include "proto/crypto/crypto.h"
#include "tests/properties/exhaustive.h"
#include "tests/properties/print.h"
#include "tests/properties/reach.h"
#include "tests/properties/shrink.h"

#define MOST_PROPERTIES 64
#define MOST_THREADS	256
#define BLOCK		4096   /* numbers that a thread takes at once */
#define ENOUGH		100000 /* inputs in which everything comes */
#define NONE		UINT64_MAX

struct arguments {
	uint64_t count, seed, only;
	uint32_t threads;
	const char *property;
	bool exhaustive;
};

struct run {
	const struct arguments *set;
	const struct nrm_policy *policy;
	_Atomic uint64_t next;
	_Atomic uint64_t
		failed[MOST_PROPERTIES]; /* number of an input on which it fails, or NONE */
};

struct worker {
	struct run *run;
	pthread_t thread;
	struct trial trial;
	struct reach reach;
	uint64_t tried[MOST_PROPERTIES], weighed[MOST_PROPERTIES];
};

static bool chosen(const struct arguments *set, uint32_t property)
{
	return !set->property || strcmp(set->property, properties[property].name) == 0;
}

static void try_all(struct worker *w, uint64_t number)
{
	struct run *run = w->run;
	struct nrm_verdict verdict;
	struct input in;

	input_draw(&in, run->policy, run->set->seed, number);
	verdict = input_decide(run->policy, &in);
	reach_count(&w->reach, &verdict);
	for (uint32_t p = 0; p < n_properties; p++) {
		uint64_t none = NONE;
		if (!chosen(run->set, p) || run->failed[p] != NONE)
			continue;
		const enum finding finding =
			property_try(&properties[p], &w->trial, run->policy, &in, &verdict);
		w->tried[p]++;
		w->weighed[p] += finding == HOLDS;
		if (finding == FAILS)
			atomic_compare_exchange_strong(&run->failed[p], &none, number);
	}
}

static void *work(void *arg)
{
	struct worker *w = arg;
	const struct arguments *set = w->run->set;

	if (set->only != NONE) {
		try_all(w, set->only);
		return NULL;
	}
	for (;;) {
		const uint64_t first = atomic_fetch_add(&w->run->next, BLOCK);
		for (uint64_t n = first; n < first + BLOCK; n++) {
			if (n >= set->count)
				return NULL;
			try_all(w, n);
		}
	}
}

/* ---- The report ---- */

static void print_failure(const struct run *run, uint32_t property, struct trial *t)
{
	const uint64_t number = run->failed[property];
	struct input in;

	input_draw(&in, run->policy, run->set->seed, number);
	shrink(&properties[property], t, run->policy, &in);
	printf("\n# FAILED %s: %s\n# properties --seed %llu --only %llu --property %s\n",
	       properties[property].name, properties[property].sentence,
	       (unsigned long long)run->set->seed, (unsigned long long)number,
	       properties[property].name);
	if (t->other_policy)
		print_narrower(stdout, t);
	print_participants(stdout, t->in);
	print_case(stdout, "as decided", t->in, &t->verdict);
	if (t->compared)
		print_case(stdout, "compared with", &t->other, &t->after);
	printf("\n");
}

/* A property that hardly ever says anything has not been tested. */
static bool print_property(const struct run *run, uint32_t p, const struct worker *sum)
{
	const bool failed = run->failed[p] != NONE;
	const bool idle = sum->weighed[p] < sum->tried[p] / 1000 && sum->tried[p] >= ENOUGH;

	printf("%-28s %s %9llu inputs, %9llu of weight: %s\n", properties[p].name,
	       failed ? "FAILED"
	       : idle ? "IDLE  "
		      : "ok    ",
	       (unsigned long long)sum->tried[p], (unsigned long long)sum->weighed[p],
	       properties[p].sentence);
	return !failed && !idle;
}

static void print_input(const struct run *run)
{
	struct nrm_verdict verdict;
	struct input in;

	input_draw(&in, run->policy, run->set->seed, run->set->only);
	verdict = input_decide(run->policy, &in);
	print_participants(stdout, &in);
	print_case(stdout, "as decided", &in, &verdict);
}

static uint32_t report(const struct run *run, struct worker *sum, uint32_t *ret_passed)
{
	uint32_t failed = 0, passed = 0;

	for (uint32_t p = 0; p < n_properties; p++)
		if (chosen(run->set, p)) {
			if (print_property(run, p, sum))
				passed++;
			else
				failed++;
		}
	if (run->set->only != NONE)
		print_input(run);
	else if (!run->set->property && run->set->count >= ENOUGH) {
		if (reach_print(stdout, &sum->reach, run->policy) == 0)
			passed++;
		else
			failed++;
	}
	for (uint32_t p = 0; p < n_properties; p++)
		if (run->failed[p] != NONE)
			print_failure(run, p, &sum->trial);
	*ret_passed = passed;
	return failed;
}

/* ---- Running ---- */

static uint32_t run_all(const struct arguments *set, const struct nrm_policy *policy,
			uint32_t *ret_passed)
{
	struct worker *worker = calloc(set->threads, sizeof(*worker));
	struct run run = {.set = set, .policy = policy};
	uint32_t failed = 1;

	if (!worker)
		return failed;
	for (uint32_t p = 0; p < MOST_PROPERTIES; p++)
		run.failed[p] = NONE;
	for (uint32_t i = 0; i < set->threads; i++)
		worker[i].run = &run;
	for (uint32_t i = 1; i < set->threads; i++)
		if (pthread_create(&worker[i].thread, NULL, work, &worker[i]) != 0)
			abort();
	work(&worker[0]);
	for (uint32_t i = 1; i < set->threads; i++) {
		pthread_join(worker[i].thread, NULL);
		reach_add(&worker[0].reach, &worker[i].reach);
		for (uint32_t p = 0; p < n_properties; p++) {
			worker[0].tried[p] += worker[i].tried[p];
			worker[0].weighed[p] += worker[i].weighed[p];
		}
	}
	failed = report(&run, &worker[0], ret_passed);
	free(worker);
	return failed;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct arguments *a = state->input;

	switch (key) {
	case 'c':
		a->count = strtoull(arg, NULL, 10);
		return 0;
	case 's':
		a->seed = strtoull(arg, NULL, 10);
		return 0;
	case 'o':
		a->only = strtoull(arg, NULL, 10);
		return 0;
	case 'p':
		a->property = arg;
		for (uint32_t p = 0; p < n_properties; p++)
			if (chosen(a, p))
				return 0;
		argp_error(state, "no property is called %s", arg);
		return 0;
	case 't':
		a->threads = (uint32_t)strtoul(arg, NULL, 10);
		if (a->threads == 0 || a->threads > MOST_THREADS)
			argp_error(state, "expected 1 to %u threads", MOST_THREADS);
		return 0;
	case 'x':
		a->exhaustive = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int main(int argc, char **argv)
{
	static const struct argp_option options[] = {
		{"count", 'c', "N", 0, "Inputs for each property (default 5000000)", 0},
		{"seed", 's', "S", 0, "Of the inputs (default 1)", 0},
		{"only", 'o', "N", 0, "Only input N, which is printed", 0},
		{"property", 'p', "NAME", 0, "Only this property", 0},
		{"threads", 't', "N", 0, "Default: one a processor", 0},
		{"exhaustive", 'x', NULL, 0,
		 "No random inputs: every role, service and field for one valid consent", 0},
		{NULL, 0, NULL, 0, NULL, 0}};
	static const struct argp argp = {
		options, parse, NULL, "Tries the properties of the decision.", NULL, NULL, NULL};
	const long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct arguments a = {
		.count = 5000000,
		.seed = 1,
		.only = NONE,
		.threads = processors > 0 && processors < MOST_THREADS ? (uint32_t)processors : 1};
	char error[NRM_POLICY_ERROR_LEN];
	struct nrm_policy *policy;
	uint32_t passed = 0, failed;

	argp_parse(&argp, argc, argv, 0, NULL, &a);
	if (a.only != NONE)
		a.threads = 1;
	if (nrm_crypto_init() != NRM_OK ||
	    nrm_policy_load(NRM_SOURCE "/config/policy.yaml", &policy, error) != NRM_OK) {
		fprintf(stderr, "properties: %s\n", error);
		return 2;
	}
	failed = a.exhaustive ? exhaustive(policy, &passed) : run_all(&a, policy, &passed);
	nrm_policy_free(policy);
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
