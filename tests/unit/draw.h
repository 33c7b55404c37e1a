/* Random numbers that follow from a seed, for tests (splitmix64). */
#ifndef NRM_TESTS_DRAW_H
#define NRM_TESTS_DRAW_H

#include <stdint.h>

static uint64_t draw_seed;

static inline uint64_t draw(void)
{
	uint64_t z = draw_seed += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static inline uint32_t below(uint32_t n)
{
	return (uint32_t)(draw() % n);
}

#endif
