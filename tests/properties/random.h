/* Random numbers that follow from a seed (splitmix64): a state for each user, so that threads share none. */
#ifndef NRM_TESTS_RANDOM_H
#define NRM_TESTS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t draw(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* The numbers of item `number` of a seed, whatever was drawn before. */
static inline struct random random_of(uint64_t seed, uint64_t number)
{
	struct random r = {seed};

	r.state = draw(&r) ^ number * 0xda942042e4dd58b5u;
	r.state = draw(&r);
	return r;
}

/* Less than n, which is not 0. */
static inline uint32_t below(struct random *r, uint32_t n)
{
	return (uint32_t)((draw(r) >> 32) * n >> 32);
}

static inline bool one_in(struct random *r, uint32_t n)
{
	return below(r, n) == 0;
}

/* The number of one of the bits of a mask; 0 when it has none. */
static inline uint32_t one_of(struct random *r, uint64_t mask)
{
	if (mask == 0)
		return 0;
	for (uint32_t skip = below(r, (uint32_t)__builtin_popcountll(mask)); skip > 0; skip--)
		mask &= mask - 1;
	return (uint32_t)__builtin_ctzll(mask);
}

#endif
