/*
 * Whether bytes are the one encoding that their message has (protocol.md, "Checks"). Internal to proto/wire.
 */
#ifndef NRM_WIRE_CANONICAL_H
#define NRM_WIRE_CANONICAL_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>

#include "proto/base/slice.h"

/*
 * Whether `bytes` encode a message of `type` as we do: members that the type has, in ascending order, each once but for the
 * elements of a list; numbers in as few bytes as they take and within their type; lists of numbers packed, in one piece; no
 * default that says nothing; one member of a oneof; no zero byte in a string. Nested messages likewise. Reads bytes only and
 * takes no memory; recursion is as deep as the descriptors nest.
 */
bool nrm_canonical(const ProtobufCMessageDescriptor *type, struct nrm_slice bytes);

#endif
