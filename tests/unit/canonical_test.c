/*
 * Bytes are canonical exactly when packing what they unpack to gives them back: held to protobuf-c on good frames with a
 * few bytes changed, and on short strings made of the bytes that tags, lengths and numbers are made of.
 */
#include "proto/frame.pb-c.h"
#include "proto/trail.pb-c.h"
#include "proto/wire/canonical.h"
#include "proto/wire/message.h"
#include "tests/unit/draw.h"
#include "tests/unit/frames.h"

#define ROUNDS 200000

static bool packs_alike(const ProtobufCMessage *message, struct nrm_slice bytes)
{
	struct nrm_buf again = {0};

	assert_int_equal(nrm_message_pack(message, SIZE_MAX, &again), NRM_OK);
	const bool alike = nrm_slice_equal(nrm_buf_slice(&again), bytes);
	nrm_buf_done(&again);
	return alike;
}

/* How many were canonical, and how many not, of those that anybody asks about: the rest is refused before. */
static struct {
	size_t canonical, other;
} seen;

static void compare(const ProtobufCMessageDescriptor *type, struct nrm_slice bytes)
{
	ProtobufCMessage *message;
	struct nrm_arena arena;
	enum nrm_err err;

	nrm_arena_init(&arena, NRM_MAX_FRAME_ARENA);
	err = nrm_message_unpack(type, bytes, &arena, &message);
	if (err == NRM_OK)
		err = nrm_message_check(message, bytes);
	if (err == NRM_OK || err == NRM_ERR_CANONICAL) {
		if (packs_alike(message, bytes) != (err == NRM_OK))
			fail_msg("a %s of %zu bytes, seed %llu", type->short_name, bytes.len,
				 (unsigned long long)draw_seed);
		seen.canonical += err == NRM_OK;
		seen.other += err != NRM_OK;
	}
	nrm_arena_done(&arena);
}

/* Changes, removes, inserts or repeats some bytes of a copy. */
static struct nrm_slice damage(struct nrm_slice good, uint8_t room[static 2 * NRM_MAX_STATEMENT])
{
	size_t len = good.len, at, n;

	memcpy(room, good.data, len);
	for (uint32_t times = 1 + below(3); times > 0 && len > 8; times--) {
		at = below((uint32_t)len - 4);
		n = 1 + below(4);
		switch (below(4)) {
		case 0:
			room[at] ^= (uint8_t)(1u << below(8));
			break;
		case 1:
			memmove(room + at, room + at + n, len - at - n);
			len -= n;
			break;
		case 2:
			memmove(room + at + n, room + at, len - at);
			len += n;
			break;
		default:
			room[at] = (uint8_t)below(32);
		}
	}
	return nrm_slice(room, len);
}

static void test_damaged_frames(void **state)
{
	static const struct {
		const ProtobufCMessageDescriptor *type;
		struct nrm_to_broker (*make)(void);
	} from_agents[] = {
		{&nrm__to_broker__descriptor, hello},
		{&nrm__to_broker__descriptor, acknowledge},
		{&nrm__to_broker__descriptor, ask_proofs},
		{&nrm__to_broker__descriptor, ask_status},
	};
	static const struct {
		const ProtobufCMessageDescriptor *type;
		struct nrm_to_agent (*make)(void);
	} from_brokers[] = {
		{&nrm__to_agent__descriptor, welcome},
		{&nrm__to_agent__descriptor, proofs},
		{&nrm__to_agent__descriptor, statuses},
		{&nrm__to_agent__descriptor, refused_item},
	};
	uint8_t room[2 * NRM_MAX_STATEMENT];

	(void)state;
	draw_seed = 1;
	for (size_t i = 0; i < ROUNDS; i++) {
		const size_t k = i % 4;
		struct nrm_to_broker up = from_agents[k].make();
		struct nrm_to_agent down = from_brokers[k].make();
		const struct nrm_slice bytes[] = {to_broker(&up), to_agent(&down)};

		compare(from_agents[k].type, i < 8 ? bytes[0] : damage(bytes[0], room));
		compare(from_brokers[k].type, i < 8 ? bytes[1] : damage(bytes[1], room));
		if (i % 64 == 63)
			nrm_arena_reset(&messages_arena);
	}
	assert_true(seen.canonical > ROUNDS / 100);
	assert_true(seen.other > ROUNDS / 200);
}

static void test_damaged_statements(void **state)
{
	uint8_t room[2 * NRM_MAX_STATEMENT];

	(void)state;
	draw_seed = 2;
	for (size_t i = 0; i < ROUNDS; i++) {
		const struct nrm_statement statement = messages_statement((uint8_t)i);

		compare(&nrm__statement__descriptor, damage(messages_encoded(&statement), room));
		nrm_arena_reset(&messages_arena);
	}
}

static void test_short_strings(void **state)
{
	static const ProtobufCMessageDescriptor *const types[] = {
		&nrm__to_broker__descriptor,	 &nrm__to_agent__descriptor,
		&nrm__ask__descriptor,		 &nrm__ack__descriptor,
		&nrm__statement__descriptor,	 &nrm__view__descriptor,
		&nrm__consent_grant__descriptor, &nrm__message_status__descriptor,
	};
	static const uint8_t often[] = {0,    1,    2,	  3,	4,    5,    0x08, 0x0a,
					0x10, 0x12, 0x18, 0x1a, 0x20, 0x22, 0x28, 0x2a,
					0x30, 0x32, 0x7f, 0x80, 0x81, 0xff};
	uint8_t bytes[24];

	(void)state;
	draw_seed = 3;
	seen.canonical = seen.other = 0;
	for (size_t i = 0; i < 8 * ROUNDS; i++) {
		const size_t len = below(sizeof(bytes) + 1) / (1 + below(4));

		for (size_t k = 0; k < len; k++)
			bytes[k] = often[below(sizeof(often))];
		compare(types[i % (sizeof(types) / sizeof(*types))], nrm_slice(bytes, len));
	}
	assert_true(seen.canonical > ROUNDS / 10);
	assert_true(seen.other > ROUNDS / 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_damaged_frames),
		cmocka_unit_test(test_damaged_statements),
		cmocka_unit_test(test_short_strings),
	};

	return cmocka_run_group_tests_name("canonical", tests, messages_init, messages_done);
}
