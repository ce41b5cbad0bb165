/* literal - see the header. The range is reserved once and filled from the front; pages cost nothing before they are used. */
#include "runtime/memory/literal.h"

#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/memory/copy.h"

#define LITERAL_RANGE_BYTES (UINT64_C(4) << 30)
#define LITERAL_PAGE 4096u

#define GAPS 64u                        /* given back and not used again yet; when there are more, the smallest are forgotten */

struct gap { char *at; size_t bytes; };

struct area_of_literals {
	struct literals door;           /* first: what others see */
	pthread_mutex_t lock;
	char *top;
	struct gap gap[GAPS];
};

struct literals *literals_new(struct world *w, struct mem_lane *lane)
{
	(void) w;
	struct area_of_literals *l = mem_need(lane, MEM_SYSTEM, sizeof *l);
	char *range = mmap(NULL, LITERAL_RANGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(range != MAP_FAILED, "no address range for literals");
	l->door = (struct literals) { range, range + LITERAL_RANGE_BYTES };
	l->top = range;
	memset(l->gap, 0, sizeof l->gap);
	pthread_mutex_init(&l->lock, NULL);
	return &l->door;
}

void literals_free(struct literals *l, struct mem_lane *lane)
{
	pthread_mutex_destroy(&((struct area_of_literals *) l)->lock);
	munmap(l->start, (size_t) (l->end - l->start));
	mem_give(lane, MEM_SYSTEM, l, sizeof(struct area_of_literals));
}

/* From the smallest gap that fits, else from the end; NULL: full. */
static char *room_for(struct area_of_literals *l, size_t bytes)
{
	struct gap *best = NULL;
	for (struct gap *g = l->gap; g < l->gap + GAPS; g++)
		if (g->bytes >= bytes && (!best || g->bytes < best->bytes))
			best = g;
	char **from = best ? &best->at : &l->top, *at = *from;
	if (!best && (size_t) (l->door.end - at) < bytes)
		return NULL;
	*from += bytes;
	if (best)
		best->bytes -= bytes;
	return at;
}

/* Off-heap payloads of a literal stay retained as long as it lives. */
term literal_make(struct literals *door, struct world *w, struct mem_lane *lane, term t)
{
	struct area_of_literals *l = (struct area_of_literals *) door;
	size_t bytes = term_flat_words(NULL, t) * WORD_BYTES;
	(void) w;
	if (bytes == 0)
		return t;
	pthread_mutex_lock(&l->lock);
	char *at = room_for(l, bytes);
	pthread_mutex_unlock(&l->lock);
	if (!at)
		return TERM_NONE;
	term *top = (term *) (void *) at, *handles = NULL;
	uint64_t handle_words = 0;
	term made = term_copy(NULL, t, &top, &handles, &handle_words);
	mem_charge(lane, CHARGE_CODE, (int64_t) bytes);
	return made;
}

static void drop_payloads(struct mem_lane *lane, const term *at, const term *end)
{
	while (at < end) {
		if (!term_is_header(*at)) {
			at++;
			continue;
		}
		if (header_kind(*at) == BOX_REFC)
			refc_drop(lane, (struct refc *) at[REFC_PAYLOAD].word);
		at += header_is_raw(*at) ? 1 + header_words(*at) : 1;
	}
}

/* The smallest gap makes place: what it held is lost until the world ends, as are addresses only, not memory. */
static void remember_gap(struct area_of_literals *l, char *at, size_t bytes)
{
	struct gap *smallest = l->gap;
	for (struct gap *g = l->gap; g < l->gap + GAPS; g++)
		if (g->bytes < smallest->bytes)
			smallest = g;
	if (bytes > smallest->bytes)
		*smallest = (struct gap) { at, bytes };
}

static void give_pages_back(char *at, size_t bytes)
{
	uintptr_t from = ((uintptr_t) at + LITERAL_PAGE - 1) & ~(uintptr_t) (LITERAL_PAGE - 1), end = ((uintptr_t) at + bytes) & ~(uintptr_t) (LITERAL_PAGE - 1);
	if (end > from)
		madvise((void *) from, end - from, MADV_DONTNEED);
}

void literal_drop(struct literals *door, struct mem_lane *lane, term *from, size_t words)
{
	struct area_of_literals *l = (struct area_of_literals *) door;
	size_t bytes = words * WORD_BYTES;
	drop_payloads(lane, from, from + words);
	give_pages_back((char *) from, bytes);
	pthread_mutex_lock(&l->lock);
	remember_gap(l, (char *) from, bytes);
	pthread_mutex_unlock(&l->lock);
	mem_charge(lane, CHARGE_CODE, -(int64_t) bytes);
}
