/*
 * mem_class - see mem_class.h.
 */
#include "runtime/base/mem_class.h"

/* The BEAM's heap sizes that fit a carrier, in words: 12, 38, then each the sum of the two before it and 1. */
static const uint16_t heap_words[] = { 12, 38, 51, 90, 142, 233, 376, 610, 987 };

static uint32_t round_up(size_t bytes, size_t step)
{
	return (uint32_t) ((bytes + step - 1) / step * step);
}

/* The step of the ladder that holds `bytes`: a word up to 128, then an eighth of the power of two below. */
static size_t ladder_step(size_t bytes)
{
	if (bytes <= 128)
		return WORD_BYTES;
	return (size_t) 1 << (63 - __builtin_clzl(bytes - 1)) >> 3;
}

static uint32_t own_bytes(size_t bytes)
{
	uint32_t ladder = round_up(size_max(bytes, MEM_CLASS_LEAST_BYTES), ladder_step(bytes));

	for (size_t i = 0; i < ARRAY_COUNT(heap_words); i++) {
		uint32_t heap = heap_words[i] * WORD_BYTES;
		if (heap >= bytes && heap < ladder)
			return heap;
	}
	return ladder;
}

/* The n-th of a carrier, in whole words. */
static uint32_t part_bytes(uint32_t parts)
{
	return MEM_CARRIER_ROOM_BYTES / parts / WORD_BYTES * WORD_BYTES;
}

/* 0: none of the parts is filled well enough. */
static uint32_t shared_bytes(size_t bytes)
{
	for (uint32_t parts = MEM_CLASS_PARTS; parts >= 1; parts--)
		if (bytes <= part_bytes(parts))
			return bytes >= part_bytes(parts) / 8 * 7 ? part_bytes(parts) : 0;
	return 0;
}

size_t mem_class_real_bytes(size_t bytes)
{
	if (bytes <= MEM_CLASS_OWN_BYTES)
		return own_bytes(bytes);
	uint32_t shared = shared_bytes(bytes);
	return shared ? shared : mem_class_large_bytes(bytes);
}

static void add(struct mem_classes *c, uint32_t bytes)
{
	CHECK(c->count < MEM_CLASS_MAX, "more than %u classes", MEM_CLASS_MAX);
	c->bytes[c->count] = bytes;
	c->capacity[c->count] = MEM_CARRIER_ROOM_BYTES / bytes;
	c->count++;
}

static void fill_steps(struct mem_classes *c)
{
	unsigned class = 0;

	for (size_t step = 0; step < ARRAY_COUNT(c->of_step); step++) {
		while (c->bytes[class] < step * MEM_CLASS_STEP_BYTES)
			class++;
		c->of_step[step] = (uint8_t) class;
	}
}

void mem_classes_init(struct mem_classes *c)
{
	c->count = 0;
	for (uint32_t bytes = 0; bytes < MEM_CLASS_OWN_BYTES; bytes = c->bytes[c->count - 1])
		add(c, own_bytes(bytes + 1));
	c->own_count = c->count;
	fill_steps(c);
	for (uint32_t parts = MEM_CLASS_PARTS; parts >= 1; parts--)
		add(c, part_bytes(parts));
}

unsigned mem_class_of_shared(const struct mem_classes *c, size_t bytes)
{
	for (unsigned class = c->own_count; class < c->count; class++)
		if (bytes <= c->bytes[class])
			return shared_bytes(bytes) ? class : MEM_CLASS_NONE;
	return MEM_CLASS_NONE;
}

size_t mem_class_large_bytes(size_t bytes)
{
	return (bytes + MEM_LARGE_HEAD_BYTES + MEM_PAGE_BYTES - 1) / MEM_PAGE_BYTES * MEM_PAGE_BYTES;
}
