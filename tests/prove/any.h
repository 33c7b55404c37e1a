/*
 * Inputs about which nothing is known, for Frama-C alone: this folder is analysed, never compiled or run.
 *
 * What is unknown stands for every value at once. A bool is 0 or 1, which C demands of whoever stores one; all
 * else, enums included, has any bit pattern.
 */
#ifndef NRM_TESTS_PROVE_ANY_H
#define NRM_TESTS_PROVE_ANY_H

#include <__fc_builtin.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void any_bytes(void *p, size_t len)
{
	Frama_C_make_unknown(p, len);
}

static inline bool any_bool(void)
{
	return Frama_C_interval(0, 1) != 0;
}

/* From `low` to `high`, both included. */
static inline uint64_t any_between(uint64_t low, uint64_t high)
{
	return Frama_C_unsigned_long_long_interval(low, high);
}

static inline uint32_t any_u32(void)
{
	return Frama_C_unsigned_int_interval(0, UINT32_MAX);
}

static inline uint64_t any_u64(void)
{
	return any_between(0, UINT64_MAX);
}

#endif
