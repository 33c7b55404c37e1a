/*
 * proto/base: slices, buffers and reading cursors, the arena.
 */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/base/arena.h"
#include "proto/base/buf.h"

static void test_slices(void **state)
{
	/* in order, and no two are equal */
	const struct nrm_slice sorted[] = {nrm_slice(NULL, 0), nrm_slice("\0", 1),
					   nrm_slice_str("A"), nrm_slice_str("AA"),
					   nrm_slice_str("a"), nrm_slice_str("\x80")};
	const size_t n = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++) {
			int c = nrm_slice_compare(sorted[i], sorted[j]);
			assert_int_equal((c > 0) - (c < 0), (i > j) - (i < j));
			assert_int_equal(nrm_slice_equal(sorted[i], sorted[j]), i == j);
		}
	assert_int_equal(nrm_slice_str(NULL).len, 0);
	assert_true(nrm_slice_equal(nrm_slice(NULL, 0), nrm_slice_str("")));
}

static void test_buf(void **state)
{
	static const uint8_t expected[] =
		"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0fhi\0xy";
	struct nrm_buf buf;

	(void)state;
	nrm_buf_init(&buf);
	assert_int_equal(nrm_buf_slice(&buf).len, 0);
	nrm_buf_put_u8(&buf, 1);
	nrm_buf_put_u16(&buf, 0x0203);
	nrm_buf_put_u32(&buf, 0x04050607);
	nrm_buf_put_u64(&buf, 0x08090a0b0c0d0e0full);
	nrm_buf_put_domain(&buf, "hi");
	nrm_buf_put(&buf, "xy", 2);
	nrm_buf_put(&buf, NULL, 0);
	assert_int_equal(buf.err, NRM_OK);
	assert_int_equal(buf.len, sizeof(expected) - 1);
	assert_memory_equal(buf.data, expected, buf.len);

	struct nrm_reader r = nrm_reader(nrm_buf_slice(&buf));
	assert_int_equal(nrm_take_u8(&r), 1);
	assert_int_equal(nrm_take_u16(&r), 0x0203);
	assert_int_equal(nrm_take_u32(&r), 0x04050607);
	assert_true(nrm_take_u64(&r) == 0x08090a0b0c0d0e0full);
	assert_int_equal(nrm_reader_end(&r), NRM_ERR_FORMAT); /* something is left */
	assert_true(nrm_slice_equal(nrm_take(&r, 3), nrm_slice("hi", 3)));
	uint8_t two[2];
	nrm_take_bytes(&r, two, 2);
	assert_memory_equal(two, "xy", 2);
	assert_int_equal(nrm_reader_end(&r), NRM_OK);

	nrm_buf_clear(&buf);
	assert_int_equal(buf.len, 0);
	for (unsigned i = 0; i < 10000; i++) /* over many moves */
		nrm_buf_put_u16(&buf, (uint16_t)i);
	assert_int_equal(buf.len, 20000);
	for (unsigned i = 0; i < 10000; i += 777)
		assert_int_equal(buf.data[2 * i] << 8 | buf.data[2 * i + 1], i);
	nrm_buf_done(&buf);
	assert_null(buf.data);
	nrm_buf_done(&buf);

	struct nrm_buf zeroed = {0};
	nrm_buf_put_u8(&zeroed, 1);
	nrm_buf_wipe(&zeroed);
	nrm_buf_wipe(&zeroed);
}

/* The first failure stays, later puts do nothing, a clear starts anew. */
static void test_buf_failure(void **state)
{
	struct nrm_buf buf = {0};

	(void)state;
	nrm_buf_put(&buf, "ab", 2);
	assert_null(nrm_buf_grow(&buf, SIZE_MAX));
	assert_int_equal(buf.err, NRM_ERR_LIMIT);
	assert_null(nrm_buf_grow(&buf, 1));
	nrm_buf_put_u64(&buf, 1);
	assert_int_equal(buf.len, 2);
	nrm_buf_clear(&buf);
	assert_int_equal(buf.err, NRM_OK);
	assert_non_null(nrm_buf_grow(&buf, 1));
	nrm_buf_done(&buf);
}

static void test_reader_past_the_end(void **state)
{
	static const uint8_t bytes[] = {1, 2, 3};
	uint8_t out[4] = {9, 9, 9, 9};

	(void)state;
	struct nrm_reader r = nrm_reader(nrm_slice(bytes, 3));
	assert_int_equal(nrm_take_u32(&r), 0);
	assert_true(r.failed);
	assert_int_equal(nrm_take_u8(&r),
			 0); /* though there would be a byte: a reader that failed gives nothing */
	nrm_take_bytes(&r, out, 4);
	assert_memory_equal(out, "\0\0\0\0", 4);
	assert_int_equal(nrm_take(&r, 0).len, 0);
	assert_int_equal(nrm_reader_end(&r), NRM_ERR_FORMAT);

	r = nrm_reader(nrm_slice(bytes, 3));
	assert_int_equal(nrm_take(&r, SIZE_MAX).len, 0);
	assert_true(r.failed);
	r = nrm_reader(nrm_slice(bytes, 3));
	assert_int_equal(nrm_take(&r, 3).len, 3);
	assert_int_equal(nrm_reader_end(&r), NRM_OK);
	r = nrm_reader(nrm_slice(NULL, 0));
	assert_int_equal(nrm_reader_end(&r), NRM_OK);
}

static void test_loads_and_stores(void **state)
{
	uint8_t b[8];

	(void)state;
	nrm_store_u64(b, 0x0102030405060708ull);
	assert_memory_equal(b, "\1\2\3\4\5\6\7\10", 8);
	assert_true(nrm_load_u64(b) == 0x0102030405060708ull);
	nrm_store_u32(b, UINT32_MAX - 1);
	assert_memory_equal(b, "\xff\xff\xff\xfe", 4);
	nrm_store_u16(b, 0xabcd);
	assert_memory_equal(b, "\xab\xcd", 2);
}

static void test_arena(void **state)
{
	static const uint8_t zeros[70000];
	struct nrm_arena arena;
	uint8_t *all[100];

	(void)state;
	nrm_arena_init(&arena, 200000);
	for (unsigned i = 0; i < 100; i++) {
		all[i] = nrm_arena_alloc(&arena, 1 + i);
		assert_non_null(all[i]);
		assert_int_equal((uintptr_t)all[i] % alignof(max_align_t), 0);
		assert_memory_equal(all[i], zeros, 1 + i);
		memset(all[i], (int)i + 1, 1 + i);
	}
	for (unsigned i = 0; i < 100; i++) /* none lies in another */
		for (unsigned j = 0; j <= i; j++)
			assert_int_equal(all[i][j], i + 1);
	uint8_t *large = nrm_arena_alloc(&arena, 70000); /* larger than a block */
	assert_non_null(large);
	assert_memory_equal(large, zeros, 70000);
	memset(large, 1, 70000);

	const char *copy = nrm_arena_copy(&arena, "abc", 3);
	assert_string_equal(copy, "abc");
	copy = nrm_arena_copy(&arena, NULL, 0);
	assert_string_equal(copy, "");

	nrm_arena_reset(&arena);
	assert_int_equal(arena.used, 0);
	uint8_t *again =
		nrm_arena_alloc(&arena, 1000); /* memory that is used again is zero again */
	assert_non_null(again);
	assert_memory_equal(again, zeros, 1000);
	nrm_arena_done(&arena);
	assert_null(arena.blocks);
	nrm_arena_done(&arena);
}

static void test_arena_ceiling(void **state)
{
	struct nrm_arena arena;

	(void)state;
	nrm_arena_init(&arena, 1024);
	assert_null(nrm_arena_alloc(&arena, 1025));
	assert_null(nrm_arena_alloc(&arena, SIZE_MAX));
	assert_null(nrm_arena_copy(&arena, "", SIZE_MAX));
	assert_non_null(nrm_arena_alloc(&arena, 1000)); /* a refusal costs nothing */
	assert_int_equal(arena.used, 1008);
	assert_null(nrm_arena_alloc(&arena, 17));
	assert_non_null(nrm_arena_alloc(&arena, 16));
	assert_null(nrm_arena_alloc(&arena, 1));
	nrm_arena_reset(&arena);
	assert_non_null(nrm_arena_alloc(&arena, 1024));
	nrm_arena_done(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slices),		 cmocka_unit_test(test_buf),
		cmocka_unit_test(test_buf_failure),	 cmocka_unit_test(test_reader_past_the_end),
		cmocka_unit_test(test_loads_and_stores), cmocka_unit_test(test_arena),
		cmocka_unit_test(test_arena_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
