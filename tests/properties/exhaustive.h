/*
 * Where the space is small, all of it: one consent that is valid, and every sender's role, recipient's role, service
 * and field.
 */
#ifndef NRM_TESTS_EXHAUSTIVE_H
#define NRM_TESTS_EXHAUSTIVE_H

#include "broker/core/decide.h"

/* Prints a line an invariant, with how much was examined; returns how many failed. */
uint32_t exhaustive(const struct nrm_policy *policy, uint32_t *ret_passed);

#endif
